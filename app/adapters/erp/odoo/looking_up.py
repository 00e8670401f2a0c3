"""Whether Odoo has a journal, by our reference."""

from collections.abc import Mapping, Sequence

from app.adapters.erp.odoo.calling import Odoo
from app.adapters.erp.odoo.moves import POSTED, Move, moves_of, number_of, posted_differences, read_codes
from app.adapters.erp.odoo.reading import open_books
from app.adapters.erp.odoo.reply import Failed
from app.adapters.erp.odoo.settings import OdooSettings
from app.adapters.erp.outcomes import as_look_up
from app.domain.delivery import Absent, FindOutcome, FoundBooked, FoundDraft
from app.domain.journal import JournalDocument


async def find_journals(odoo: Odoo, settings: OdooSettings, documents: Sequence[JournalDocument]) -> dict[str, FindOutcome]:
    """What there is of each, by its reference. A cancelled entry counts for none."""
    found = await _read(odoo, settings, documents)
    if isinstance(found, Failed):
        return {document.reference: as_look_up(found.before_anything) for document in documents}
    moves, codes = found
    return {document.reference: _found(document, moves.get(document.reference, ()), codes) for document in documents}


async def _read(
    odoo: Odoo, settings: OdooSettings, documents: Sequence[JournalDocument]
) -> tuple[Mapping[str, Sequence[Move]], Mapping[int, str]] | Failed:
    opened = await open_books(odoo, settings)
    if isinstance(opened, Failed):
        return opened
    _, journal = opened
    moves = await moves_of(odoo, journal, (document.reference for document in documents))
    if isinstance(moves, Failed):
        return moves
    codes = await read_codes(odoo, journal, (move for some in moves.values() for move in some))
    return codes if isinstance(codes, Failed) else (moves, codes)


def _found(document: JournalDocument, moves: Sequence[Move], codes: Mapping[int, str]) -> FindOutcome:
    posted = [move for move in moves if move.state == POSTED]
    if posted:
        return FoundBooked(number=number_of(posted[0]), problems=posted_differences(document, posted, codes))
    return FoundDraft(number=number_of(moves[0])) if moves else Absent()
