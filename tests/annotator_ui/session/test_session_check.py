"""What makes no sense now is refused, with words that say what would; and what the engine is asked for by the rest."""

from fractions import Fraction

import pytest

from annotator_ui.session import applied, begin, check, parse, to_draw, to_spread, to_store
from engine import rle
from engine.errors import InputError
from engine.propagate import Rule
from engine.propagate_edits import Deed as Change
from engine.propagate_edits import Edit
from engine.types import Clip, Origin, Point, Prompt, Track

CLIP = Clip("clip", "video", "media", 0, 10, 40, 20, Fraction(30))
TRACKS = (Track(1, "cue"), Track(2, "red"))
PAINT = {
    "size": [20, 40],
    "counts": rle.to_coco(rle.encode(rle.decode(rle.empty((20, 40))) | True))["counts"],
}
NOTHING = rle.to_coco(rle.empty((20, 40)))


def click(frame: int, track: int = 1, x: float = 5, **more) -> dict:
    return {"kind": "prompt", "frame": frame, "track": track, "point": [x, 5, True], **more}


def paint(track: int = 1, mask: object = PAINT, **more) -> dict:
    return {"kind": "prompt", "frame": 3, "track": track, "mask": mask, **more}


def edit(deed: str, **more) -> dict:
    return {"kind": "edit", "deed": deed, "track": 1, "frames": [0, 5], **more}


def after(*bodies: dict, tracks=TRACKS):
    session = begin(CLIP, head=100, tracks=TRACKS)
    for seq, body in enumerate(bodies, 1):
        session = applied(session, parse(body), seq=seq, after=100 + seq, tracks=tracks)
    return session


@pytest.mark.parametrize(
    "body",
    [
        click(0),
        click(9, 2, 40),
        click(9, 3, label="blue"),
        {"kind": "prompt", "frame": 3, "track": 1, "box": [-5, -5, 6, 6], "point": None},
        paint(),
        paint(3, label="blue"),
        paint(1, NOTHING),
        {"kind": "hide", "frame": 9, "track": 2, "why": "occluded"},
        edit("swap", other=2),
        edit("merge", other=2),
        edit("split", other=3),
        edit("split", other=7, label="blue"),
        edit("relabel", label="blue"),
        edit("delete"),
        edit("fill"),
        {"kind": "confirm", "frames": [0, 10], "on": True},
    ],
)
def test_what_makes_sense_on_a_fresh_clip(body) -> None:
    check(after(), parse(body))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (click(10), "frame 10 is outside the clip: its frames are 0 to 9"),
        (click(3, x=41), "click at .* is outside 40 x 20"),
        (click(3, 3), "ball 3 is new: name its class"),
        (paint(3, NOTHING, label="blue"), "ball 3 is new: .* show where it is"),
        (paint(1, rle.to_coco(rle.empty((10, 40)))), "mask of .10, 40., the picture is .20, 40."),
        ({"kind": "prompt", "frame": 3, "track": 1, "box": [9, 9, 3, 3]}, "no part inside"),
        ({"kind": "hide", "frame": 10, "track": 1, "why": "absent"}, "outside the clip"),
        ({"kind": "hide", "frame": 3, "track": 3, "why": "absent"}, "no ball 3; there are .1, 2."),
        ({"kind": "spread"}, "nothing is left to propagate: click, box or paint first"),
        ({"kind": "spread", "tracks": [3]}, "no ball 3"),
        ({"kind": "spread", "frames": [5, 11]}, "outside the clip"),
        (edit("swap", other=3), "no track 3"),
        (edit("merge", other=3), "no track 3"),
        (edit("delete", track=3), "no track 3"),
        (edit("split", other=2), "track 2 is there already; take 3"),
        (edit("delete", frames=[5, 11]), "outside the clip"),
        ({"kind": "confirm", "frames": [5, 11], "on": True}, "outside the clip"),
        ({"kind": "undo"}, "nothing to undo"),
        ({"kind": "redo"}, "nothing to redo"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(body, why) -> None:
    with pytest.raises(InputError, match=why):
        check(after(), parse(body))


def test_after_a_click_there_is_something_to_spread_of_its_ball_and_frames_only() -> None:
    session = after(click(3))
    check(session, parse({"kind": "spread"}))
    check(session, parse({"kind": "spread", "tracks": [1, 2], "frames": [3, 4]}))
    for chosen in ({"tracks": [2]}, {"frames": [4, 10]}):
        with pytest.raises(InputError, match="is left to propagate"):
            check(session, parse({"kind": "spread", **chosen}))


def test_a_number_that_a_ball_had_once_is_no_new_ball() -> None:
    three = (*TRACKS, Track(3, "blue"))
    session = after(click(3, 3, label="blue"), tracks=three)
    undone = applied(session, parse({"kind": "undo"}), seq=2, after=102, tracks=TRACKS)
    for body in (click(4, 3, label="red"), edit("split", other=3)):
        with pytest.raises(InputError, match="ball 3 was another one before; take 4"):
            check(undone, parse(body))
    check(undone, parse({"kind": "redo"}))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (None, "expected an object"),
        ([], "expected an object"),
        ({}, "action of kind 'None'; there are prompt, hide"),
        ({"kind": ["undo"]}, "action of kind"),
        ({"kind": "hide", "frame": 1, "track": 1}, "it lacks why"),
        ({"kind": "undo", "much": 3}, "it has no much"),
        (click(True), "frame 'True': expected a whole number"),
        (click(1.5), "frame '1.5': expected a whole number"),
        (click(10**6000), "ordinary size"),
        (click(-1), "expected a whole number from 0"),
        (click(1, 0), "balls from 1"),
        (click(1, x=float("nan")), "expected a number of pixels"),
        (click(1, x="5"), "expected a number of pixels"),
        ({"kind": "prompt", "frame": 1, "track": 1}, "give one point, one box or one mask"),
        (click(1, box=[1, 2, 3, 4]), "give one point, one box or one mask"),
        (click(1, point=[1, 2, 1]), "expected true or false"),
        (click(1, point=[1, 2]), "expected a point"),
        (click(1, label=" red"), "expected a text"),
        (click(1, label="r\ud800d"), "expected a text"),
        (click(1, label="r" * 101), "expected 100 at most"),
        (paint(mask={"size": [2, 2], "counts": "zz"}), "run"),
        (paint(mask={"size": [-2, -2], "counts": "4"}), "expected a picture's height and width"),
        ({"kind": "hide", "frame": 1, "track": 1, "why": "tired"}, "expected absent or occluded"),
        ({"kind": "spread", "tracks": []}, "expected numbers of balls"),
        ({"kind": "spread", "tracks": 3}, "expected a list of balls"),
        ({"kind": "spread", "frames": [3, 3]}, "no run of frames"),
        (edit("explode"), "expected one of swap"),
        (edit("replace"), "is a prompt with a mask|give one mask"),
        (edit("swap"), "expected another track, got 0"),
        (edit("relabel"), "name the class"),
        ({"kind": "confirm", "frames": [1, 2], "on": 1}, "expected true or false"),
    ],
)
def test_what_is_no_action_is_refused_with_a_reason(body, why) -> None:
    with pytest.raises(InputError, match=why):
        parse(body)


def prompt(frame: int, track: int, *x: float) -> Prompt:
    return Prompt(frame, track, points=tuple(Point(at, 5) for at in x), origin=Origin.PERSON)


def test_a_click_asks_for_its_ball_on_its_frame_from_all_that_was_said_there() -> None:
    asked = to_draw(after(click(3), click(4), click(3, 2)), parse(click(3, x=9, label="blue")))
    assert asked.prompts == (prompt(3, 1, 5, 9),)
    assert (asked.clip, asked.parent, asked.frames) == ("clip", 103, range(3, 4))
    assert (asked.labels, asked.earlier, asked.held) == ({}, (), frozenset())
    assert to_draw(after(), parse(click(3, 3, label="blue"))).labels == {3: "blue"}


def test_a_spread_asks_with_what_was_said_earlier_around_what_is_held() -> None:
    confirm = {"kind": "confirm", "frames": [8, 9], "on": True}
    hide = {"kind": "hide", "frame": 7, "track": 1, "why": "absent"}
    session = after(click(3), {"kind": "spread"}, click(5), hide, confirm)
    deed = parse({"kind": "spread", "frames": [2, 9]})
    asked = to_spread(session, deed)
    assert (asked.prompts, asked.earlier) == ((prompt(5, 1, 5),), (prompt(3, 1, 5),))
    assert (asked.frames, asked.held) == (range(2, 9), {(7, 1), (8, 0)})
    assert to_spread(session, deed, over_confirmed=True).held == {(7, 1)}


def test_a_spread_carries_finer_mends_than_the_engine_would_by_itself() -> None:
    asked = to_spread(after(click(3)), parse({"kind": "spread"}))
    ball = 300.0  # pixels, 20 across
    assert asked.rule.least(ball) > Rule().least(ball)
    assert asked.rule.stable == Rule().stable


def test_what_needs_no_model_is_an_edit() -> None:
    session, here = after(), range(3, 4)
    assert to_store(session, parse(click(3))) is None
    painted = Edit(Change.REPLACE, 1, here, label="blue", mask=rle.from_coco(PAINT))
    assert to_store(session, parse(paint(label="blue"))) == painted
    hidden = {"kind": "hide", "frame": 3, "track": 1, "why": "absent"}
    assert to_store(session, parse(hidden)) == Edit(
        Change.REPLACE, 1, here, mask=rle.empty((20, 40))
    )
    assert to_store(session, parse(edit("swap", other=2))) == Edit(Change.SWAP, 1, range(5), 2)
