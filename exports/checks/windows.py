"""Can SAM 2's trainer sample from a clip? Knows its sampler: eight annotated frames in a row, balls of the first of them."""

from collections.abc import Iterator, Mapping, Sequence

from exports.checks.base import Remark
from exports.training import WINDOW


def check_windows(where: str, visible: Mapping[str, Sequence[bool]], frames: int) -> Iterator[str]:
    """Yield what keeps a trainer from sampling: ``visible`` says by object on which of ``frames`` annotated ones it is.

    An object that comes in the last seven frames only is a remark: a sample never begins there.
    """
    if frames < WINDOW:
        yield f"{where}: {frames} annotated frames, SAM 2's loader samples {WINDOW}"
        return
    starts = frames - WINDOW + 1
    late = [name for name, seen in visible.items() if any(seen) and not any(seen[:starts])]
    if late and not any(any(seen[:starts]) for seen in visible.values()):
        yield f"{where}: nothing is visible before the last {WINDOW - 1} annotated frames, where no sample begins"
    for name in late:
        yield Remark(
            f"{where}: {name} is visible in the last {WINDOW - 1} annotated frames only: no sample begins with it"
        )
