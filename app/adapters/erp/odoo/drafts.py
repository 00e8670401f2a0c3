"""Making and deleting drafts, and calls for many records of which one must not sink the others."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from app.adapters.erp.odoo.books import Books, OdooJournal
from app.adapters.erp.odoo.calling import Odoo
from app.adapters.erp.odoo.payload import entry_values
from app.adapters.erp.odoo.records import record_ids
from app.adapters.erp.odoo.reply import Failed, understood
from app.domain.journal import JournalDocument

Item = TypeVar("Item")
Result = TypeVar("Result")


async def by_halves(
    items: Sequence[Item], attempt: Callable[[Sequence[Item]], Awaitable[Sequence[Result] | Failed]]
) -> list[tuple[Item, Result | Failed]]:
    """One call for all. Where Odoo refuses it, which undoes it for all, each half by itself; any other failure ends it for all the rest."""
    if not items:
        return []
    outcome = await attempt(items)
    if not isinstance(outcome, Failed):
        return list(zip(items, outcome, strict=True))
    if len(items) == 1 or not outcome.about_records:
        return [(item, outcome) for item in items]
    middle = len(items) // 2
    first = await by_halves(items[:middle], attempt)
    last = first[-1][1]
    if isinstance(last, Failed) and not last.about_records:
        return [*first, *((item, last) for item in items[middle:])]
    return [*first, *await by_halves(items[middle:], attempt)]


async def make_drafts(odoo: Odoo, books: Books, documents: Sequence[JournalDocument]) -> list[tuple[JournalDocument, int | Failed]]:
    """Their ids in Odoo."""

    async def create(some: Sequence[JournalDocument]) -> Sequence[int] | Failed:
        values = [entry_values(document, books) for document in some]
        reply = await odoo.call("account.move", "create", vals_list=values, context=books.journal.context)

        def read(value: object) -> Sequence[int]:
            ids = record_ids(value)
            if len(ids) != len(some):
                raise ValueError("one id for each is expected")
            return ids

        return understood(reply, read)

    return await by_halves(documents, create)


async def delete_drafts(odoo: Odoo, journal: OdooJournal, ids: Sequence[int]) -> dict[int, Failed]:
    """Those that are still there, with the reason. Odoo deletes nothing that is posted."""

    async def unlink(some: Sequence[int]) -> Sequence[None] | Failed:
        reply = await odoo.call("account.move", "unlink", some, context=journal.context)
        return reply if isinstance(reply, Failed) else [None] * len(some)

    return {each: result for each, result in await by_halves(ids, unlink) if isinstance(result, Failed) and not result.gone}


async def post_drafts(odoo: Odoo, journal: OdooJournal, ids: Sequence[int]) -> dict[int, Failed]:
    """Those that Odoo did not say it has posted, with the reason."""

    async def post(some: Sequence[int]) -> Sequence[None] | Failed:
        reply = await odoo.call("account.move", "action_post", some, context=journal.context)
        return reply if isinstance(reply, Failed) else [None] * len(some)

    return {each: result for each, result in await by_halves(ids, post) if isinstance(result, Failed)}
