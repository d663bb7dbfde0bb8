"""Every answer that is no data, in the standard's words; the body's form is a matter of the edition.

An error's description is written for the client; what went wrong inside goes to the log, never into a body.
"""

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus

import orjson
import psycopg
from flask import Flask, Response, g, request
from psycopg_pool import PoolTimeout
from werkzeug.exceptions import HTTPException

from api.editions import V1P2, Edition, spoken_at

LOG = logging.getLogger("rosterhub.api")

RETRY_SECONDS = 5

# The standard's words for a status: imsx_codeMajor and the value of imsx_codeMinorField. Others are `failure` with
# invaliddata; the 405 has no minor code of its own in the standard.
_CODES = {
    400: ("failure", "invaliddata"),
    401: ("failure", "unauthorisedrequest"),
    403: ("failure", "forbidden"),
    404: ("failure", "unknownobject"),
    405: ("unsupported", "forbidden"),
    429: ("failure", "server_busy"),
    500: ("failure", "internal_server_error"),
    503: ("failure", "server_busy"),
}

_DESCRIPTIONS = {
    404: "There is nothing at this URL.",
    405: "This service is read-only: use GET or HEAD.",
    413: "The request has a body, and it is too large: a read needs none.",
    414: "The URL is too long.",
    500: "The server failed on this request. Its log has the details under the X-Request-Id of this answer.",
}


class ApiError(Exception):
    """An answer other than 200, raised from wherever it is found out."""

    def __init__(
        self, status: int, description: str, *, minor: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.minor = minor
        self.headers = dict(headers or {})


def not_found(what: str) -> ApiError:
    """404: `what` names the thing, not why it is not shown."""
    return ApiError(404, f"{what} was not found.")


def invalid(description: str, minor: str = "invaliddata") -> ApiError:
    """400."""
    return ApiError(400, description, minor=minor)


def unavailable(description: str, seconds: int = RETRY_SECONDS) -> ApiError:
    """503, with the time after which trying again makes sense."""
    return ApiError(503, description, headers={"Retry-After": str(seconds)})


def under_maintenance() -> ApiError:
    """503 while the operator wants nothing but probes answered."""
    return unavailable("RosterHub is under maintenance. Please try again later.", 300)


def of_status(status: int, headers: Mapping[str, str] | None = None) -> ApiError:
    """The error that a status alone explains."""
    return ApiError(status, _DESCRIPTIONS.get(status) or f"{HTTPStatus(status).phrase}.", headers=headers)


def status_info(status: int, description: str, minor: str = "", edition: Edition = V1P2) -> dict[str, object]:
    """The body of an error, as an edition of the standard has it. `minor` is a code of 1.2."""
    major, usual = _CODES.get(status, ("failure", "invaliddata"))
    code = minor or usual
    return edition.error(major, edition.minors.get(code, code), description)


def answer(error: ApiError) -> Response:
    """The response that an error is told with, in the words of the edition that the request's path belongs to."""
    body = orjson.dumps(status_info(error.status, error.description, error.minor, spoken_at(request.path)))
    return Response(body, error.status, {**error.headers, "Cache-Control": "no-store"}, mimetype="application/json")


def register(app: Flask) -> None:
    """Answer whatever is raised during a request."""
    app.register_error_handler(ApiError, answer)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(PoolTimeout, _database_busy)
    app.register_error_handler(psycopg.errors.QueryCanceled, _database_busy)
    app.register_error_handler(psycopg.errors.LockNotAvailable, _database_busy)
    app.register_error_handler(psycopg.OperationalError, _database_away)
    app.register_error_handler(psycopg.errors.UndefinedTable, _not_migrated)
    app.register_error_handler(psycopg.errors.UndefinedColumn, _not_migrated)
    app.register_error_handler(Exception, _unexpected)


def _http(error: HTTPException) -> Response:
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return answer(of_status(error.code or 500, headers))


def _database_busy(error: Exception) -> Response:
    LOG.warning("database busy: %s", type(error).__name__)
    return answer(unavailable("The server is busy. Please try again, or ask for smaller pages."))


def _database_away(error: Exception) -> Response:
    LOG.error("database away: %s", type(error).__name__)
    return answer(unavailable("The database is not reachable at the moment. Please try again."))


def _not_migrated(error: Exception) -> Response:
    LOG.error("the database lacks tables or columns: run `rosterhub migrate`")
    return answer(unavailable("The database is not set up yet. Please try again later.", 60))


def _unexpected(error: Exception) -> Response:
    # Neither the message nor the path and query: they may hold what belongs to a person. The frames tell enough.
    frames = "".join(traceback.format_tb(error.__traceback__))
    LOG.error("unexpected %s, request %s, in %s\n%s", type(error).__name__, g.request_id, request.url_rule, frames)
    return answer(of_status(500))
