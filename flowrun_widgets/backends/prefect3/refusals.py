"""Remembers which fields, sorts and routes a server does not know, because its version is older or newer.

Nothing is derived from version numbers. The newest API is assumed until a request is refused; the refusal names what
the server does not know, and from then on no request with it is sent.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import msgspec

from flowrun_widgets.errors import QueryRejected
from flowrun_widgets.forks import unlocked_in_child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowrun_widgets.backends.answer import Answer

__all__ = ["NotKnown", "Refusals", "either"]

T = TypeVar("T")

ROUTE_IS_MISSING = (404, 405)
INVALID = 422


class NotKnown(QueryRejected):
    """The server does not know a field, a sort or the route of the request. Another request may succeed."""


class _Place(NamedTuple):
    """What the server does not know: a field in the body of a route, or one value of it; without `keys`, the route."""

    path: str
    keys: tuple[str, ...] = ()
    value: str | None = None

    @property
    def words(self) -> str:
        value = "" if self.value is None else f" {self.value}"
        return f"{'.'.join(self.keys)}{value}" if self.keys else f"the route {self.path}"


class Refusals:
    """What one server refused. Thread-safe."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = unlocked_in_child(threading.Lock())
        self._places: set[_Place] = set()

    def check(self, path: str, body: Mapping[str, Any]) -> None:
        """Raise NotKnown if the server is known to refuse this request."""
        with self._lock:
            found = [place for place in self._places if place.path == path and _holds(place, body)]
        if found:
            raise self._error(found)

    def learn(self, path: str, body: Mapping[str, Any], answer: Answer) -> None:
        """Raise NotKnown if the answer says that part of the request is not known; fields are remembered."""
        if answer.status in ROUTE_IS_MISSING:  # a proxy may answer this too, temporarily
            raise self._error([_Place(path)])
        found = _refused(path, body, answer) if answer.status == INVALID else []
        if found:
            with self._lock:
                self._places.update(found)
            raise self._error(found)

    def _error(self, places: list[_Place]) -> NotKnown:
        words = sorted({place.words for place in places})
        return NotKnown(
            f"{self._url} does not know {', '.join(words)}: its version of Prefect has another API."
        )


def either(*ways: Callable[[], T]) -> T:
    """Return the result of the first function that the server knows; if it knows none, raise the last error."""
    *others, last = ways
    for way in others:
        try:
            return way()
        except NotKnown:
            continue
    return last()


def _refused(path: str, body: Mapping[str, Any], answer: Answer) -> list[_Place]:
    """Return what a validation error calls unknown in a request, not counting wrong values of known fields."""
    found: list[_Place] = []
    for detail in _details(answer):
        loc, kind = detail.get("loc"), str(detail.get("type"))
        keys = loc[1:] if isinstance(loc, list) else []
        node, way = body, list[str]()
        for key in keys:
            below = _below(node, key)
            if below is None:
                break
            node = below
            way += [key] if isinstance(key, str) else []
        else:
            if "extra" in kind and way:
                found.append(_Place(path, tuple(way)))
            elif ("enum" in kind or "literal" in kind) and isinstance(node, str):
                found.append(_Place(path, tuple(way), node))
    return found


def _details(answer: Answer) -> list[dict[str, Any]]:
    """Return the details of a validation error, in Prefect's format or FastAPI's own."""
    try:
        said = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return []
    if not isinstance(said, dict):
        return []
    details = said.get("exception_detail") or said.get("detail")
    return [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []


def _below(node: Any, key: object) -> Any:
    if isinstance(node, dict) and isinstance(key, str):
        return node.get(key)
    if isinstance(node, list | tuple) and isinstance(key, int) and 0 <= key < len(node):
        return node[key]
    return None


def _holds(place: _Place, body: Mapping[str, Any]) -> bool:
    node: Any = body
    for key in place.keys:
        node = _below(node, key)
        if node is None:
            return False
    if place.value is None:
        return True
    return place.value in node if isinstance(node, list | tuple) else node == place.value
