"""Whether a round was survived."""

from collections import Counter
from datetime import timedelta

from tests.faults import checks
from tests.faults.call_log import Call, read_calls
from tests.faults.evidence import booked_journals, erp_balances, minor, our_journals
from tests.faults.incidents import SKEW_SECONDS
from tests.faults.world import ENDPOINTS_PER_ERP, ERPS, World, endpoints_of

CLOCKS_APART = timedelta(seconds=2 * SKEW_SECONDS)
MOST_STORIES = 5


class Judge:
    """Looks at what is new since the round before; balances are those of the whole run."""

    def __init__(self, world: World) -> None:
        self.journals = 0
        self._world = world
        self._after = 0
        self._booked = dict.fromkeys((erp.erp.name for erp in world.erps), 0)

    async def wrong(self) -> list[str]:
        """What is, in sentences. Nothing may be under way."""
        world = self._world
        ours = await our_journals(world.database, self._after)
        calls: list[Call] = []
        wrong = checks.all_sent(ours)
        for erp in world.erps:
            theirs = await booked_journals(erp, self._booked[erp.erp.name])
            mine = [journal for journal in ours if journal.endpoint in endpoints_of(erp.erp)]
            seen = read_calls(erp.erp.calls)
            calls += seen.calls
            wrong += checks.exactly_once(mine, theirs, seen.again) + checks.equal_amounts(mine, theirs) + checks.in_order(mine, theirs)
            self._booked[erp.erp.name] = max((each.place for each in theirs), default=self._booked[erp.erp.name])
            erp.erp.calls.write_bytes(b"")
        wrong += checks.no_call_without_its_row(ours, calls, CLOCKS_APART) + checks.nothing_open(ours) + checks.nothing_blind(ours)
        wrong += checks.equal_balances(await self._our_balances(), await erp_balances(world.erps))
        self.journals += len(ours)
        self._after = max((each.sequence for each in ours), default=self._after)
        return wrong

    async def stories(self, wrong: list[str]) -> list[str]:
        """The attempts of the journals that are named first."""
        everything = await our_journals(self._world.database, 0)
        named = [journal for journal in everything if any(journal.reference in text for text in wrong)]
        return [
            f"{journal.reference} {journal.endpoint} {journal.lane} {journal.status} {journal.number}"
            + "".join(f"\n    {each.started_at} {each.purpose} {each.outcome}" for each in journal.attempts)
            for journal in named[:MOST_STORIES]
        ]

    async def _our_balances(self) -> Counter[str]:
        """The trial balance, once for every endpoint."""
        total: Counter[str] = Counter()
        for row in (await self._world.service("GET", "/v1/reports/trial-balance"))["accounts"]:
            total[row["account_code"]] += (minor(row["debit"]) - minor(row["credit"])) * ERPS * ENDPOINTS_PER_ERP
        return total
