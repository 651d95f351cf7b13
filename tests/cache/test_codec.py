"""Reports survive the way into JSON and back, and nothing else comes out of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossadvisor.cache.codec import CodecError, decode, encode
from lossadvisor.findings import Confidence, Edit, Finding, Fix, FixApplicability, PortReport, Severity, TraceEntry
from lossadvisor.values import Domain, Dtype, Location, Span

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)
LOCATIONS = st.builds(Location, st.integers(1), st.integers(1))
SPANS = st.builds(Span, st.text(), st.none() | st.integers(1), LOCATIONS, LOCATIONS)
TRACES = st.lists(st.builds(TraceEntry, SPANS, st.text()), max_size=3).map(tuple)
EDITS = st.lists(st.builds(Edit, SPANS, st.text()), max_size=2).map(tuple)
FIXES = st.builds(Fix, st.sampled_from(FixApplicability), st.text(), EDITS)
FINDINGS = st.builds(
    Finding, st.text(), st.text(), st.text(), st.sampled_from(Severity), st.sampled_from(Confidence), SPANS,
    st.none() | st.text(), TRACES, st.none() | st.dictionaries(st.text(), PLAIN), st.none() | st.text(),
    st.none() | FIXES, st.none() | st.text(),
)  # fmt: skip


@given(st.lists(FINDINGS, max_size=2).map(tuple) | PLAIN)
def test_there_and_back(value: object) -> None:
    text = json.dumps(encode(value))
    back = decode(json.loads(text))
    assert back == value and type(back) is type(value)


def test_ports_with_shapes() -> None:
    port = PortReport(Domain.SCORES, -1, Dtype.UNKNOWN, ("...", 3, None, "n"), 3, ("torch.relu",))
    assert decode(encode(port)) == port


@dataclass
class Finding2:
    """A stranger."""

    code: str = ""


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}, Finding2(), [Finding2()]])
def test_strangers_are_refused(value: object) -> None:
    with pytest.raises(CodecError):
        encode(value)


@pytest.mark.parametrize(
    "form",
    [{}, {"c": "Path", "v": ["/"]}, {"c": "Location", "v": [1]}, {"e": "Severity", "v": "WORST"}, {"x": 1}, {"t": 3},
     {"d": [1]}, {"c": ["Finding"], "v": []}],
)  # fmt: skip
def test_no_other_class_is_made(form: object) -> None:
    with pytest.raises(CodecError):
        decode(form)
