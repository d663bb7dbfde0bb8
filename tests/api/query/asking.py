"""How the tests of queries ask: by the name of a collection, with parameters as they are, not encoded."""

from urllib.parse import quote, urlencode

from werkzeug.test import TestResponse

from api.collections import BY_NAME
from tests.api.conftest import Api


def ask(api: Api, collection: str, **parameters: str | int) -> TestResponse:
    """The answer, which has to be 200."""
    response = api.get(f"{BY_NAME[collection].path}?{urlencode(parameters, quote_via=quote)}")
    assert response.status_code == 200, response.text
    return response


def ids(response: TestResponse) -> list[str]:
    """The records of an answer, in its order."""
    (records,) = response.get_json().values()
    return [record["sourcedId"] for record in records]


def found(api: Api, collection: str, filter: str) -> list[str]:
    """What a filter finds; the total has to agree."""
    response = ask(api, collection, filter=filter)
    assert response.headers["X-Total-Count"] == str(len(ids(response)))
    return ids(response)
