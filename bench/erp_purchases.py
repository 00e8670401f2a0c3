"""The life of an order, here and in an ERP that does all of it itself: ordered, received, invoiced, booked. Same orders, same PostgreSQL.

Ours: three events over HTTP to a service of one process, which decides three journals (the commitment, what is received and not invoiced,
what is owed) and delivers them over HTTP to the reference ERP, which validates and books each: until its ledger has the last. Odoo: its
purchase flow as a program would drive it, in seven calls of its JSON-2 API (the order made and confirmed, its receipt found and validated,
its bill made, dated and posted): until the bill stands in the ledger. It is one process of threads, as it starts by itself: its worker
processes need gevent, which `make erps` does not install, so what it does for four at a time on a larger machine is not shown here.

What each does that the other does not: Odoo keeps the purchase document, the stock, the bill, and the messages about them, and books one
entry, at the bill, as its chart has it by itself. Glint keeps the order's state and the balances of each charge code, books at every step,
and has each journal in two ledgers, its own and the ERP's, which is small. So this says what an order costs whoever has the choice, and not
that one program is faster at the other's work.

Rounds take turns. Each buyer of Odoo has products and a supplier of its own. Where Odoo is not installed, this is left out.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench.figures import Figure
from bench.glint_purchases import glint_purchases
from bench.odoo_purchases import OdooPurchases, odoo_purchases
from bench.purchase import Buyer, Purchases
from bench.run import run
from bench.server import Server
from tests.erps.odoo import NEWEST

SUBJECT = "The life of an order"
ROUNDS, ORDERS = 5, 8
AT_A_TIME = (1, 4)


@dataclass(slots=True)
class Times:
    """Of one side at one concurrency: milliseconds of each order, and orders per second of each round."""

    orders: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)


def a_round(buyers: Sequence[Buyer], names: Sequence[str], times: Times) -> None:
    """The buyers side by side, each an order after the other."""
    left = iter(names)

    def buy(buyer: Buyer) -> list[float]:
        taken = []
        for name in left:
            began = time.perf_counter()
            buyer.buy(name)
            taken.append((time.perf_counter() - began) * 1e3)
        return taken

    began = time.perf_counter()
    with ThreadPoolExecutor(len(buyers)) as threads:
        taken = [each for buyer in threads.map(buy, buyers) for each in buyer]
    times.rates.append(len(taken) / (time.perf_counter() - began))
    times.orders.extend(taken)


async def measure(server: Server, odoo: OdooPurchases) -> Mapping[int, tuple[Times, Times]]:
    """Ours and Odoo's, by how many orders at a time. The first round warms up; in the end both ledgers must hold what was bought."""
    found = {at_a_time: (Times(), Times()) for at_a_time in AT_A_TIME}
    bought = 0
    async with glint_purchases(server, max(AT_A_TIME)) as glint:
        sides: tuple[Purchases, Purchases] = (glint, odoo)
        for turn in range(ROUNDS + 1):
            for at_a_time, times in found.items():
                names = [f"PO-{turn}-{at_a_time}-{number}" for number in range(ORDERS)]
                for side, taken in zip(sides, times if turn else (Times(), Times()), strict=True):
                    await asyncio.to_thread(a_round, side.buyers[:at_a_time], names, taken)
                bought += ORDERS
        for each in sides:
            await asyncio.to_thread(each.check, bought)
    return found


def figures(server: Server) -> list[Figure]:
    if (reason := NEWEST.available() or NEWEST.unrestorable(server.version())) is not None:
        print(f"{SUBJECT}, here and in Odoo: left out. {reason}", flush=True)
        return []
    with odoo_purchases(server, max(AT_A_TIME)) as odoo:
        measured = asyncio.run(measure(server, odoo))
    against = f"Odoo {NEWEST.release.version}"
    found = []
    for at_a_time, (ours, others) in measured.items():
        name = "an order alone" if at_a_time == 1 else f"{at_a_time} orders at a time"
        found.append(
            Figure(subject=SUBJECT, name=f"{name}, until booked", ours=ours.orders, unit="ms", against=against, others=others.orders)
        )
        if at_a_time > 1:
            found.append(
                Figure(subject=SUBJECT, name=f"{name}, booked", ours=ours.rates, unit="orders/s", against=against, others=others.rates)
            )
    return found


if __name__ == "__main__":
    run(figures)
