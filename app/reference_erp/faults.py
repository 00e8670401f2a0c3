"""Faults on demand: what an ERP and the network before it really do wrong, so that a sender can be tested against it.

Either one fault is set, for so many requests or until further notice; or a plan draws one for each request, from a seed, and counts
what it drew. The one that is set goes first.
"""

import asyncio
from collections import Counter
from random import Random
from typing import Annotated, Literal

from pydantic import Field

from app.reference_erp.messages import Message

DROP = "reference_erp.drop"
"""The scope extension, `drop(flush: bool)`, by which the server lets the application cut its own TCP connection."""

Target = Literal["send", "validate", "find"]
Mode = Literal["slow", "hold", "fail", "throttle", "unavailable", "book_then_drop", "garbage", "half_body", "flood", "reject_some"]
NOT_FOR_FIND = ("reject_some",)
UNCLEAR = (408, 500, 502, 504)
"""The statuses that say nothing about whether a request was carried out."""


class Fault(Message):
    """`times` counts down to none; without it the fault stays.

    slow: carries the request out `seconds` late, though its sender may have gone. hold: the same, once `POST /faults/release` says so.
    fail: answers `status`, books nothing. throttle: 429. unavailable: 503, with Retry-After if given.
    The next four carry the request out first: book_then_drop cuts the connection without an answer, garbage answers 200 with no JSON,
    half_body announces the whole answer and breaks off in its middle, flood answers 200 and 10 MB.
    reject_some: rejects about half of the journals of the request, at least one, and lets the others through.
    """

    mode: Literal["none"] | Mode
    on: Target = "send"
    seconds: Annotated[float, Field(ge=0, le=600)] = 5
    status: Annotated[int, Field(ge=300, le=599)] = 500
    retry_after: Annotated[int, Field(ge=0)] | None = None
    times: Annotated[int, Field(ge=1)] | None = None


class FaultPlan(Message):
    """How likely each request is to meet which fault, between 0 and 1, all together at most 1; drawn from `seed`.

    slow takes up to `seconds`; fail answers any of the statuses that leave it open whether the request was carried out.
    """

    seed: int = 0
    rates: dict[Mode, Annotated[float, Field(ge=0, le=1)]] = {}
    seconds: Annotated[float, Field(ge=0, le=60)] = 2


class FaultReport(Message):
    """What the plans drew since the ERP was started, by target and mode; how many requests are held, and how many are under way in all."""

    plan: FaultPlan
    fired: dict[Target, dict[str, int]]
    held: int
    under_way: int


class FaultSwitch:
    """The fault that is set and the plan, in memory. Used on the event loop only."""

    def __init__(self) -> None:
        self.fault = Fault(mode="none")
        self.random = Random(0)  # noqa: S311 - faults keep no secret
        self.held = 0
        self.under_way = 0
        self._plan = FaultPlan()
        self._fired: Counter[tuple[Target, str]] = Counter()
        self._gate = asyncio.Event()

    def follow(self, plan: FaultPlan) -> None:
        """Draws by this plan from now on; what was counted stays."""
        self._plan, self.random = plan, Random(plan.seed)  # noqa: S311 - as above

    def report(self) -> FaultReport:
        fired: dict[Target, dict[str, int]] = {}
        for (target, mode), times in sorted(self._fired.items()):
            fired.setdefault(target, {})[mode] = times
        return FaultReport(plan=self._plan, fired=fired, held=self.held, under_way=self.under_way)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, counted; None where it goes through."""
        target, fault = _target(method, path), self.fault
        if target is None:
            return None
        if fault.mode == "none" or fault.on != target:
            return self._draw(target)
        if fault.times is not None:
            left = fault.times - 1
            self.fault = fault.model_copy(update={"times": left}) if left else Fault(mode="none")
        return fault

    async def wait_for_release(self) -> None:
        """Holds a request back."""
        self.held += 1
        try:
            await self._gate.wait()
        finally:
            self.held -= 1

    def release(self) -> None:
        """Lets all go that are held now."""
        self._gate.set()
        self._gate = asyncio.Event()

    def _draw(self, target: Target) -> Fault | None:
        drawn, upto = self.random.random(), 0.0
        for mode, rate in self._plan.rates.items():
            upto += rate
            if drawn < upto and not (target == "find" and mode in NOT_FOR_FIND):
                self._fired[target, mode] += 1
                return Fault(mode=mode, on=target, seconds=self.random.random() * self._plan.seconds, status=self.random.choice(UNCLEAR))
        return None


def _target(method: str, path: str) -> Target | None:
    if method == "POST" and path in ("/journals", "/journals/validate"):
        return "send" if path == "/journals" else "validate"
    return "find" if method == "GET" and path.startswith("/journals/") else None
