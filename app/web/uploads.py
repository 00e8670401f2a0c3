"""Forms that bring a file: `multipart/form-data` (RFC 7578), read with the standard library's parser of MIME."""

from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from app.domain.errors import Fault, Invalid

MEDIA_TYPE = "multipart/form-data"
MOST_PARTS = 1_000


def parts_of_body(content_type: str, body: bytes) -> Mapping[str, list[str]]:
    """The fields with their values; a file's is its text. Raises `Invalid` where it is no such form, or a file is not UTF-8."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", errors="replace")
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart() or message.defects:
        raise Invalid("the form cannot be read")
    fields: dict[str, list[str]] = {}
    for number, part in enumerate(message.iter_parts()):
        name = part.get_param("name", header="content-disposition")
        if number >= MOST_PARTS or not isinstance(name, str):
            raise Invalid("the form cannot be read")
        fields.setdefault(name, []).append(_text(name, part))
    return fields


def _text(name: str, part: Message) -> str:
    content = part.get_payload(decode=True)
    try:
        return content.decode("utf-8-sig") if isinstance(content, bytes) else ""
    except UnicodeDecodeError as error:
        message = "the file is not text in UTF-8"
        raise Invalid(message, Fault(pointer=f"/{name}", message=message)) from error
