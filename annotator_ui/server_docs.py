"""The routes in words, as one plain page made of their OpenAPI description. Loads nothing from elsewhere."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

ROUTER = APIRouter()

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Routes</title>
<style>body{{font:15px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}}
code{{font:14px ui-monospace,monospace}}dt{{margin-top:1rem;font-weight:600}}pre{{overflow:auto}}</style>
<h1>{title}</h1><p>Machine-readable: <a href="/api/openapi.json">/api/openapi.json</a></p>
<dl>{routes}</dl></html>"""


@ROUTER.get("/api/docs", include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    """Return the page."""
    found: dict[str, Any] = request.app.openapi()
    routes = [
        _route(method, path, said)
        for path, methods in found["paths"].items()
        for method, said in methods.items()
    ]
    return HTMLResponse(
        _PAGE.format(title=escape(found["info"]["title"]), routes="\n".join(routes))
    )


def _route(method: str, path: str, said: dict[str, Any]) -> str:
    """Return one route: how it is called, what it does, what it takes."""
    names = ", ".join(one["name"] for one in said.get("parameters", ()))
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {})
    kind = str(body.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    takes = " · ".join(text for text in (names, kind and f"body: {kind}") if text)
    return (
        f"<dt><code>{method.upper()} {escape(path)}</code></dt>"
        f"<dd>{escape(said.get('description', said.get('summary', '')))}"
        f"<br><small>{escape(takes)}</small></dd>"
    )
