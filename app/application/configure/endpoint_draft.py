"""What is said about an ERP endpoint, and what stands where nothing is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from app.application.ports.setup import Endpoint


class Preset(StrEnum):
    """Two usual ways to deliver."""

    PROCUREMENT = "procurement"
    DAILY_JOURNALS = "daily_journals"


PRESETS: Mapping[Preset, Mapping[str, str]] = {
    Preset.PROCUREMENT: {"grouping": "per_transaction", "release": "automatic"},
    Preset.DAILY_JOURNALS: {"grouping": "daily", "release": "manual"},
}
UNSAID = {"grouping": "per_transaction", "release": "manual"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointDraft:
    """An endpoint as a client puts it. None = not said; a mapping that is not said stays what it was.

    Where `credentials` are given they are all there are, but for those of before that `kept_credentials` names.
    """

    adapter: str
    url: str
    environment: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] | None = None
    kept_credentials: frozenset[str] = frozenset()
    delivery: str = "push"
    grouping: str | None = None
    release: str | None = None
    omit: tuple[str, ...] = ()
    commitments: str = "send"
    minimum_validation: str | None = None
    starts_on: date | None = None
    mapping: Mapping[str, Any] | None = field(default_factory=dict)
    description_template: str | None = None
    rate_limit_per_minute: int = 60
    max_concurrency: int = 4
    paused: bool | None = None

    def keeping(self, credentials: frozenset[str]) -> "EndpointDraft":
        """The same, but that the mapping stays what it was, and these credentials too."""
        return replace(self, mapping=None, kept_credentials=credentials)

    def settle(self, name: str, before: Endpoint | None, *, today: date, actor: str, preset: Preset | None) -> Endpoint:
        """The endpoint that it becomes. What is not said is the preset's or the default; but start, pause and sealed credentials stay."""
        usual = UNSAID if preset is None else PRESETS[preset]
        paused, reason, awaits = (before.paused, before.paused_reason, before.awaits_sign_in) if before else (False, None, False)
        if self.paused is not None and self.paused != paused:
            paused, reason, awaits = self.paused, f"paused by {actor}" if self.paused else None, False
        return Endpoint(
            name=name,
            adapter=self.adapter,
            url=self.url,
            environment=self.environment,
            starts_on=self.starts_on or (before.starts_on if before else today),
            settings=self.settings,
            credentials=before.credentials if before else None,
            delivery=self.delivery,
            grouping=self.grouping or usual["grouping"],
            release=self.release or usual["release"],
            omit=self.omit,
            commitments=self.commitments,
            minimum_validation=self.minimum_validation,
            mapping=self.mapping if self.mapping is not None else before.mapping if before else {},
            description_template=self.description_template,
            rate_limit_per_minute=self.rate_limit_per_minute,
            max_concurrency=self.max_concurrency,
            paused=paused,
            paused_reason=reason,
            awaits_sign_in=awaits,
        )
