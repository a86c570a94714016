"""The WSGI application: GraphQL over HTTP in the format of Apollo 2, on any path."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from flowrun_widgets.gateway.response import Response

__all__ = ["GatewayApp"]

LARGEST_BODY = 5 * 1024 * 1024
_TEXT = "text/html; charset=utf-8"
_JSON = "application/json; charset=utf-8"


class _BadRequestError(Exception):
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class GatewayApp:
    """Answers POST requests with a JSON object or a list of objects, and GET requests with `?query=`."""

    def __init__(self, execute: Callable[[Any, Any, Any], Response]) -> None:
        self._execute = execute

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            asked = _question(environ)
            if isinstance(asked, list):
                questions = [_object(each) for each in asked]
                start_response("200 OK", [("Content-Type", _JSON)])
                return self._batch(questions)
            response = self._ask(_object(asked))
        except _BadRequestError as error:
            body = error.text.encode()
            headers = [("Content-Type", _TEXT), ("Content-Length", str(len(body)))]
            if error.status == HTTPStatus.METHOD_NOT_ALLOWED:
                headers.append(("Allow", "GET, POST"))
            start_response(_status_line(error.status), headers)
            return [body]
        start_response(_status_line(response.status), response.headers)
        return response.body

    def _ask(self, question: dict[str, Any]) -> Response:
        name = question.get("operationName")
        return self._execute(
            question.get("query"),
            question.get("variables"),
            name if isinstance(name, str) else None,
        )

    def _batch(self, questions: list[dict[str, Any]]) -> Iterator[bytes]:
        yield b"["
        for number, question in enumerate(questions):
            if number:
                yield b","
            response = self._ask(question)
            if response.headers[0][1] == _JSON:
                yield from response.body
            else:
                text = b"".join(response.body).decode()
                yield json.dumps({"errors": [{"message": text}]}).encode()
        yield b"]"


def _question(environ: WSGIEnvironment) -> Any:
    method = environ["REQUEST_METHOD"]
    if method == "GET":
        given = {
            name: values[-1] for name, values in parse_qs(environ.get("QUERY_STRING", "")).items()
        }
        if not given:
            raise _BadRequestError(400, "GET query missing.")
        return given
    if method != "POST":
        raise _BadRequestError(405, "This server supports only GET and POST requests.")
    body = _body(environ)
    if not body.strip():
        raise _BadRequestError(500, "POST body missing.")
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip() == "application/graphql":
        return {"query": body.decode(errors="replace")}
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise _BadRequestError(400, "The body is not valid JSON.") from None


def _body(environ: WSGIEnvironment) -> bytes:
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise _BadRequestError(400, "Content-Length is not a number.") from None
    if length > LARGEST_BODY:
        raise _BadRequestError(413, "The body is larger than 5 MB.")
    return environ["wsgi.input"].read(length)


def _object(asked: Any) -> dict[str, Any]:
    if not isinstance(asked, dict):
        raise _BadRequestError(400, "Must provide query string.")
    return asked


def _status_line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"
