"""The page that asks for name and password: plain HTML, whole without scripts. Knows no users."""

import base64
import hashlib
from html import escape

_STYLE = """
:root { color-scheme: dark; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: #14171a;
  color: #e8eaed; font: 16px/1.5 system-ui, sans-serif; }
main { width: min(22rem, 100vw - 2rem); padding: 2rem; background: #1f2428; border: 1px solid #353c42;
  border-radius: 8px; }
h1 { margin: 0 0 1.25rem; font-size: 1.25rem; font-weight: 600; }
label { display: block; margin-bottom: 1rem; font-size: .875rem; color: #b6bdc4; }
input { display: block; width: 100%; margin-top: .25rem; padding: .55rem .7rem; font: inherit;
  color: #fff; background: #14171a; border: 1px solid #56616b; border-radius: 4px; }
button { width: 100%; padding: .6rem; font: inherit; font-weight: 600; color: #08130c;
  background: #5fd38d; border: 0; border-radius: 4px; cursor: pointer; }
button:hover { background: #7be0a3; }
:focus-visible { outline: 3px solid #8ab4f8; outline-offset: 2px; }
.error { margin: 0 0 1rem; padding: .6rem .75rem; color: #ffd9d6; background: #4a1f1f;
  border-left: 4px solid #ff7b72; }
.hint { margin: 1rem 0 0; font-size: .8125rem; color: #98a1a9; }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # without it, some browsers do not say where the form came from
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of the page: no script, no frame, nothing from outside."""

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Log in - Click to correct</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>Click to correct</h1>
{error}<form method="post" action="/login">
<input type="hidden" name="next" value="{goal}">
<label>Name<input name="name" value="{name}" autocomplete="username" required maxlength="100"{first}></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required
 maxlength="200"{second}></label>
<button>Log in</button>
</form>
<p class="hint">No account, or the password is lost? Whoever runs this server can help:
<code>engine users --help</code>.</p>
</main>
</body>
</html>
"""

_AGAIN = """<!doctype html>
<meta charset="utf-8">
<meta http-equiv="refresh" content="0;url={goal}">
<title>Click to correct</title>
<p><a href="{goal}">Go on</a></p>
"""


def login_page(*, goal: str, name: str = "", error: str = "") -> str:
    """Return the page; ``goal`` is where it leads, ``error`` what was wrong with the last attempt."""
    said = f'<p class="error" role="alert">{escape(error)}</p>\n' if error else ""
    focus = " autofocus"
    return _PAGE.format(
        style=_STYLE,
        error=said,
        goal=escape(goal),
        name=escape(name),
        first="" if name else focus,
        second=focus if name else "",
    )


def again_page(goal: str) -> str:
    """Return a page that leads to ``goal`` of this site by itself.

    A link from elsewhere comes without the login's cookie (SameSite=Strict); a step from this page has it.
    """
    return _AGAIN.format(goal=escape(goal))


def inside(goal: str) -> str:
    """Return ``goal`` where it is a path of this site, else the front page: a login leads nowhere else."""
    plain = goal.startswith("/") and not goal.startswith(("//", "/login")) and "\\" not in goal
    return goal if plain and goal.isprintable() and goal.isascii() else "/"
