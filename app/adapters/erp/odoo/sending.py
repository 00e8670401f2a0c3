"""Booking journals in Odoo: look up, make what is not there as drafts, post them, read them back.

Making and posting are two transactions of Odoo's, so a crash between leaves a draft, which the next sending finds by its reference and
finishes. A draft is posted by its id: an answer that comes late posts nothing a second time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.adapters.erp.odoo.books import Books, book_problems
from app.adapters.erp.odoo.calling import Odoo
from app.adapters.erp.odoo.drafts import delete_drafts, make_drafts, post_drafts
from app.adapters.erp.odoo.moves import POSTED, Move, is_same, moves_of, number_of, posted_differences, read_codes, read_moves
from app.adapters.erp.odoo.payload import own_problems
from app.adapters.erp.odoo.reading import open_books, read_books
from app.adapters.erp.odoo.reply import Failed
from app.adapters.erp.odoo.settings import OdooSettings
from app.domain.delivery import Booked, Rejected, Retryable, SendOutcome, Unknown
from app.domain.journal import JournalDocument


async def send_journals(odoo: Odoo, settings: OdooSettings, documents: Sequence[JournalDocument]) -> dict[str, SendOutcome]:
    """What became of each, by its reference."""
    asked = {document.reference: document for document in documents}
    started = await _start(odoo, settings, list(asked.values()))
    if isinstance(started, Failed):
        return dict.fromkeys(asked, started.before_anything)
    sorting = _sorted_out(list(asked.values()), started)
    outcomes, ready = dict(sorting.outcomes), dict(sorting.ready)
    kept = await delete_drafts(odoo, started.books.journal, [each for ids in sorting.stale.values() for each in ids])
    for reference, ids in sorting.stale.items():
        if any(each in kept for each in ids):
            outcomes[reference] = Unknown(reason="an older draft of it cannot be deleted")
    wanted = [document for document in sorting.wanted if document.reference not in outcomes]
    for document, made in await make_drafts(odoo, started.books, wanted):
        if isinstance(made, Failed):
            outcomes[document.reference] = _not_made(made)
        else:
            ready[made] = document
    return outcomes | await _post(odoo, started.books, ready)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Start:
    """What was read before anything was done; `codes` are those of the accounts that entries which were found are on."""

    books: Books
    there: Mapping[str, Sequence[Move]]
    codes: Mapping[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorting:
    """What is to be done: `wanted` are to be made, `ready` are drafts to be posted, by id; `stale` drafts go, by our reference."""

    outcomes: dict[str, SendOutcome] = field(default_factory=dict)
    wanted: list[JournalDocument] = field(default_factory=list)
    ready: dict[int, JournalDocument] = field(default_factory=dict)
    stale: dict[str, Sequence[int]] = field(default_factory=dict)


async def _start(odoo: Odoo, settings: OdooSettings, documents: Sequence[JournalDocument]) -> _Start | Failed:
    opened = await open_books(odoo, settings)
    if isinstance(opened, Failed):
        return opened
    dialect, journal = opened
    there = await moves_of(odoo, journal, (document.reference for document in documents))
    if isinstance(there, Failed):
        return there
    codes = await read_codes(odoo, journal, (move for moves in there.values() for move in moves))
    if isinstance(codes, Failed):
        return codes
    books = await read_books(odoo, dialect, journal, documents)
    return books if isinstance(books, Failed) else _Start(books=books, there=there, codes=codes)


def _sorted_out(documents: Sequence[JournalDocument], started: _Start) -> _Sorting:
    sorting = _Sorting()
    for document in documents:
        reference, found = document.reference, started.there.get(document.reference, ())
        if posted := [move for move in found if move.state == POSTED]:
            told = posted_differences(document, posted, started.codes)
            sorting.outcomes[reference] = Booked(number=number_of(posted[0]), problems=told)
        elif problems := (*own_problems(document), *book_problems(document, started.books)):
            sorting.outcomes[reference] = Rejected(problems=problems)
        else:
            same = next((move.id for move in found if is_same(move, document, started.books)), None)
            sorting.stale[reference] = [move.id for move in found if move.id != same]
            if same is None:
                sorting.wanted.append(document)
            else:
                sorting.ready[same] = document
    return sorting


async def _post(odoo: Odoo, books: Books, ready: Mapping[int, JournalDocument]) -> dict[str, SendOutcome]:
    """Posts drafts and looks what Odoo made of them; only what it says it has posted, or says why not, is asked about again."""
    failures = await post_drafts(odoo, books.journal, list(ready))
    outcomes: dict[str, SendOutcome] = {
        ready[each].reference: failed.outcome for each, failed in failures.items() if not failed.about_records
    }
    certain = [each for each in ready if each not in failures or failures[each].about_records]
    if not certain:
        return outcomes
    moves = await read_moves(odoo, books.journal, [["id", "in", certain]])
    codes = moves if isinstance(moves, Failed) else await read_codes(odoo, books.journal, moves)
    if isinstance(moves, Failed) or isinstance(codes, Failed):
        return outcomes | {ready[each].reference: _unread(failures.get(each)) for each in certain}
    by_id = {move.id: move for move in moves}
    for each in certain:
        outcomes[ready[each].reference] = _posted(ready[each], by_id.get(each), codes, failures.get(each))
    refused = [each for each in certain if isinstance(outcomes[ready[each].reference], Rejected)]
    await delete_drafts(odoo, books.journal, refused)  # a person mends the journal, and what is sent then is made anew
    return outcomes


def _posted(document: JournalDocument, move: Move | None, codes: Mapping[int, str], failed: Failed | None) -> SendOutcome:
    if move is None:
        return Retryable(reason="the draft was deleted in Odoo before it was posted")
    if move.state == POSTED:
        return Booked(number=number_of(move), problems=posted_differences(document, [move], codes))
    if failed is None:
        return Unknown(reason="Odoo said that it has posted it, but it is a draft")
    return Retryable(reason=failed.outcome.reason) if isinstance(failed.outcome, Unknown) else failed.outcome


def _unread(failed: Failed | None) -> SendOutcome:
    return Unknown(reason="it cannot be read back") if failed is None else failed.outcome


def _not_made(failed: Failed) -> SendOutcome:
    """Odoo undoes what it says it failed to make."""
    if failed.told and isinstance(failed.outcome, Unknown):
        return Retryable(reason=failed.outcome.reason)
    return failed.outcome
