"""Logs are JSON lines with trace and tenant, and never hold a secret."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.contextvars import bind_contextvars

from app.observability import Metrics, Trace, configure_logging, current_trace_id, trace_id_from

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("INFO", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:], root.level = before, level


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_ours_and_the_libraries_lines_look_the_same(logged: io.StringIO) -> None:
    with Trace(TRACE):
        bind_contextvars(tenant_id="t")
        structlog.get_logger("ours").info("made", number=1)
        logging.getLogger("theirs").warning("%s happened", "something", extra={"place": 2})
    logging.getLogger("theirs").info("outside")
    ours, theirs, outside = _lines(logged)
    assert (ours["event"], ours["number"], ours["level"], ours["logger"]) == ("made", 1, "info", "ours")
    assert (theirs["event"], theirs["place"], theirs["level"]) == ("something happened", 2, "warning")
    assert {ours["trace_id"], theirs["trace_id"]} == {TRACE}
    assert {ours["tenant_id"], theirs["tenant_id"]} == {"t"}
    assert not {"trace_id", "tenant_id"} & outside.keys()


def test_a_traceback_has_no_values_of_variables(logged: io.StringIO) -> None:
    def fails(password: str) -> None:
        raise RuntimeError("no")

    secret = "hunter" + str(2)
    try:
        fails(secret)
    except RuntimeError:
        structlog.get_logger().exception("broken")
    (line,) = _lines(logged)
    assert "RuntimeError: no" in line["exception"]
    assert secret not in logged.getvalue()


@pytest.mark.parametrize("name", ["token", "authorization", "credentials", "password", "secret_key"])
def test_a_value_under_a_name_that_means_a_secret_is_hidden(logged: io.StringIO, name: str) -> None:
    structlog.get_logger().info("made", **{name: "hunter2"})
    logging.getLogger("theirs").info("made", extra={name: "hunter2"})
    assert "hunter2" not in logged.getvalue()


def test_what_is_below_the_level_is_not_written(logged: io.StringIO) -> None:
    structlog.get_logger().debug("quiet")
    logging.getLogger("theirs").debug("quiet")
    assert logged.getvalue() == ""


def test_a_trace_that_came_goes_on() -> None:
    assert trace_id_from(f"00-{TRACE}-00f067aa0ba902b7-01") == TRACE
    assert trace_id_from(f"cc-{TRACE}-00f067aa0ba902b7-01-what-the-future-brings") == TRACE


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        TRACE,
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{TRACE}-00f067aa0ba902b7",
    ],
)
def test_without_one_that_counts_a_new_trace_begins(header: str | None) -> None:
    made = trace_id_from(header)
    assert len(made) == 32
    assert made != TRACE
    assert made != trace_id_from(header)


def test_a_trace_ends_with_its_request() -> None:
    with Trace(TRACE) as trace_id:
        assert current_trace_id() == trace_id == TRACE
    assert current_trace_id() is None


def test_two_applications_in_one_process_count_for_themselves() -> None:
    one, other = Metrics(), Metrics()
    one.requests.labels("GET", "/", "200").inc()
    assert one.registry.get_sample_value("glint_http_requests_total", {"method": "GET", "route": "/", "status": "200"}) == 1
    assert other.registry.get_sample_value("glint_http_requests_total", {"method": "GET", "route": "/", "status": "200"}) is None
