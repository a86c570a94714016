"""A GraphQL endpoint for one Prefect 1 client, which keeps what the client writes as rows."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from document import Selection, parse
from reads import Reads
from tables import Row, Tables
from writes import Writes


class Endpoint:
    """Answers on 127.0.0.1 at a free port; `tables` holds what has been written so far."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.lock = threading.RLock()
        self._reads = Reads(self.tables)
        self._writes = Writes(self.tables)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Endpoint:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def execute(self, body: Row) -> Row:
        """Return the GraphQL answer to one request body."""
        variables = body.get("variables") or {}
        if isinstance(variables, str):
            variables = json.loads(variables) or {}
        is_mutation = body["query"].lstrip().startswith("mutation")
        try:
            with self.lock:
                selections = parse(body["query"], variables)
                answer = self._write if is_mutation else self._reads.answer
                return {"data": {each.name: answer(each) for each in selections}}
        except (ValueError, LookupError, TypeError) as error:
            return {"errors": [{"message": str(error), "path": None}], "data": None}

    def _write(self, selection: Selection) -> Any:
        mutation = getattr(self._writes, selection.name, None)
        if mutation is None:
            raise LookupError(f'Cannot query field "{selection.name}" on type "Mutation".')
        payload = mutation(**selection.arguments["input"])
        return {wanted.name: payload[wanted.name] for wanted in selection.fields}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = endpoint.execute(body)
                if "errors" in answer:
                    print("endpoint:", answer["errors"][0]["message"], flush=True)
                content = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
