"""What fills the picture besides balls: pieces in depth, tables, people, graphics, noise."""

from dataclasses import replace

import numpy as np
import pytest

from engine.synth import overlay, people, post, raster, shadow, texture
from engine.synth.camera import Camera, look
from engine.synth.furniture import facets
from engine.synth.lens import Lens
from engine.synth.light import random_lighting, to_linear
from engine.synth.overlay import Patch
from engine.synth.people import Limb
from engine.synth.raster import Facet
from engine.synth.surroundings import room
from engine.synth.table import KINDS, Table, random_table

RED, BLUE = (200.0, 0.0, 0.0), (0.0, 0.0, 200.0)
BENT = Lens(k1=-0.3, limit=0.9)


def sheet(height: float, colour: tuple[float, float, float], half: float = 0.3) -> Facet:
    return Facet(
        np.array([-half, half, height]),
        np.array([2 * half, 0, 0]),
        np.array([0, -2 * half, 0]),
        texture.plain(colour, (16, 16)),
    )


def painted(camera: Camera, *pieces: Facet) -> raster.Stage:
    stage = raster.empty(camera)
    for piece in pieces:
        raster.paint(stage, piece)
    return stage


@pytest.mark.parametrize("lens", [Lens(), BENT])
def test_the_nearer_of_two_pieces_is_seen_whatever_is_painted_first(
    lens: Lens, above: Camera
) -> None:
    camera = replace(above, lens=lens)
    low, high = sheet(0.0, RED), sheet(0.5, BLUE)
    for order in ((low, high), (high, low)):
        picture = raster.reduce(painted(camera, *order))
        assert picture[96, 160].tolist() == [0, 0, 200]


@pytest.mark.parametrize("lens", [Lens(), BENT])
def test_depth_is_that_of_the_piece(lens: Lens, above: Camera) -> None:
    stage = painted(replace(above, lens=lens), sheet(0.5, BLUE))
    assert stage.near[192, 320] == pytest.approx(1 / 2.5, rel=1e-4)
    assert stage.near[0, 0] == 0


@pytest.mark.parametrize("lens", [Lens(), BENT, Lens(k1=0.2, limit=0.9)])
def test_a_piece_covers_what_its_outline_encloses(lens: Lens, above: Camera) -> None:
    camera = replace(above, lens=lens)
    seen = raster.reduce(painted(camera, sheet(0.0, RED)))[..., 0] > 100
    rows, columns = np.nonzero(seen)
    corners, _ = camera.project(np.array([(-0.3, 0.3, 0), (0.3, -0.3, 0)]))
    edges, _ = camera.project(np.array([(-0.3, 0, 0), (0.3, 0, 0), (0, -0.3, 0), (0, 0.3, 0)]))
    both = np.concatenate([corners, edges])
    assert columns.min() == pytest.approx(both[:, 0].min(), abs=1)
    assert columns.max() + 1 == pytest.approx(both[:, 0].max(), abs=1)
    assert rows.min() == pytest.approx(both[:, 1].min(), abs=1)


def test_a_bent_lens_paints_what_a_straight_one_does_where_it_bends_nothing(above: Camera) -> None:
    pieces = [sheet(0.0, RED), sheet(0.3, BLUE, 0.1)]
    straight = raster.reduce(painted(above, *pieces)).astype(int)
    barely = replace(above, lens=Lens(k1=-1e-9))
    bent = raster.reduce(painted(barely, *pieces)).astype(int)
    assert (np.abs(straight - bent).max(axis=2) > 8).mean() < 0.004


def test_pieces_behind_the_camera_are_not_painted(above: Camera) -> None:
    assert not raster.reduce(painted(above, sheet(4.0, RED))).any()


def test_transparent_parts_let_through_what_is_below(above: Camera) -> None:
    net = sheet(0.2, BLUE)
    net.canvas[..., 3] = 0
    assert raster.reduce(painted(above, sheet(0.0, RED), net))[96, 160].tolist() == [200, 0, 0]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_tables_have_the_size_of_their_kind_and_a_cloth_that_is_seen(
    kind: str, above: Camera
) -> None:
    rng = np.random.default_rng(3)
    table = random_table(rng, kind)
    assert (table.length, table.width) == KINDS[kind][:2]
    lamps = random_lighting(rng, length=table.length, width=table.width)
    picture = raster.reduce(painted(above, *facets(rng, table, lamps)))
    middle = picture[70:120, 120:200].reshape(-1, 3).mean(axis=0)
    assert np.abs(middle - np.asarray(table.cloth)).max() < 75


def test_rooms_have_a_floor_and_never_a_wall_between_camera_and_table(pool: Table) -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        eye = look(
            np.zeros(3), distance=6.0, yaw=0.3, elevation=0.4, roll=0, focal=400.0, size=(320, 192)
        )  # fmt: skip
        pieces = room(rng, pool, eye.centre)
        stage = painted(eye, *pieces)
        depth = eye.project(np.zeros(3))[1]
        assert stage.near[192, 320] < 1 / float(depth) + 1e-6
        assert len(pieces) >= 2


def test_people_cover_what_is_behind_them_and_not_what_is_before(above: Camera) -> None:
    arm = Limb(np.array([-0.2, 0, 0.3]), np.array([0.2, 0, 0.3]), 0.05, 0.05, (220.0, 170.0, 150.0))
    for height, seen in ((0.0, True), (1.0, False)):
        stage = painted(above, sheet(height, RED, 0.5))
        picture = raster.reduce(stage)
        covered = people.paint(stage, [arm], picture)
        assert (covered[96, 160] >= 128) == seen
        assert (picture[96, 160, 1] > 50) == seen


def test_what_is_covered_by_people_is_what_was_painted(above: Camera) -> None:
    stage = painted(above, sheet(0.0, RED, 1.5))
    before = raster.reduce(stage)
    after = before.copy()
    dress = people.random_dress(np.random.default_rng(2))
    player = people.shooter(
        dress, tip=np.array([0.0, 0.0, 0.03]), aim=np.array([1.0, 0.0]), bridge=0.2, stroke=0.05, hand=1.0
    )  # fmt: skip
    covered = people.paint(stage, player, after)
    assert not (before != after).any(axis=2)[covered == 0].any()
    assert (covered >= 128).sum() > 500


def test_a_player_has_a_cue_that_points_at_the_ball() -> None:
    dress = people.random_dress(np.random.default_rng(2))
    tip = np.array([0.0, 0.0, 0.03])
    stick = people.cue(dress, tip, np.array([-1.0, 0.0, 0.05]))
    assert min(float(np.linalg.norm(limb.b - tip)) for limb in stick) < 1e-9
    assert max(limb.thick for limb in stick) < 0.02


def test_graphics_lie_on_the_picture_where_they_cover_and_nowhere_else() -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    canvas = np.full((10, 20, 4), 255, np.uint8)
    down, right, cover = overlay.lay(Patch(50, 35, canvas), picture)
    assert cover.shape == (5, 10)
    assert picture[35:, 50:].min() == 255
    assert picture.sum() == picture[down, right].sum()


def test_graphics_grow_with_the_picture() -> None:
    def widest(size: tuple[int, int]) -> int:
        patches = [p for k in range(20) for p in overlay.sized(np.random.default_rng(k), size)]
        return max(patch.canvas.shape[0] for patch in patches)

    assert widest((2160, 3840)) > 2 * widest((720, 1280))
    small = [overlay.sized(np.random.default_rng(k), (576, 1024)) for k in range(9)]
    plain = [overlay.random_overlay(np.random.default_rng(k), (576, 1024)) for k in range(9)]
    assert [len(k) for k in small] == [len(k) for k in plain]


def test_the_noise_of_a_camera_changes_from_frame_to_frame_but_not_with_the_seed() -> None:
    grade = post.random_grade(np.random.default_rng(6), (48, 64))
    grey = np.full((48, 64, 3), 128, np.uint8)
    noisy = replace(
        grade, grain=np.random.default_rng(1).normal(0, 5, grade.grain.shape).astype(np.int16)
    )
    rng = np.random.default_rng(2)
    first, second = post.apply(noisy, grey, rng), post.apply(noisy, grey, rng)
    assert (first != second).any()
    np.testing.assert_array_equal(first, post.apply(noisy, grey, np.random.default_rng(2)))


def test_a_shadow_is_darkest_under_the_ball_and_fades(above: Camera, pool: Table) -> None:
    stage = painted(above, sheet(0.0, RED, 1.5))
    lamps = random_lighting(np.random.default_rng(1), length=2.5, width=1.3)
    centred = replace(lamps, lamps=np.array([[0.0, 0.0, 1.5]]), weights=np.ones(1))
    patch = shadow.shadow_patch(stage, centred, np.array([0.0, 0.0, pool.ball]), pool.ball)
    assert patch is not None
    x, y, factor = patch
    assert factor[96 - y, 160 - x] == factor.min()
    assert factor[0, 0] > 0.95
    assert (factor <= 1).all()


def test_floors_with_dots_as_large_as_balls_occur() -> None:
    floors = [texture.carpet(np.random.default_rng(k), (120, 160)) for k in range(12)]
    assert len({floor.tobytes() for floor in floors}) == 12
    assert all(floor.dtype == np.uint8 and floor.shape == (120, 160, 3) for floor in floors)


def test_colours_become_light_and_keep_their_order() -> None:
    light = to_linear((0.0, 128.0, 255.0))
    assert light[0] == 0
    assert light[2] == 1
    assert 0.2 < light[1] < 0.25
