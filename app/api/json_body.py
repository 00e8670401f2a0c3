"""Bodies in strict JSON. Read after the key was checked, since a dependency reads them, and not the framework before all else."""

import json
import math
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from app.api.errors import NotJson, UnsupportedMediaType
from app.application.events_in.envelope import faults_of
from app.domain.errors import Invalid

MAX_DEPTH = 64
MAX_DIGITS = 40

Model = TypeVar("Model", bound=BaseModel)


class JsonBody(Generic[Model]):
    """A dependency that gives the body as a model: `Annotated[AccountBody, Depends(JsonBody(AccountBody))]`.

    `optional`: no body at all counts as an empty object. `app.api.openapi` describes the body where it finds one of these.
    """

    also: tuple[str, ...] = ()
    """Media types besides JSON, for a description."""

    def __init__(self, model: type[Model], *, optional: bool = False) -> None:
        self.model = model
        self.optional = optional

    async def __call__(self, request: Request) -> Model:
        raw = {} if self.optional and not await request.body() else await read_json(request)
        return shaped(self.model, raw, "the body breaks its shape")


def shaped(model: type[Model], raw: Any, told: str) -> Model:
    """`raw` as a `model`. Raises `Invalid` with a fault per field, and `told` as its sentence."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise Invalid(told, *faults_of(error)) from error


async def read_json(request: Request) -> Any:
    """The request's body. `UnsupportedMediaType` where it says that it is something else than JSON, `NotJson` where it is not JSON."""
    _check_media_type(request)
    body = await request.body()
    if not body:
        raise NotJson("there is no body")
    return parse_json(body)


def parse_json(body: bytes) -> Any:
    """RFC 8259 in UTF-8 and nothing more lenient: no NaN, no key twice, no number that cannot be kept, no bottomless nesting."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_bounded,
        )
    except UnicodeDecodeError as error:
        raise NotJson("the body is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg}: line {error.lineno} column {error.colno}") from error
    except RecursionError as error:
        raise NotJson("the body is nested too deeply") from error
    _check_depth(value)
    return value


def _check_media_type(request: Request) -> None:
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json" and not (media_type.startswith("application/") and media_type.endswith("+json")):
        raise UnsupportedMediaType("send the body as application/json")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("send the body without a content encoding")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("an object has the same key twice")
    return found


def _no_constant(text: str) -> float:
    raise NotJson(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotJson("a number is too large")
    return number


def _bounded(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise NotJson(f"an integer has more than {MAX_DIGITS} digits")
    return int(text)


def _check_depth(value: object) -> None:
    """What reads the value later is recursive too, and starts from a deeper stack than the parser did."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise NotJson(f"the body is nested more than {MAX_DEPTH} deep")


def _children(node: object) -> Iterable[object]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()
