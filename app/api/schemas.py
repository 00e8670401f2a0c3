"""Bodies of the operations' routes."""

from typing import Annotated, Literal

from pydantic import Field, StrictInt, model_validator

from app.application.events_in.values import Day, Name, Strict, Text


class DiscardBody(Strict):
    reason: Annotated[Text, Field(min_length=1)]


class ReasonBody(Strict):
    reason: Annotated[Text, Field(min_length=1)] | None = None


class UnmarkBody(Strict):
    reason: Annotated[Text, Field(min_length=1)]


class RedateBody(Strict):
    """`date` is the posting date that is sent; null is the accounting date again."""

    date: Day | None
    reason: Annotated[Text, Field(min_length=1)]


class MarkBody(Strict):
    """`erp_reference` is the ERP's own number of what was booked by hand, one journal at a time."""

    journal_ids: Annotated[list[str], Field(min_length=1, max_length=10_000)]
    reason_code: Literal["not_required", "booked_by_hand"]
    reason: Annotated[Text, Field(min_length=1)]
    erp_reference: Annotated[Name, Field(min_length=1)] | None = None


class JournalRef(Strict):
    """A journal and the version that was looked at."""

    id: str
    version: StrictInt


class SelectionBody(Strict):
    """Journals by id, each alone or with its version, or all unsent ones of an endpoint between two dates, both included."""

    journal_ids: Annotated[list[str | JournalRef], Field(min_length=1, max_length=10_000)] | None = None
    endpoint: Name | None = None
    date_from: Day | None = Field(default=None, alias="from")
    date_to: Day | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _one_way(self) -> "SelectionBody":
        by_date = (self.endpoint, self.date_from, self.date_to)
        if self.journal_ids is not None and any(by_date):
            raise ValueError("name journal_ids, or endpoint, from and to")
        if self.journal_ids is None and None in by_date:
            raise ValueError("name journal_ids, or endpoint, from and to")
        return self
