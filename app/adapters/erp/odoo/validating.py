"""Odoo's own word on journals before they are booked: reference data, then a draft that Odoo checks and that is deleted at once."""

from collections.abc import Sequence

from app.adapters.erp.odoo.books import Books, book_problems
from app.adapters.erp.odoo.calling import Odoo
from app.adapters.erp.odoo.drafts import delete_drafts, make_drafts
from app.adapters.erp.odoo.payload import own_problems
from app.adapters.erp.odoo.reading import open_books, read_books
from app.adapters.erp.odoo.reply import Failed
from app.adapters.erp.odoo.settings import OdooSettings
from app.adapters.erp.outcomes import as_validation
from app.domain.delivery import Retryable, ValidateOutcome, Validation, ValidationLevel
from app.domain.journal import JournalDocument

LEVEL = ValidationLevel.DRAFT


async def validate_journals(odoo: Odoo, settings: OdooSettings, documents: Sequence[JournalDocument]) -> dict[str, ValidateOutcome]:
    """The verdict on each, by its reference. A crash between making a draft and deleting it leaves one, which sending then tidies up."""
    books = await _read(odoo, settings, documents)
    if isinstance(books, Failed):
        verdict = as_validation(books.before_anything, LEVEL)
        return {document.reference: verdict for document in documents}
    outcomes: dict[str, ValidateOutcome] = {}
    for document in documents:
        problems = (*own_problems(document), *book_problems(document, books))
        outcomes[document.reference] = Validation(level=LEVEL, problems=problems)
    good = [document for document in documents if _is_valid(outcomes[document.reference])]
    made = await make_drafts(odoo, books, good)
    kept = await delete_drafts(odoo, books.journal, [each for _, each in made if not isinstance(each, Failed)])
    for document, each in made:
        if isinstance(each, Failed):
            outcomes[document.reference] = as_validation(each.outcome, LEVEL)
        elif each in kept:
            outcomes[document.reference] = Retryable(reason="the draft that Odoo checked cannot be deleted")
    return outcomes


async def _read(odoo: Odoo, settings: OdooSettings, documents: Sequence[JournalDocument]) -> Books | Failed:
    opened = await open_books(odoo, settings)
    return opened if isinstance(opened, Failed) else await read_books(odoo, *opened, documents)


def _is_valid(outcome: ValidateOutcome) -> bool:
    return isinstance(outcome, Validation) and outcome.valid
