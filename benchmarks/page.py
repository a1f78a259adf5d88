"""How long people wait at the page: first paint, clicks, spreads, playing, many people at once; and what the server holds.

    python benchmarks/page.py --cores 0,1
    engine synth --preset eight-ball --clips 1 --frames 300 --size 1080p --out table/ && python benchmarks/page.py --data table/

Starts `engine serve ui` on a workspace of its own and drives headless Chromium. Without --data the clip is rendered first: 300
frames of 16 balls. --cores pins the server and its model to some cores; the browser takes what is left. "Click" is from the
mouse to the painted mask; a spread draws 60 frames of one ball anew, a marked range, from the command to the last mask.
"""

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import page_browser as look
from page_case import GAP, Case, make
from page_server import ENGINE, Server, crowd, prepare, serving
from playwright.sync_api import Browser

PREPARED, PEOPLE = 5, 10
Show = Callable[..., None]


def rendered(folder: Path, frames: int) -> Path:
    """Render the clip that everything is measured on."""
    options = ["--preset", "eight-ball", "--clips", "1", "--size", "1080p", "--seed", "5"]
    command = [*ENGINE, "synth", *options, "--frames", str(frames), "--out", str(folder)]
    subprocess.run(command, check=True)  # noqa: S603 - our own command
    return folder


def measure_page(server: Server, case: Case, browser: Browser, show: Show) -> None:
    """Measure what one person sees."""
    page, seconds = look.opened(browser, server.url, case.clips[0])
    show("address to first paint, prepared, s", seconds, 3.0)
    look.wait_for_video(page)
    spread = [one["seconds"] for one in look.spreads(page, case)][1:]  # the first wakes the model
    show("60 frames of one ball spread, median, s", median(spread), 1.0, of=len(spread))
    show("60 frames of one ball spread, worst, s", max(spread), None, of=len(spread))
    last = len(case.truth) // 2 - GAP  # the lost masks come later
    took = look.clicks(page, case, range(5, last, max(1, last // 6)))
    show("click to painted mask, p50, ms", median(took), None, of=len(took))
    show("click to painted mask, p95, ms", float(np.percentile(took, 95)), 100.0, of=len(took))
    show("open another clip, prepared, s", look.switched(page, case.clips[1]), 3.0)
    look.wait_for_video(page)
    page.wait_for_timeout(2000)
    played = look.playing(page)
    show("playing: frames shown of the clip", played["frames"], None, of=len(case.truth))
    show("playing: seconds for the clip", played["seconds"], None)
    missed = played["presented"] - played["drawn"]
    show("playing: presented without masks", missed, 0, of=played["presented"])
    show("playing: drawing a frame, p95, ms", float(np.percentile(played["drawMs"], 95)), None)
    show("open another clip, unprepared, s", look.switched(page, case.clips[PREPARED]), 3.0)
    page.context.close()


def measure_memory(server: Server, case: Case, browser: Browser, show: Show) -> None:
    """Weigh the server with five clips open, each clicked at."""
    pages = [look.opened(browser, server.url, clip)[0] for clip in case.clips[:PREPARED]]
    for number, page in enumerate(pages):
        look.wait_for_video(page)
        frame = 3 + 7 * number
        look.look_at(page, frame)
        look.click(page, case, frame, case.truth[frame].masks[0].track)
    show(f"server and model, {len(pages)} clips open, MiB", server.memory(), None)
    for page in pages:
        page.context.close()


def measure_crowd(server: Server, case: Case, show: Show, each: int) -> None:
    """Measure ten people, without browsers: the answer of the server alone."""
    for pause, name in ((0.0, "click at one moment"), (2.0, "a click every 2 s each")):
        took, rate = crowd(server, case, people=PEOPLE, each=each, pause=pause)
        for share in (50, 95):
            value = float(np.percentile(took, share))
            show(f"{PEOPLE} people, {name}, p{share}, ms", value, None, of=len(took))
        if not pause:
            show(f"{PEOPLE} people, clicks answered a second", rate, None)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="a folder that engine synth made")
    parser.add_argument("--frames", type=int, default=300, help="of the rendered clip")
    parser.add_argument("--threads", type=int, default=2, help="of the model")
    parser.add_argument("--cores", default="", help="of the server, as taskset has it: 0,1")
    parser.add_argument("--each", type=int, default=10, help="clicks of each of ten people")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    chosen = parser.parse_args()
    figures: dict[str, float] = {}

    def show(name: str, value: float, target: float | None, of: int | None = None) -> None:
        figures[name] = round(value, 3)
        aim = "" if target is None else f"   aim {target:g}"
        print(f"{name:44} {value:9.2f}{'' if of is None else f'   of {of}':10}{aim}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        data = chosen.data or rendered(base / "table", chosen.frames)
        case = make(base, data, copies=PEOPLE, threads=chosen.threads)
        print(
            f"{len(case.truth)} frames, {case.balls} balls, {chosen.threads} threads of the model"
        )
        prepare(case, case.clips[:PREPARED])
        with serving(case, chosen.cores) as server, look.browsing() as browser:
            show("engine serve ui until it answers, s", server.seconds, None)
            measure_page(server, case, browser, show)
            measure_memory(server, case, browser, show)
            measure_crowd(server, case, show, chosen.each)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
