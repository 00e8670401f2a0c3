"""What follows from each outcome: the whole table."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.application.ports.journals import Journal
from app.application.settle_delivery import Outcome, Settlement, outcome_json, settle
from app.domain import delivery as d
from app.domain.journal import JournalStatus
from app.domain.money import Currency
from app.domain.retry import SCHEDULE, after_throttling, next_try

NOW = datetime(2026, 11, 16, tzinfo=UTC)
NZD = Currency(code="NZD", digits=2)
PROBLEM = d.Problem(line=2, code="account-unknown", message="5100 is not in the chart")


def journal(status: JournalStatus) -> Journal:
    return Journal(
        id=UUID(int=1),
        endpoint="erp",
        reference="ABC-1",
        accounting_date=date(2026, 11, 2),
        currency=NZD,
        base_currency=NZD,
        debit_total=1050,
        base_debit_total=1050,
        description="",
        lane_key="order:PO-1",
        status=status,
    )


def settled(outcome: Outcome, status: JournalStatus, *, failures: int = 0, absent_after: datetime | None = None) -> Settlement:
    return settle(outcome, journal(status), failures=failures, now=NOW, jitter_permille=0, absent_after=absent_after, minimum="erp_dry_run")


@pytest.mark.parametrize(
    ("outcome", "before", "after"),
    [
        (d.Booked(number="JE-1"), JournalStatus.SENDING, JournalStatus.SENT),
        (d.FoundBooked(number="JE-1"), JournalStatus.UNKNOWN, JournalStatus.SENT),
        (d.Rejected(problems=(PROBLEM,)), JournalStatus.SENDING, JournalStatus.REJECTED),
        (d.Throttled(retry_after=7), JournalStatus.SENDING, JournalStatus.QUEUED),
        (d.Throttled(retry_after=7), JournalStatus.OPEN, JournalStatus.OPEN),
        (d.Retryable(reason="refused"), JournalStatus.SENDING, JournalStatus.QUEUED),
        (d.Retryable(reason="refused"), JournalStatus.OPEN, JournalStatus.OPEN),
        (d.Unknown(reason="no answer"), JournalStatus.SENDING, JournalStatus.UNKNOWN),
        (d.CannotTell(reason="down"), JournalStatus.UNKNOWN, JournalStatus.UNKNOWN),
        (d.Absent(), JournalStatus.UNKNOWN, JournalStatus.QUEUED),
        (d.FoundDraft(number="*7"), JournalStatus.UNKNOWN, JournalStatus.QUEUED),
        (d.AcceptedAsync(job="7"), JournalStatus.SENDING, JournalStatus.UNKNOWN),
        (d.Unauthorised(reason="401"), JournalStatus.SENDING, JournalStatus.QUEUED),
        (d.Misconfigured(reason="404"), JournalStatus.OPEN, JournalStatus.OPEN),
        (d.Validation(level=d.ValidationLevel.ERP_DRY_RUN), JournalStatus.OPEN, JournalStatus.VALID),
        (d.Validation(level=d.ValidationLevel.LOCAL), JournalStatus.OPEN, JournalStatus.INVALID),
        (d.Validation(level=d.ValidationLevel.ERP_DRY_RUN, problems=(PROBLEM,)), JournalStatus.OPEN, JournalStatus.INVALID),
    ],
)
def test_status_after(outcome: Outcome, before: JournalStatus, after: JournalStatus) -> None:
    assert settled(outcome, before).journal.status is after


def test_booked_is_done_and_keeps_the_number() -> None:
    settlement = settled(d.Booked(number="JE-88"), JournalStatus.SENDING)
    assert settlement.done
    assert settlement.go_on
    assert settlement.journal == replace(journal(JournalStatus.SENT), number="JE-88", finished_at=NOW)


@pytest.mark.parametrize("outcome", [d.Booked(number="JE-1", problems=(PROBLEM,)), d.FoundBooked(number="JE-1", problems=(PROBLEM,))])
def test_what_the_erp_booked_otherwise_is_sent_and_told(outcome: Outcome) -> None:
    settlement = settled(outcome, JournalStatus.SENDING)
    assert (settlement.done, settlement.journal.status, settlement.journal.problems) == (True, JournalStatus.SENT, (PROBLEM,))


def test_a_draft_is_finished_only_when_nobody_may_still_be_posting_it() -> None:
    early = settled(d.FoundDraft(number="*7"), JournalStatus.UNKNOWN, absent_after=NOW + timedelta(seconds=60))
    assert early.journal.status is JournalStatus.UNKNOWN


def test_a_job_is_looked_up_soon_and_burns_no_attempt() -> None:
    settlement = settled(d.AcceptedAsync(job="7"), JournalStatus.SENDING, failures=2)
    assert settlement.next_at is not None
    assert (settlement.failures, settlement.go_on, settlement.next_at - NOW < timedelta(minutes=1)) == (2, False, True)


def test_rejected_waits_for_a_person_with_its_problems() -> None:
    settlement = settled(d.Rejected(problems=(PROBLEM,)), JournalStatus.SENDING)
    assert settlement.withdrawn
    assert not settlement.go_on
    assert settlement.journal.problems == (PROBLEM,)


def test_absent_counts_only_after_the_time_limit_of_the_erp() -> None:
    early = settled(d.Absent(), JournalStatus.UNKNOWN, absent_after=NOW + timedelta(seconds=60))
    assert early.journal.status is JournalStatus.UNKNOWN
    assert early.next_at is not None
    assert early.next_at > NOW
    assert settled(d.Absent(), JournalStatus.UNKNOWN, absent_after=NOW).journal.status is JournalStatus.QUEUED


def test_throttling_burns_no_attempt() -> None:
    settlement = settled(d.Throttled(retry_after=30), JournalStatus.SENDING, failures=3)
    assert settlement.failures == 3
    assert settlement.next_at == NOW + timedelta(seconds=30)


@pytest.mark.parametrize("outcome", [d.Unauthorised(reason="401"), d.Misconfigured(reason="404")])
def test_what_only_an_operator_can_mend_pauses_the_endpoint(outcome: Outcome) -> None:
    settlement = settled(outcome, JournalStatus.SENDING)
    assert settlement.pause_reason
    assert not settlement.withdrawn


def test_the_schedule_ends_in_failed_and_unknown_stays_unknown() -> None:
    last = len(SCHEDULE)
    assert settled(d.Retryable(reason="down"), JournalStatus.SENDING, failures=last).journal.status is JournalStatus.FAILED
    unknown = settled(d.CannotTell(reason="down"), JournalStatus.UNKNOWN, failures=last)
    assert unknown.journal.status is JournalStatus.UNKNOWN
    assert unknown.withdrawn


def test_schedule_with_jitter() -> None:
    assert [next_try(failures, NOW, 0) for failures in (1, 2, 3)] == [
        NOW + timedelta(seconds=5),
        NOW + timedelta(minutes=5),
        NOW + timedelta(minutes=30),
    ]
    assert next_try(1, NOW, 200) == NOW + timedelta(seconds=6)
    assert next_try(1, NOW, -200) == NOW + timedelta(seconds=4)
    assert next_try(len(SCHEDULE) + 1, NOW, 0) is None


@pytest.mark.parametrize(("said", "seconds"), [(None, 60), (0, 1), (90, 90), (10**7, 86_400)])
def test_after_throttling(said: int | None, seconds: int) -> None:
    assert after_throttling(NOW, said) == NOW + timedelta(seconds=seconds)


def test_outcomes_are_kept_by_name() -> None:
    assert outcome_json(d.Booked(number="JE-1")) == ("booked", {"number": "JE-1"})
    assert outcome_json(d.Booked(number="JE-1", problems=(PROBLEM,)))[1]["problems"][0]["code"] == PROBLEM.code
    assert outcome_json(d.AcceptedAsync(job="7")) == ("accepted_async", {"job": "7"})
