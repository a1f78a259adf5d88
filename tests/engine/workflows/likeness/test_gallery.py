"""Stills are made once and clips compared once; what is known of clips that changed or went is forgotten."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.fakes.embedder import TinyEmbedder
from engine.fakes.queue import MemoryDatabase
from engine.stages import Move
from engine.types import Clip
from engine.workflows.likeness.gallery import Gallery
from engine.workflows.likeness.kept import Studio, stills_of
from engine.workflows.likeness.pairs import FILE, compared
from tests.engine.workflows.likeness.films import Films, add, clip_of


def go_on() -> bool:
    return False


def see_all(gallery: Gallery, books: MemoryDatabase) -> None:
    for status in books.catalog.clips():
        assert gallery(status.clip, stop=go_on) is not None


def test_a_copy_is_known_as_soon_as_both_were_seen(gallery: Gallery, books: MemoryDatabase) -> None:
    assert gallery.alike() == {}
    see_all(gallery, books)
    assert gallery.alike() == {"clip-one": ("clip-copy",), "clip-copy": ("clip-one",)}


def test_what_is_known_outlives_the_process(
    gallery: Gallery, studio: Studio, books: MemoryDatabase
) -> None:
    see_all(gallery, books)
    assert Gallery(studio, books.catalog).alike() == gallery.alike() != {}


def test_a_clip_that_comes_later_is_compared_with_all(
    gallery: Gallery, books: MemoryDatabase, films: Films
) -> None:
    see_all(gallery, books)
    films.scenes["again"] = films.scenes["other"]
    gallery(add(books, "again"), stop=go_on)
    assert gallery.alike()["clip-again"] == ("clip-other",)
    assert gallery.alike()["clip-other"] == ("clip-again",)
    assert gallery.alike()["clip-one"] == ("clip-copy",)
    assert len(films.read) == 4


def test_an_excluded_copy_still_tells_of_what_it_is_one_and_nobody_names_it_any_more(
    gallery: Gallery, books: MemoryDatabase
) -> None:
    see_all(gallery, books)
    books.catalog.move("clip-copy", Move.EXCLUDE, actor="ada")
    assert gallery.alike() == {"clip-copy": ("clip-one",)}
    books.catalog.move("clip-copy", Move.REOPEN, actor="ada")
    assert set(gallery.alike()) == {"clip-one", "clip-copy"}


def test_seen_but_killed_before_it_was_compared_it_is_compared_when_asked_again(
    gallery: Gallery, studio: Studio, books: MemoryDatabase
) -> None:
    for status in books.catalog.clips():
        stills_of(studio, status.clip)
    assert gallery.alike() == {}
    gallery(clip_of("one"), stop=go_on)
    assert gallery.alike()["clip-one"] == ("clip-copy",)


def cut_off(text: str) -> str:
    return text[: len(text) // 2]


def nothing(_text: str) -> str:
    return ""


def newer(text: str) -> str:
    return json.dumps({**json.loads(text), "version": 99})


def strange(_text: str) -> str:
    return json.dumps({"version": 1, "made": [], "pairs": {"a": 7}})


@pytest.mark.parametrize("damage", [cut_off, nothing, newer, strange])
def test_what_is_damaged_counts_as_unknown_and_is_found_anew(
    gallery: Gallery, studio: Studio, books: MemoryDatabase, damage: Callable[[str], str]
) -> None:
    see_all(gallery, books)
    known, path = gallery.alike(), studio.folder / FILE
    path.write_text(damage(path.read_text()))
    assert gallery.alike() == {}
    gallery(clip_of("one"), stop=go_on)
    assert gallery.alike() == known


def test_another_embedder_sees_and_compares_all_anew(
    studio: Studio, books: MemoryDatabase, films: Films
) -> None:
    see_all(Gallery(studio, books.catalog), books)
    other = Studio(studio.folder, films, TinyEmbedder(10), studio.jpeg)
    gallery = Gallery(other, books.catalog)
    clip = clip_of("one")
    assert gallery.made(clip) != Gallery(studio, books.catalog).made(clip)
    see_all(gallery, books)
    assert len(films.read) == 6
    assert gallery.alike() == {"clip-one": ("clip-copy",), "clip-copy": ("clip-one",)}
    assert len(folders(studio.folder)) == 3


def folders(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def test_stills_of_clips_that_are_gone_go_with_the_next_comparison(
    gallery: Gallery, studio: Studio, books: MemoryDatabase
) -> None:
    see_all(gallery, books)
    fewer = MemoryDatabase()
    add(fewer, "one")
    Gallery(studio, fewer.catalog).compare()
    assert [name.rpartition("-")[0] for name in folders(studio.folder)] == ["clip-one"]
    assert Gallery(studio, fewer.catalog).alike() == {}


def test_nothing_is_written_where_nothing_is_new(
    gallery: Gallery, studio: Studio, books: MemoryDatabase
) -> None:
    see_all(gallery, books)
    before = (studio.folder / FILE).stat().st_mtime_ns
    known = gallery.compare()
    assert (studio.folder / FILE).stat().st_mtime_ns == before
    assert known == compared(studio.folder)


def test_a_stop_is_no_picture_and_no_comparison(gallery: Gallery) -> None:
    clip: Clip = clip_of("one")
    assert gallery(clip, stop=lambda: True) is None
    assert gallery.alike() == {}


def test_comparing_an_empty_workspace_writes_nothing(studio: Studio) -> None:
    assert Gallery(studio, MemoryDatabase().catalog).compare().pairs == {}
    assert not studio.folder.exists()
