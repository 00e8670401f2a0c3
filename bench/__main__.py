"""`make bench`: every measurement there is, as text and as bench/results.md."""

from bench import backlog, claims, delivery, engine, erp_purchases, events, growth_of_events, reading_pages, results, start_page
from bench.run import measured
from bench.server import a_server

MODULES = (events, engine, delivery, claims, backlog, start_page, growth_of_events, reading_pages, erp_purchases)

found = [figure for module in MODULES for figure in measured(module.figures)]
with a_server() as server:
    results.write(found, server, "make bench", "results.md")
missed = [figure.name for figure in found if figure.met is False]
print(f"{sum(figure.met is True for figure in found)} goals met" + (f", missed: {'; '.join(missed)}" if missed else ""))
