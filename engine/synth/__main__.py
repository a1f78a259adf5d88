"""``python -m engine.synth``: writes a dataset of rendered clips, as ``engine synth --preset training`` does."""

import argparse
from pathlib import Path

from engine.synth.dataset import write_dataset


def main() -> None:
    """Read the command line and write the dataset."""
    parser = argparse.ArgumentParser(prog="python -m engine.synth", description=main.__doc__)
    parser.add_argument(
        "--out", type=Path, required=True, help="folder to write to; finished clips are kept"
    )
    parser.add_argument("--clips", type=int, default=100, help="number of clips")
    parser.add_argument("--frames", type=int, default=8, help="frames of each clip")
    parser.add_argument("--seed", type=int, default=1, help="the dataset depends on it alone")
    parser.add_argument("--width", type=int, default=1024, help="typical width in pixels")
    parser.add_argument("--height", type=int, default=576, help="typical height in pixels")
    parser.add_argument(
        "--workers", type=int, default=1, help="processes; the result does not depend on it"
    )
    given = parser.parse_args()
    write_dataset(
        given.out,
        clips=given.clips,
        frames=given.frames,
        seed=given.seed,
        width=given.width,
        height=given.height,
        workers=given.workers,
    )


if __name__ == "__main__":
    main()
