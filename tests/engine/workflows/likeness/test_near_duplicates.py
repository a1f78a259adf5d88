"""Clips that show the same come in groups: what to keep first, what shows nothing new named, work never given away."""

import pytest

from engine.errors import DiskFull
from engine.fakes.queue import MemoryDatabase
from engine.likeness import Alike
from engine.stages import Move, Stage
from engine.types import Video
from engine.workflows.likeness.gallery import Gallery
from engine.workflows.likeness.groups import Member, NearDuplicates, near_duplicates
from tests.engine.workflows.likeness.films import FRAMES, Films, add, clip_of


def found(gallery: Gallery, books: MemoryDatabase) -> NearDuplicates:
    return near_duplicates(gallery, books.catalog)


def names(report: NearDuplicates) -> list[list[str]]:
    return [[one.clip for one in group] for group in report.groups]


def test_a_copy_shows_nothing_new(gallery: Gallery, books: MemoryDatabase) -> None:
    report = found(gallery, books)
    assert report == NearDuplicates(
        (
            (
                Member("clip-one", Stage.INGESTED, 4.0),
                Member(
                    "clip-copy",
                    Stage.INGESTED,
                    4.0,
                    Alike("clip-one", 1.0, 0, FRAMES, 0),
                    1.0,
                    spare=True,
                ),
            ),
        ),
        3,
        {},
    )
    assert report.spare == ("clip-copy",)


def test_the_clip_that_came_further_is_kept(gallery: Gallery, books: MemoryDatabase) -> None:
    books.catalog.move("clip-copy", Move.PREANNOTATE, actor="engine")
    assert found(gallery, books).spare == ("clip-one",)


def test_work_of_people_is_never_given_away(gallery: Gallery, books: MemoryDatabase) -> None:
    for name in ("clip-one", "clip-copy"):
        books.catalog.move(name, Move.CORRECT, actor="ada")
    report = found(gallery, books)
    assert names(report) == [["clip-one", "clip-copy"]]
    assert report.spare == ()


def test_a_clip_that_shows_more_is_in_the_group_but_not_spare(
    gallery: Gallery, books: MemoryDatabase, films: Films
) -> None:
    films.scenes["longer"] = films.scenes["one"]
    clip = clip_of("longer", frames=150)
    size = clip.width, clip.height, clip.rate, clip.frames
    books.catalog.add_video(Video("longer", "l.mp4", "l.mp4", *size), [clip])
    report = found(gallery, books)
    assert names(report) == [["clip-longer", "clip-one", "clip-copy"]]
    assert report.spare == ("clip-one", "clip-copy")
    books.catalog.move("clip-one", Move.CORRECT, actor="ada")
    assert found(gallery, books).spare == ("clip-copy",)


def test_excluded_clips_are_left_out(gallery: Gallery, books: MemoryDatabase, films: Films) -> None:
    books.catalog.move("clip-copy", Move.EXCLUDE, actor="ada")
    report = found(gallery, books)
    assert (report.groups, report.compared) == ((), 2)
    assert "clip-copy" not in films.read


def test_a_clip_that_cannot_be_read_does_not_stop_the_others(
    gallery: Gallery, books: MemoryDatabase
) -> None:
    add(books, "nowhere")
    report = found(gallery, books)
    assert names(report) == [["clip-one", "clip-copy"]]
    assert list(report.failed) == ["clip-nowhere"]
    assert "no such file" in report.failed["clip-nowhere"]


def test_progress_counts_the_frames_of_all_clips(gallery: Gallery, books: MemoryDatabase) -> None:
    heard: list[tuple[int, int]] = []
    near_duplicates(gallery, books.catalog, progress=lambda done, of: heard.append((done, of)))
    assert heard == [(FRAMES, 3 * FRAMES), (2 * FRAMES, 3 * FRAMES), (3 * FRAMES, 3 * FRAMES)]


def test_what_was_interrupted_goes_on_without_looking_twice(
    gallery: Gallery, books: MemoryDatabase, films: Films
) -> None:
    asked = iter([False] * 15 + [True] * 99)
    report = near_duplicates(gallery, books.catalog, stop=lambda: next(asked))
    assert report.interrupted
    assert report.groups == ()
    seen = list(films.read)
    assert len(found(gallery, books).groups) == 1
    assert films.read.count(seen[0]) == 1


def test_a_full_disk_stops_it_all(
    gallery: Gallery, books: MemoryDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object, **_asked: object) -> None:
        raise DiskFull("no room")

    monkeypatch.setattr(gallery, "look", full)
    with pytest.raises(DiskFull):
        found(gallery, books)


def test_an_empty_workspace_has_no_groups(studio) -> None:
    books = MemoryDatabase()
    assert found(Gallery(studio, books.catalog), books) == NearDuplicates((), 0, {})
