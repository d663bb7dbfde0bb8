"""The answers to those who may not: 401 and 403 with the challenge of RFC 6750.

The challenge is Bearer alone, also where HTTP Basic would do: a Basic challenge makes browsers ask for a password over
the page that sent the request.
"""

from api.errors import ApiError

REALM = "OneRoster"
INVALID_REQUEST, INVALID_TOKEN, INSUFFICIENT_SCOPE = "invalid_request", "invalid_token", "insufficient_scope"


def unauthorised(description: str, error: str = "") -> ApiError:
    """401. Without credentials there is no error code (RFC 6750 section 3.1)."""
    return ApiError(401, description, headers=_challenge(error))


def ambiguous(description: str) -> ApiError:
    """400 for credentials that contradict each other."""
    return ApiError(400, description, headers=_challenge(INVALID_REQUEST))


def out_of_scope(description: str, scope_uri: str) -> ApiError:
    """403, naming a scope that would do."""
    return ApiError(403, description, headers=_challenge(INSUFFICIENT_SCOPE, f', scope="{scope_uri}"'))


def _challenge(error: str, more: str = "") -> dict[str, str]:
    detail = f', error="{error}"' if error else ""
    return {"WWW-Authenticate": f'Bearer realm="{REALM}"{detail}{more}'}
