"""Validate with GL and Send to GL: what the buttons of the GL screen do."""

from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.api.ids import Kind, format_id
from app.application.ports.batches import Batch
from app.application.ports.journals import Journal
from app.web import words
from app.web.errors import told
from app.web.formats import plural
from app.web.parts import Use
from app.web.session import Acting, Sender
from app.web.worklist import selection

router = APIRouter()


@router.post("/journals/validate")
async def validate(request: Request, acting: Sender, use: Use) -> Response:
    """Few are checked while the person waits; many become a batch, whose progress the page shows."""
    chosen = await selection(use, acting.person.tenant_id, acting.form)
    return await _answer(request, acting, await use.validate_journals(acting.person.tenant_id, chosen, acting.name), "Validated")


@router.post("/journals/send")
async def send(request: Request, acting: Sender, use: Use) -> Response:
    """Only what is valid, in the version that was looked at, all or none."""
    chosen = await selection(use, acting.person.tenant_id, acting.form)
    return await _answer(request, acting, await use.send_journals(acting.person.tenant_id, chosen, acting.name), "Sent to the GL")


async def _answer(request: Request, acting: Acting, done: Sequence[Journal] | Batch, what: str) -> Response:
    if isinstance(done, Batch):
        return RedirectResponse(_with_batch(acting.back, format_id(Kind.BATCH, done.id)), status_code=303)
    counted = Counter(str(journal.status) for journal in done)
    bad = [journal for journal in done if words.TONE.get(journal.status) in ("bad", "warn")]
    outcomes = ", ".join(f"{count} {words.status(status).lower()}" for status, count in counted.items())
    return await told(request, acting, f"{what}: {plural(len(done), 'journal')}, {outcomes}.", failed=bool(bad))


def _with_batch(back: str, batch_id: str) -> str:
    parts = urlsplit(back)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("batch", "cursor")]
    return f"{parts.path}?{urlencode([*kept, ('batch', batch_id)])}"
