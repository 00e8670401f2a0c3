"""The audit log."""

from typing import Any

from fastapi import APIRouter

from app.api.configuration import Setup
from app.api.paging import PageQuery
from app.api.parameters import Answer
from app.api.presenters import instant
from app.api.security import Configurer
from app.application.ports.setup import AuditEntry

router = APIRouter(prefix="/v1/audit-log", tags=["audit log"])


class AuditEntryAnswer(Answer):
    """`actor` is the name of the key, `subject` what it was about."""

    at: str
    actor: str
    command: str
    subject: str
    detail: dict[str, Any]


class AuditLog(Answer):
    items: list[AuditEntryAnswer]
    next_cursor: str | None = None


@router.get("", response_model=AuditLog)
async def list_audit_log(principal: Configurer, setup: Setup, page: PageQuery) -> dict[str, Any]:
    """Every command: who and when, newest first."""
    entries = await setup.list_audit_log(principal.tenant_id, before=page.after, limit=page.wanted)
    return page.answer(entries, _show, lambda entry: entry.id)


def _show(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": instant(entry.at),
        "actor": entry.actor,
        "command": entry.command,
        "subject": entry.subject,
        "detail": entry.detail,
    }
