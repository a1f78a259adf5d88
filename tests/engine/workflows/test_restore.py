"""Going back to other masks of a clip: to nothing too, reading only what can differ, and saying what asked for it."""

from collections.abc import Iterator

import pytest

from engine.fakes.queue import MemoryDatabase
from engine.fakes.scene import Disc, Scene, rests
from engine.propagate_edits import Deed, Edit
from engine.propagate_reading import differing
from engine.types import FrameMasks, Kind, Revision, Track, Video
from engine.workflows.correct import Desk, edit_clip, restore, rows_of

SCENE = Scene(
    [Disc((200, 20, 20), "cue", rests(20, 20)), Disc((20, 20, 200), "solid", rests(60, 60))], 40
)
CLIP = SCENE.clip
TRACKS = (Track(1, "cue"), Track(2, "solid"))


class Watched:
    """A store that notes which frames were read of it."""

    def __init__(self, books: MemoryDatabase) -> None:
        self._books, self.read = books, set[int]()

    def __getattr__(self, name: str) -> object:
        return getattr(self._books.revisions, name)

    def frames(self, revision: int, **more: int) -> Iterator[FrameMasks]:
        for row in self._books.revisions.frames(revision, **more):
            self.read.add(row.frame)
            yield row


@pytest.fixture
def desk() -> Desk:
    books = MemoryDatabase()
    video = Video(CLIP.video, "a.mp4", "", CLIP.width, CLIP.height, CLIP.rate, CLIP.frames)
    books.catalog.add_video(video, [CLIP])
    first = Revision(CLIP.id, None, Kind.MANUAL, "ada", TRACKS)
    books.revisions.append(first, [SCENE.truth(frame) for frame in range(CLIP.frames)])
    return Desk(books.catalog, Watched(books), "ada")


def _rows(desk: Desk, revision: int) -> list[FrameMasks]:
    return list(desk.revisions.frames(revision))


def test_back_to_nothing_no_ball_is_left(desk: Desk) -> None:
    made = restore(desk, CLIP.id, parent=1, to=None)
    assert made is not None
    assert made.tracks == ()
    assert all(row.masks == () for row in _rows(desk, made.id))
    assert made.provenance["restored"] == ""
    back = restore(desk, CLIP.id, parent=made.id, to=1)
    assert back is not None
    assert (_rows(desk, back.id), back.tracks) == (_rows(desk, 1), TRACKS)


def test_only_frames_that_may_differ_are_read(desk: Desk) -> None:
    edited = edit_clip(desk, CLIP.id, Edit(Deed.DELETE, 1, range(5, 8)), parent=1)
    assert edited is not None
    desk.revisions.read.clear()
    made = restore(desk, CLIP.id, parent=edited.id, to=1, frames=(5, 6, 7))
    assert desk.revisions.read == {5, 6, 7}
    assert made is not None
    assert _rows(desk, made.id) == _rows(desk, 1)


def test_frames_that_turn_out_the_same_are_not_stored(desk: Desk) -> None:
    assert restore(desk, CLIP.id, parent=1, to=1, frames=range(10)) is None


def test_the_record_says_what_asked_for_it(desk: Desk) -> None:
    names = {"action": "7"}
    edit = Edit(Deed.SWAP, 1, range(5, 8), 2)
    edited = edit_clip(desk, CLIP.id, edit, parent=1, names=names)
    assert edited is not None
    assert edited.provenance["action"] == "7"
    made = restore(desk, CLIP.id, parent=edited.id, to=1, names=names)
    assert made is not None
    assert (made.provenance["action"], made.provenance["restored"]) == ("7", "1")


def test_two_versions_differ_where_one_was_changed(desk: Desk) -> None:
    edited = edit_clip(desk, CLIP.id, Edit(Deed.DELETE, 1, range(5, 8)), parent=1)
    one, other = (
        rows_of(desk.revisions, CLIP, desk.revisions.revision(1)),
        rows_of(desk.revisions, CLIP, edited),
    )
    assert differing(one, other, range(40)) == [5, 6, 7]
    assert differing(one, other, [30, 7, 7, 2]) == [7]
    assert differing(one, one, range(40)) == []
