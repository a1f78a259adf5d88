"""The words of `engine export` and `engine verify`: help with examples, and results as text. Computes nothing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.cli.exporting import Written
    from exports.remote.fetching import Downloaded
    from exports.remote.sending import Checked, Uploaded
    from exports.verify import Report

EXPORT = """Write clips as a dataset, check every guarantee of its format on what was written, then put it in place. Accepted clips are written unless other stages are asked for. An interrupted export goes on where it stopped when the same command is given again; the old dataset stays whole until the new one is. Clips that did not change since are taken over as they are.

```text
engine export --format sav datasets/sav
engine export --format davis --layout unsupervised --resolution 480p datasets/davis
engine export --format sav --fps 6 datasets/sav-6fps
engine export --format sav --stage pre-annotated --min-quality 0.9 drafts/
engine export --format coco --camera overhead --class cue --class solid --split train balls/
engine export --format sav --clip game-1a2b3c4d-003:30:120 --since 2026-03-01 part/
engine export --format sav --to s3://bucket/billiards
engine export fetch s3://bucket/billiards datasets/sav
engine export check s3://bucket/billiards --deep
engine export diff datasets/sav-old datasets/sav
```

Everything that a filter or the format leaves out is named. Ranges of frames are half-open and count from 0; days are UTC, the last one not included."""

DIFF = """Say what sets two datasets apart: clips added, removed and changed, settings, statistics. Each is a folder, or an address that `engine export --to` wrote to.

```text
engine export diff datasets/monday datasets/friday
engine export diff s3://bucket/billiards datasets/sav --json
```"""

FETCH = """Bring the newest version of a dataset from an address to a folder, or the version that the address names. Every file is compared with the manifest; an interrupted fetch goes on where it stopped; what is here already is not fetched.

```text
engine export fetch s3://bucket/billiards datasets/sav
engine export fetch s3://bucket/billiards/0123456789abcdef datasets/monday
```"""

CHECK = """Compare what lies at an address with its manifest: that every file is there in its size, and with --deep its bytes. Exit status 1 if one is not.

```text
engine export check s3://bucket/billiards
engine export check s3://bucket/billiards --deep
```"""

VERIFY = """Check a dataset on disk, of ours or anybody's, against every guarantee of its format. With --against every mask and picture is compared with the workspace that it came from, in the revisions that the dataset names. Exit status 1 if one is broken.

```text
engine verify datasets/sav
engine verify downloads/DAVIS --workers 4
engine verify datasets/sav --against workspace
```"""

INTERRUPTED = "stopped; what is finished is kept: the same command goes on where this one stopped"


def written(done: "Written", name: str) -> str:
    """Return what was written, what was left out, and where it was sent."""
    report = done.report
    lines = [f"{name}: {report.clips} clips, {report.frames} frames, verified: {report.out}"]
    if report.version:
        taken = f", {report.reused} clips taken over unchanged" if report.reused else ""
        lines.append(f"version {report.version[:16]}{taken}")
    lines += [f"  note: {note}" for note in report.notes]
    return "\n".join(lines + ([_sent(done.uploaded)] if done.uploaded else []))


def _sent(done: "Uploaded") -> str:
    """Return where a version lies and how its files came there."""
    ways = f"{done.sent} sent, {done.copied} copied there, {done.present} there before"
    return f"sent to {done.url}: {done.files} files ({ways}), {done.sent_bytes:,} bytes"


def fetched(got: "Downloaded") -> str:
    """Return where a version came to lie."""
    return (
        f"{got.folder}: version {got.version[:16]}, "
        f"{got.fetched} files fetched, {got.present} here before\nnext: engine verify {got.folder}"
    )


def checked(found: "Checked") -> str:
    """Return what is wrong with a version in a store, or that nothing is."""
    if found.faults:
        return "\n".join(f"broken  {fault}" for fault in found.faults)
    how = "every byte read" if found.deep else "sizes compared; --deep reads every byte"
    return f"good: {found.url}: {found.files} files, {found.bytes:,} bytes ({how})"


def verified(report: "Report") -> str:
    """Return the checks that were made, what is worth knowing, and every failure."""
    lines = [f"note    {remark}" for remark in report.remarks]
    if report.failures:
        return "\n".join([*lines, *(f"broken  {failure}" for failure in report.failures)])
    return "\n".join([*lines, f"good: {len(report.checks)} guarantees hold"])
