"""`Meter`: what goes to a server, and comes from it."""

from __future__ import annotations

import httpx

__all__ = ["Meter"]


class Meter(httpx.BaseTransport):
    """Counts requests, and the bytes of answers as they come over the wire."""

    def __init__(self):
        self._inner = httpx.HTTPTransport()
        self.requests = self.bytes = 0

    def handle_request(self, request):
        self.requests += 1
        response = self._inner.handle_request(request)
        body = b"".join(response.stream)
        response.close()
        self.bytes += len(body)
        return httpx.Response(
            response.status_code, headers=response.headers, stream=httpx.ByteStream(body)
        )

    def close(self):
        self._inner.close()

    def of(self, ask):
        """Return what a call brings, and the requests and bytes that it costs."""
        before = self.requests, self.bytes
        result = ask()
        return result, self.requests - before[0], self.bytes - before[1]
