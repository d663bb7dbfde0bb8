"""Pages as responses: templates filled in, with a policy that lets a page do its own work and nothing else."""

from typing import Any

import jinja2
from flask import Response

from api.pages.assets import ICON, STYLE

# Nothing from elsewhere, no scripts in the text of a page, in nobody's frame. `style`: Swagger UI sets styles itself.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-cache", "Vary": "Accept, Accept-Language"}

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("api.pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(template: str, *, style: str = "'self'", **values: Any) -> Response:
    """The page of that template. `style`: the sources of styles that it needs."""
    text = _TEMPLATES.get_template(template).render(icon=ICON.address, own_style=STYLE.address, **values)
    headers = {**_HEADERS, "Content-Security-Policy": _POLICY.format(style=style)}
    return Response(text, headers=headers, mimetype="text/html")
