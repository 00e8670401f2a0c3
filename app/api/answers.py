"""Answers that are long and come often."""

from typing import Any

import orjson
from starlette.responses import JSONResponse


class FastJson(JSONResponse):
    """JSON of what orjson takes: no integer beyond 64 bits, no named tuple."""

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)
