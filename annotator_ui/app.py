"""The page around the annotator: clip list, progress, buttons and help in Gradio, mounted beside the routes.

Knows what the page shows; refuses to know masks, clicks and models: those live in the browser's own modules and in the service.
"""

import os
from functools import partial
from typing import Any

from fastapi import FastAPI, Response

from annotator_ui.clip_list import Wanted, lines_html, listed, progress
from annotator_ui.server import create_app
from engine import wiring
from engine.config import Settings
from engine.workflows.status import status

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported

import gradio as gr

PATH = "/ui"
TITLE = "Click to correct"
REFRESH_SECONDS = 10.0
HEAD = """
<link rel="stylesheet" href="/static/style.css">
<script type="module" src="/static/main.js"></script>
"""
HELP = """
1. **N** goes to the next doubtful place.
2. Click a ball to choose it, then click where its mask is missing; right-click where there is too much.
3. **Enter** propagates the correction through time.
4. **Ctrl-Enter** submits the clip.

**?** lists every key.
"""
SYSTEM_FONTS = ("system-ui", "sans-serif")
CODE_FONTS = ("ui-monospace", "monospace")


def page(settings: Settings, *, user: str | None) -> FastAPI:
    """Return the whole page, ready to be served; ``user`` works on it alone without a login, None requires one."""
    app = create_app(settings, user=user, login_required=user is None)
    return mounted(app, settings)


def mounted(app: FastAPI, settings: Settings) -> FastAPI:
    """Mount the Gradio page on an app that has the routes."""
    gr.mount_gradio_app(
        app,
        blocks(settings),
        path=PATH,
        theme=gr.themes.Base(font=SYSTEM_FONTS, font_mono=CODE_FONTS),
        head=HEAD,
        footer_links=[],
        ssr_mode=False,
        show_error=True,
        auth_dependency=app.state.guard.auth_dependency,
    )
    app.add_api_route("/favicon.ico", lambda: Response(status_code=204), include_in_schema=False)
    return app


def blocks(settings: Settings) -> gr.Blocks:
    """Return the Gradio page: clips on the left, the annotator in the middle."""
    with (
        gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as made,
        gr.Row(elem_id="page"),
    ):
        built: gr.Blocks = made
        with gr.Column(elem_id="clips", scale=0, min_width=260):
            _clips(settings, made)
        with gr.Column(elem_id="work", scale=1):
            gr.HTML('<div id="corrector"></div>', padding=False)
    built.queue(default_concurrency_limit=4)
    return built


def _clips(settings: Settings, made: gr.Blocks) -> None:
    """Build the left column and keep it up to date."""
    bar = gr.HTML(elem_id="progress", padding=False)
    with gr.Row(elem_id="go"):
        _button("Next clip", "nextClip", variant="primary")
        _button("Next to review", "nextReview")
    wanted = gr.Radio(
        [each.value for each in Wanted], value=Wanted.OPEN.value, label="Show", elem_id="wanted"
    )
    clips = gr.HTML(elem_id="clip-list", padding=False)
    refresh = gr.Button("Refresh", elem_id="refresh")  # not seen; the annotator presses it
    with gr.Accordion("How it works", open=False):
        gr.Markdown(HELP)
    with gr.Row(elem_id="more"):
        _button("Keys", "help")
        _button("Log out", "logout", elem_id="logout")
    fill = partial(_fill, settings)
    timer = gr.Timer(REFRESH_SECONDS)
    for event in (made.load, wanted.change, timer.tick, refresh.click):
        event(fill, wanted, [bar, clips], show_progress="hidden")


def _button(text: str, command: str, **look: Any) -> None:
    """Build a button that runs one of the annotator's commands in the browser."""
    gr.Button(text, size="sm", **look).click(
        None, None, None, js=f"() => {{ window.annotator?.run('{command}') }}"
    )


def _fill(settings: Settings, wanted: str) -> tuple[str, str]:
    """Return the progress and the list of clips as they are now."""
    chosen = Wanted(wanted)
    with wiring.workbench(settings) as bench:
        clips = bench.catalog.clips()
        report = status(bench.catalog, bench.queue, target_seconds=settings.target_seconds)
        lines = listed(clips, chosen, claims=bench.desk.claims.holders())
    return progress(report), lines_html(lines, chosen, report)
