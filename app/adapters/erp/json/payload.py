"""What is sent to a `json` endpoint; `docs/json-adapter/journals-request.schema.json` says the same. Pure."""

import json
from collections.abc import Sequence

from app.domain.journal import JournalDocument
from app.domain.journal_json import journal_json


def request_body(journals: Sequence[JournalDocument]) -> str:
    """The body of a validation and of a sending alike."""
    return json.dumps({"journals": [journal_json(journal) for journal in journals]}, ensure_ascii=False, separators=(",", ":"))
