"""Answers that are long and come often."""

from typing import Any

import orjson
from starlette.responses import JSONResponse


class FastJson(JSONResponse):
    """What orjson does not take, such as an integer beyond 64 bits that a client sent as an id, goes the usual way."""

    def render(self, content: Any) -> bytes:
        try:
            return orjson.dumps(content)
        except TypeError:
            return super().render(content)
