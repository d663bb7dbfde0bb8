"""Pages as responses: templates filled in, with a policy that lets a page do its own work and nothing else."""

from typing import Any

import jinja2
from flask import Response

from api.pages.assets import ICON, STYLE

# Nothing from elsewhere, neither scripts nor styles in the text of a page, in nobody's frame.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Vary": "Accept, Accept-Language",
}

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("api.pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, *, permitted: str = "", **values: Any) -> Response:
    """The page of that template. `permitted`: a directive that its policy has besides."""
    text = _TEMPLATES.get_template(template).render(icon=ICON.address, own_style=STYLE.address, **values)
    headers = {**_HEADERS, "Content-Security-Policy": "; ".join(filter(None, (_POLICY, permitted)))}
    return Response(text, headers=headers, mimetype="text/html")
