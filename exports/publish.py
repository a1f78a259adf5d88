"""Writes a dataset in any format: every clip once, in several processes, then lists, card and manifest. Knows no format by name.

What an interrupted run has finished, and what did not change since the dataset that stands at the same place, is taken
over; all that is new is verified on disk before it takes the old one's place.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.datasets.marker import MARKER
from engine.errors import DamagedChunk, ExportError, InputError, VerificationError
from engine.ports import ExportItem, ExportReport
from exports.cards.card import card
from exports.cards.samples import samples
from exports.crew import Progress, crew
from exports.files import Files, unchanged
from exports.format import Format, options_of
from exports.lists import refuse_divided
from exports.manifest import MANIFEST, manifest, marker
from exports.masks import ClipMasks, exported_clip, read_masks
from exports.notes import Notes
from exports.older import lent, prune
from exports.pictures import Footage
from exports.records import (
    Half,
    Record,
    annotation_signature,
    picture_signature,
    write_record,
)
from exports.staging import Stage, staged
from exports.verify import verify
from exports.work import Outcome, Task, write_clip

OPENED = 30
"""Of so many pictures of a new clip one is opened again: all are on the disk as they were encoded, which their hashes prove."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Writes datasets of one format; see ``engine.ports.Exporter``.

    Masks under ``min_area`` pixels count as not visible. ``workers`` processes write clips side by side; one is this
    process itself. ``fresh`` ignores what an interrupted or an older export left. ``settings`` (JSON) say how the clips
    were chosen, for the manifest.
    """

    format: Format
    min_area: int = 20
    workers: int = 1
    fresh: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __call__(
        self, items: Sequence[ExportItem], out: Path, *, progress: Progress
    ) -> ExportReport:
        """Write, verify, put in place; see the port."""
        if not items:
            raise ExportError("no clip to export; choose at least one")
        refuse_divided(item.clip for item in items)
        with staged(out, fresh=self.fresh) as stage:
            outcomes = self._outcomes(items, stage, progress)
            records = [outcome.record for outcome in outcomes if outcome.record]
            notes = [line for outcome in outcomes for line in _notes(outcome)]
            if not records:
                raise ExportError("; ".join(notes))
            written = {record.clip for record in records}
            shown = [item for item in items if item.clip.id in written]
            said = self._finish(stage, records, shown, notes)
            self._verify(out, stage.root, outcomes)
        frames = sum(record.statistics["frames"] for record in records)
        reused = sum(not outcome.fresh for outcome in outcomes)
        return ExportReport(
            out, len(records), frames, tuple(notes), version=said["version"], reused=reused
        )

    def _outcomes(
        self, items: Sequence[ExportItem], stage: Stage, progress: Progress
    ) -> list[Outcome]:
        """Write every clip that is not there yet; return what became of each, in the order of ``items``."""
        left, old = ({}, {}) if self.fresh else lent(stage)
        known = {item.clip.id: left.get(item.clip.id) for item in items}
        prune(stage.root, {name for record in known.values() if record for name in _files(record)})
        outcomes = {}
        tasks = (self._task(item, stage, left, old) for item in items)
        workers = min(self.workers, len(items))  # one clip is written by this process itself
        with closing(crew(write_clip, tasks, workers=workers, progress=progress)) as done:
            for outcome in done:
                if outcome.record:
                    write_record(stage.aside, outcome.record)
                outcomes[outcome.clip] = outcome
        made = [outcome.record for outcome in outcomes.values() if outcome.record]
        prune(stage.root, {name for record in made for name in _files(record)})
        return [outcomes[item.clip.id] for item in items]

    def _task(
        self,
        item: ExportItem,
        stage: Stage,
        left: Mapping[str, Record],
        old: Mapping[str, Record],
    ) -> Task:
        """Say what is to be done for a clip, and what of it can be taken over."""
        made_by = self.format
        thin = 1 if made_by.sparse else item.step
        clip = exported_clip(item, sparse=made_by.sparse)
        places = made_by.pictures(clip, step=item.step if made_by.sparse else 1)
        seen = picture_signature(clip, thin, places)
        drawn = annotation_signature(item, clip, (made_by, self.min_area), self.settings)
        record = left.get(clip.id) or old.get(clip.id)
        source = None if clip.id in left else stage.old
        pictures, annotation = Half(seen), Half(drawn)
        if record and record.pictures.signature == seen:
            pictures = record.pictures
        if record and record.annotation.signature == drawn and not made_by.whole:
            annotation = record.annotation
        taken = bool(annotation.files) and unchanged(annotation.files, source or stage.root)
        notes = Notes()
        masks, fault = (None, "") if taken else self._masks(item, notes)
        return Task(
            made_by,
            Footage(clip, item.pictures, thin),
            places,
            pictures,
            annotation if taken else Half(drawn),
            stage.root,
            stage.aside,
            masks=masks,
            known=record if taken else None,
            source=source,
            notes=tuple(notes.lines),
            fault=fault,
        )

    def _masks(self, item: ExportItem, notes: Notes) -> tuple[ClipMasks | None, str]:
        """Read the masks of a clip, or say why they cannot be: one bad clip does not stop the others."""
        try:
            sparse = self.format.sparse
            return read_masks(item, min_area=self.min_area, sparse=sparse, notes=notes), ""
        except (ExportError, DamagedChunk, InputError) as error:
            return None, str(error).removeprefix(f"{item.clip.id}: ")

    def _finish(
        self,
        stage: Stage,
        records: Sequence[Record],
        items: Sequence[ExportItem],
        notes: list[str],
    ) -> dict[str, Any]:
        """Write what belongs to no clip; return the manifest."""
        files, made_by = Files(stage.root, stage.aside), self.format
        made_by.finish(files, {record.clip: record.facts for record in records}, files.fragments)
        files.json(MARKER, marker(made_by.name, made_by.layout, records, notes), indent=1)
        settings = {"min_area": self.min_area, **options_of(made_by), **self.settings}
        draft = manifest(made_by.name, made_by.layout, records, files.made, settings)
        card(files, draft, samples(made_by, items, stage.root, min_area=self.min_area))
        said = manifest(made_by.name, made_by.layout, records, files.made, settings)
        files.json(MANIFEST, said, indent=1)
        return said

    def _verify(self, out: Path, root: Path, outcomes: Sequence[Outcome]) -> None:
        """Refuse a dataset that is not what its format promises; clips that were verified before are not decoded again.

        Raises:
            VerificationError: a guarantee is broken.
        """
        new = [outcome.clip for outcome in outcomes if outcome.record and not outcome.proven]
        report = verify(root, clips=new, workers=self.workers, every=OPENED)
        if failures := report.failures:
            raise VerificationError(
                f"{out}: {len(failures)} guarantees broken, first: {failures[0]}"
            )


def _files(record: Record) -> Iterator[str]:
    """Yield the paths of a clip's files."""
    yield from record.pictures.files
    yield from record.annotation.files


def _notes(outcome: Outcome) -> tuple[str, ...]:
    """Return what is to be said of a clip."""
    return outcome.record.notes if outcome.record else outcome.refused
