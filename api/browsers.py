"""What every answer tells browsers not to do with it: records are read by programs, and no other page may use them.

Pages need more than nothing; what they may do is said where they are made (api/pages/templating.py).
"""

from flask import Flask, Response

from api.settings import Settings

# A record that is opened in a browser loads and runs nothing, is in nobody's frame, is nobody's picture or script.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}
TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}


def register(app: Flask, settings: Settings) -> None:
    """Add the headers to whatever is answered; also that of TLS, where clients come by TLS."""
    is_secure = (settings.public_url or "").startswith("https://")
    headers = HEADERS | TRANSPORT if is_secure else HEADERS

    def add(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    app.after_request(add)
