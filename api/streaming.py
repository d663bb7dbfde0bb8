"""Answers too large for memory: JSON written while it is read from a snapshot, which ends with the answer.

What is read, and what its headers say, is decided by those who answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack

import orjson
from flask import Response, request


def answer(stack: ExitStack, headers: Mapping[str, str], body: Iterator[bytes]) -> Response:
    """The answer with that body. The snapshot in `stack` ends with it, also when the client leaves early."""
    if request.method == "HEAD":  # its body is dropped unread, and nobody would end the snapshot
        return Response(headers=headers, mimetype="application/json")
    response = Response(body, headers=headers, mimetype="application/json")
    response.call_on_close(stack.pop_all().close)
    return response


def array(opening: bytes, chunks: Iterable[Sequence[object]], closing: bytes) -> Iterator[bytes]:
    """The same bytes as orjson writes of all chunks together: what comes before the array's items, they, what follows.

    >>> b"".join(array(b'{"n":[', [[1, 2], [], [3]], b"]}"))
    b'{"n":[1,2,3]}'
    """
    yield opening
    separator = b""
    for chunk in chunks:
        if chunk:
            yield separator + orjson.dumps(chunk)[1:-1]
            separator = b","
    yield closing
