"""Whatever the bytes are, reading them ends in a document, `Malformed` or `Invalid`."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.procurement.cxml import CxmlDocumentReader, Options
from app.application.events_in.envelope import open_envelope
from app.application.events_in.schemas import DATA
from app.application.ports.procurement import Malformed
from app.domain.errors import Invalid

OWN = Path(__file__).parents[1] / "data" / "cxml"
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "cxml"
SAMPLES = [path.read_bytes() for folder in (OWN, SHARED) for path in sorted(folder.glob("*.xml"))]
READERS = [
    CxmlDocumentReader(),
    CxmlDocumentReader(options=Options(tax_recoverable=False, default_account_code="X", supplier_on_invoices=True)),
]
TOKENS = [
    token.encode() for token in ("-", "0", "1e9", "9" * 20, "1,5", "", " ", "&x;", "<Money/>", "]]>", "<!--", "\x00", "é", "no", "yes")
]


def read(body: bytes) -> None:
    for reader in READERS:
        try:
            document = reader.read(body)
        except (Malformed, Invalid) as refused:
            check_refusal(refused)
        else:
            assert document.events
            check_events(json.loads(json.dumps(document.events)))


def check_refusal(refused: Malformed | Invalid) -> None:
    assert refused.detail
    if isinstance(refused, Invalid):
        assert refused.faults
        assert all(fault.pointer.startswith("/") for fault in refused.faults)


def check_events(events: list[dict[str, object]]) -> None:
    """What was read has the shape that a client's event must have."""
    for event in events:
        envelope = open_envelope(event)
        if envelope.type in DATA:
            DATA[envelope.type].model_validate(envelope.data)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    body = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 30)))
        body = body[:start] + draw(st.sampled_from(TOKENS) | st.binary(max_size=8)) + body[end:]
    return body


@st.composite
def rewritten(draw: st.DrawFn) -> bytes:
    """Well formed, but with values and whole elements exchanged, dropped and doubled."""
    text = draw(st.sampled_from(SAMPLES)).decode()
    for _ in range(draw(st.integers(1, 4))):
        found = draw(st.sampled_from(list(re.finditer(r'="[^"]*"|>[^<>\s][^<>]*<|<(\w+)[^<>]*>[^<>]*</\1>', text))))
        old = found.group()
        value = draw(st.sampled_from(["", "0", "-1", "1.5", "yes", "no", "delete", "update", "creditMemo", "9" * 15, "2020-01-01", "x"]))
        new = f'="{value}"' if old[0] == "=" else f">{value}<" if old[0] == ">" else draw(st.sampled_from(["", old * 2]))
        text = text[: found.start()] + new + text[found.end() :]
    return text.encode()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(body=mutated())
def test_mutated_bytes(body: bytes) -> None:
    read(body)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(body=rewritten())
def test_rewritten_documents(body: bytes) -> None:
    read(body)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    with pytest.raises(Malformed):
        CxmlDocumentReader().read(body)
