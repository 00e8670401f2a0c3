"""Forms as browsers send them: `application/x-www-form-urlencoded`, or in parts where they bring a file; read with the standard library."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs

from starlette.requests import Request

from app.api.errors import UnsupportedMediaType
from app.domain.errors import Fault, Invalid
from app.web import uploads

MOST_FIELDS = 20_000
MEDIA_TYPE = "application/x-www-form-urlencoded"


class Form:
    """The fields of a form, each with all of its values. Text is without spaces at its ends, and without what no database could hold."""

    def __init__(self, fields: Mapping[str, Sequence[str]]) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """The first value; empty where there is none."""
        return self.exact(name).strip()

    def exact(self, name: str) -> str:
        """The same with spaces: a password."""
        return next(iter(self._fields.get(name, ())), "").replace("\x00", "")

    def needed(self, name: str, what: str) -> str:
        """`Invalid` where it is empty."""
        if value := self.text(name):
            return value
        raise Invalid(f"{what} is needed", Fault(pointer=f"/{name}", message="is needed"))

    def all(self, name: str) -> Sequence[str]:
        return self._fields.get(name, ())


async def read_form(request: Request) -> Form:
    """Raises `UnsupportedMediaType`, or `Invalid` where there are too many fields or they are no text."""
    content_type = request.headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == uploads.MEDIA_TYPE:
        return Form(uploads.parts_of_body(content_type, await request.body()))
    if media_type != MEDIA_TYPE:
        raise UnsupportedMediaType(f"send the form as {MEDIA_TYPE}")
    body = await request.body()
    try:
        return Form(parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise Invalid("the form cannot be read") from error
