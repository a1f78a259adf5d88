"""The store with rows kept in memory gives what the store itself gives, whatever is appended and read in whatever order."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator_ui.service_rows import CachedRevisions
from db.connect import Database
from engine.errors import InputError, SelectionError, StaleParent
from engine.fakes.queue import MemoryDatabase
from engine.fakes.scene import Disc, Scene, rests
from engine.types import FrameMasks, Kind, Revision, Track, TrackMask, Video

SCENE = Scene([Disc((200, 20, 20), "cue", rests(20, 20))], 70)
CLIP = SCENE.clip
BALL = SCENE.truth(0).masks[0].rle


def _row(frame: int, score: float) -> FrameMasks:
    return FrameMasks(frame, (TrackMask(1, BALL, score, score),))


def _revision(parent: int | None) -> Revision:
    return Revision(CLIP.id, parent, Kind.MANUAL, "ada", (Track(1, "cue"),))


def _known(books: Database | MemoryDatabase) -> None:
    video = Video(CLIP.video, "a.mp4", "", CLIP.width, CLIP.height, CLIP.rate, CLIP.frames)
    books.catalog.add_video(video, [CLIP])


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Database]:
    with Database(f"sqlite:///{tmp_path / 'engine.db'}") as database:
        database.upgrade()
        _known(database)
        yield database


class _Counted:
    """A store that counts how many rows were read of it."""

    def __init__(self, store: object) -> None:
        self.store, self.read = store, 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    def frames(self, *given: int, **more: int) -> Iterable[FrameMasks]:
        for row in self.store.frames(*given, **more):
            self.read += 1
            yield row


_frames = st.dictionaries(st.integers(0, 69), st.floats(0, 1), max_size=6)
_reads = st.tuples(st.integers(0, 9), st.integers(0, 70), st.integers(0, 70))


@settings(max_examples=30)
@given(st.lists(st.tuples(_frames, st.lists(_reads, max_size=3)), min_size=1, max_size=8))
def test_every_read_gives_what_the_store_gives(
    story: list[tuple[dict[int, float], list[tuple[int, int, int]]]],
) -> None:
    with TemporaryDirectory() as folder, Database(f"sqlite:///{folder}/engine.db") as books:
        books.upgrade()
        _known(books)
        cached = CachedRevisions(books.revisions, books.catalog, blocks=4)
        ids: list[int] = []
        for scores, reads in story:
            rows = [_row(frame, score) for frame, score in sorted(scores.items())]
            ids.append(cached.append(_revision(ids[-1] if ids else None), rows).id)
            for which, one, other in reads:
                start, stop, number = min(one, other), max(one, other), ids[which % len(ids)]
                seen = list(cached.frames(number, start=start, stop=stop))
                assert seen == list(books.revisions.frames(number, start=start, stop=stop))
        assert list(cached.frames(ids[-1])) == list(books.revisions.frames(ids[-1]))


def test_a_child_of_what_was_looked_at_is_not_read_again(books: Database) -> None:
    counted = _Counted(books.revisions)
    cached = CachedRevisions(counted, books.catalog)
    first = cached.append(_revision(None), [_row(frame, 0.5) for frame in range(70)])
    assert len(list(cached.frames(first.id))) == 70
    before = counted.read
    second = cached.append(_revision(first.id), [_row(33, 0.9)])
    seen = {row.frame: row.masks[0].score for row in cached.frames(second.id)}
    assert seen[33] == pytest.approx(0.9)
    assert seen[34] == 0.5
    assert counted.read == before


def test_no_more_blocks_are_kept_than_asked(books: Database) -> None:
    counted = _Counted(books.revisions)
    cached = CachedRevisions(counted, books.catalog, blocks=1)
    first = cached.append(_revision(None), [_row(frame, 0.5) for frame in range(70)])
    for _ in range(2):
        assert len(list(cached.frames(first.id, start=0, stop=70))) == 70
    assert counted.read == 140


def test_what_the_store_refuses_is_refused(books: Database) -> None:
    cached = CachedRevisions(books.revisions, books.catalog)
    with pytest.raises(SelectionError):
        cached.revision(7)
    first = cached.append(_revision(None), [])
    with pytest.raises(StaleParent):
        cached.append(_revision(None), [])
    for start, stop in ((0, 71), (5, 4), (-1, 3)):
        with pytest.raises(InputError, match="has 0 to 70"):
            list(cached.frames(first.id, start=start, stop=stop))


def test_it_knows_history_and_head(books: Database) -> None:
    cached = CachedRevisions(books.revisions, books.catalog)
    assert cached.head(CLIP.id) is None
    first = cached.append(_revision(None), [])
    assert cached.head(CLIP.id) == first
    assert cached.history(CLIP.id) == (first,)
