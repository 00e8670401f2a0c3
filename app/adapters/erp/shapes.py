"""Reading the shape of a connection: what every adapter's `read_endpoint` does the same way."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.adapters.erp.http import url_fault
from app.domain.errors import Fault

Model = TypeVar("Model", bound=BaseModel)


def base_url_fault(url: str) -> str | None:
    """What is wrong with a URL to which paths are added, None where it can be used."""
    if "?" in url or "#" in url:
        return "the URL must have neither a query nor a fragment: paths are added to it"
    return url_fault(url)


def read_shape(model: type[Model], values: Mapping[str, Any], under: str, faults: list[Fault]) -> Model | None:
    """`values` as a `model`; None where they are not, with a fault per field, below the pointer `under`. No fault repeats a value."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        for found in error.errors(include_url=False, include_context=False, include_input=False):
            pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in found["loc"])
            faults.append(Fault(pointer=under + pointer, message=found["msg"]))
        return None
