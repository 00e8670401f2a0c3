"""What the demo tells at its end: the transactions, both trial balances, and where to look next."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from app.demo.balances import Row
from app.demo.client import Client, Json
from app.demo.installation import Installation
from app.demo.purchases import DOCUMENTS
from app.demo.screen import Screen
from app.demo.set_up import FIRST_DAY, LAST_DAY
from app.demo.tables import money, transaction_table, transaction_title, trial_balance_table


def tell_transactions(screen: Screen, transactions: Sequence[Json], journals: Sequence[Json]) -> None:
    """Each as double entry, with its journal's reference here and number in the ERP."""
    by_id = {journal["id"]: journal for journal in journals}
    screen.heading("Account transactions")
    for transaction in transactions:
        screen.line()
        screen.strong(transaction_title(transaction, [by_id[each["journal_id"]] for each in transaction["delivery"]]))
        screen.lines(transaction_table(transaction))


def tell_balances(screen: Screen, rows: Sequence[Row]) -> bool:
    """Both trial balances, and whether they are equal to the cent."""
    screen.heading(f"Trial balance as of {LAST_DAY}, NZD")
    screen.line()
    screen.lines(trial_balance_table(rows))
    screen.line()
    different = [row for row in rows if row.differs]
    for row in different:
        screen.verdict(_difference(row), good=False)
    if not different:
        turnover = sum((row.ours.debit for row in rows), Decimal(0))
        screen.verdict(f"equal to the cent: {len(rows)} accounts, {money(turnover)} posted to each side", good=True)
    return not different and bool(rows)


def tell_journals(screen: Screen, journals: Sequence[Json], booked: Sequence[Json]) -> bool:
    """Whether the ERP has booked every journal once, and nothing else."""
    times = Counter(journal["reference"] for journal in booked)
    ours = {journal["reference"] for journal in journals}
    wrong = sorted(reference for reference in ours | set(times) if times[reference] != (reference in ours))
    if wrong:
        screen.verdict(f"not in the ERP exactly once: {', '.join(wrong)}", good=False)
    else:
        screen.verdict(f"{len(ours)} journals here, the same {len(booked)} in the ERP, each once", good=True)
    return not wrong


def tell_where_to_look(screen: Screen, installed: Installation, client: Client, logs: Path) -> None:
    """Addresses and keys of what is still running."""
    ask = f"curl -H 'Authorization: Bearer {client.glint.token}' '{installed.service_url}"
    screen.heading("Where to look next")
    screen.lines(
        (
            "",
            f"Glint          {installed.service_url}",
            f"  key          {client.glint.token}",
            f"  admin key    {installed.admin_key}",
            f"Reference ERP  {installed.erp_url}",
            f"  token        {installed.erp_token}",
            f"Documents      {DOCUMENTS}",
            f"Logs           {logs}",
            "",
            f"{ask}/v1/orders/PO-4711'",
            f"{ask}/v1/journals?from={FIRST_DAY}&to={LAST_DAY}'",
            f"{ask}/v1/reports/trial-balance'",
            f"curl -H 'Authorization: Bearer {installed.erp_token}' '{installed.erp_url}/trial-balance'",
            "",
        )
    )


def _difference(row: Row) -> str:
    ours, theirs = (f"{money(each.debit)} / {money(each.credit)}" for each in (row.ours, row.theirs))
    return f"{row.code} {row.name} differs: debit / credit {ours} here, {theirs} in the ERP"
