"""What was delivered against what an ERP holds."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.booked import BookedEntry
from app.domain.reconciliation import ZERO, Delivered, Trace, delivered_amounts, reconcile
from tests.contract.erp_suite import journal, line

DAY, LATER = date(2026, 11, 1), date(2026, 12, 31)


def delivered(reference: str = "JNL-1", amount: str = "10.50", *, number: str | None = "JE-1", by_hand: bool = False) -> Delivered:
    amounts = {"2100": Decimal(amount), "2110": -Decimal(amount)}
    return Delivered(reference=reference, number=number, accounting_date=DAY, amounts=amounts, by_hand=by_hand)


def entry(account: str, amount: str, *, reference: str | None = "JNL-1", number: str = "JE-1", day: date = DAY) -> BookedEntry:
    return BookedEntry(reference=reference, number=number, accounting_date=day, account_code=account, amount=Decimal(amount))


def both(amount: str = "10.50", *, reference: str | None = "JNL-1", number: str = "JE-1", day: date = DAY) -> list[BookedEntry]:
    return [entry(code, sign + amount, reference=reference, number=number, day=day) for code, sign in (("2100", ""), ("2110", "-"))]


def test_what_stands_there_as_it_was_delivered_is_equal() -> None:
    found = reconcile([delivered()], [entry("2100", "10.00"), entry("2100", "0.50"), entry("2110", "-10.50")])

    assert found.equal
    assert [(each.account_code, each.ours, each.theirs, each.difference) for each in found.accounts] == [
        ("2100", Decimal("10.50"), Decimal("10.50"), ZERO),
        ("2110", Decimal("-10.50"), Decimal("-10.50"), ZERO),
    ]


def test_missing_changed_moved_and_by_hand_are_told_apart() -> None:
    ours = [delivered("JNL-1"), delivered("JNL-2"), delivered("JNL-3")]
    there = [*both("9.00", reference="JNL-2", number="JE-2"), *both(reference="JNL-3", number="JE-3", day=LATER)]
    there += [entry("2100", "4.00", reference=None, number="JE-9"), entry("2110", "7.00", reference="SOMEBODYS", number="JE-8")]

    found = reconcile(ours, there)

    traced = [(each.trace, each.reference, each.number, each.account_code, each.ours, each.theirs) for each in found.traced]
    ten = Decimal("10.50")
    assert traced == [
        (Trace.MISSING_THERE, "JNL-1", "JE-1", "2100", ten, ZERO),
        (Trace.MISSING_THERE, "JNL-1", "JE-1", "2110", -ten, ZERO),
        (Trace.CHANGED_THERE, "JNL-2", "JE-2", "2100", ten, Decimal("9.00")),
        (Trace.CHANGED_THERE, "JNL-2", "JE-2", "2110", -ten, Decimal("-9.00")),
        (Trace.CHANGED_THERE, "JNL-3", "JE-3", "2100", ten, ten),
        (Trace.CHANGED_THERE, "JNL-3", "JE-3", "2110", -ten, -ten),
        (Trace.BOOKED_THERE_BY_HAND, None, "JE-9", "2100", ZERO, Decimal("4.00")),
        (Trace.BOOKED_THERE_BY_HAND, "SOMEBODYS", "JE-8", "2110", ZERO, Decimal("7.00")),
    ]
    assert {each.their_date for each in found.traced if each.reference == "JNL-3"} == {LATER}


def test_a_reference_of_ours_that_is_not_sent_is_no_hand_booking() -> None:
    found = reconcile([], both(reference="JNL-7"), unsent=frozenset({"JNL-7"}))
    assert {each.trace for each in found.traced} == {Trace.NOT_SENT_HERE}


def test_what_a_person_booked_under_a_number_he_gave_is_found_by_it() -> None:
    assert reconcile([delivered(by_hand=True)], both(reference=None)).equal
    other = reconcile([delivered(by_hand=True)], both(reference=None, number="JE-2"))
    assert {each.trace for each in other.traced} == {Trace.MISSING_THERE, Trace.BOOKED_THERE_BY_HAND}


def test_accounts_that_cancel_out_in_a_journal_are_not_missed() -> None:
    lines = (line(1, "debit", "2100", "5.00"), line(2, "credit", "2100", "5.00"))
    amounts = delivered_amounts(journal("JNL-1", lines=lines))
    assert amounts == {"2100": ZERO}
    assert reconcile([Delivered(reference="JNL-1", number="JE-1", accounting_date=DAY, amounts=amounts)], []).equal


REFERENCES = st.sampled_from(["JNL-1", "JNL-2", "JNL-3", None])
ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from(["2100", "2110", "4100"]),
        st.integers(-500, 500).map(lambda cents: f"{Decimal(cents) / 100:f}"),
        reference=REFERENCES,
        number=st.sampled_from(["JE-1", "JE-2", "JE-3"]),
        day=st.sampled_from([DAY, LATER]),
    ),
    max_size=12,
)


@given(ENTRIES, st.lists(st.integers(-500, 500), max_size=3))
def test_the_traced_amounts_of_an_account_are_its_difference(there: list[BookedEntry], amounts: list[int]) -> None:
    ours = [delivered(f"JNL-{number}", f"{Decimal(cents) / 100:f}", number=None) for number, cents in enumerate(amounts, start=1)]
    found = reconcile(ours, there)

    for account in found.accounts:
        explained = sum((each.theirs - each.ours for each in found.traced if each.account_code == account.account_code), ZERO)
        assert explained == account.difference
