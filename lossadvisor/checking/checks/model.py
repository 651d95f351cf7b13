"""What a check is: a function from everything that was seen to hits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field

from lossadvisor.checking import proof, trace
from lossadvisor.checking.compare import Alternative, Judged
from lossadvisor.findings import Confidence, TraceEntry
from lossadvisor.interpreter.events import Event, LossCall
from lossadvisor.interpreter.guards import Guard
from lossadvisor.late import dataclass
from lossadvisor.values import Fact, Place


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check found: where, how sure, and the fact behind it.

    `words` fill the message of the rule beyond what the fact says. Findings of overridden rules stay silent at `place`
    and at the places in `covers`.
    """

    place: Place
    confidence: Confidence
    fact: Fact | None = None
    loss: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    extra: tuple[TraceEntry, ...] = ()
    covers: tuple[Place, ...] = ()
    evidence: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything the interpreter saw: all events in order, and the loss calls with their judged arguments."""

    events: tuple[Event, ...]
    judged: tuple[Judged, ...]
    calls: Mapping[LossCall, tuple[Judged, ...]]


Check = Callable[[Seen], Iterator[Hit]]


def last(name: str | None) -> str:
    """The last part of a qualified name."""
    return "" if name is None else name.rsplit(".", 1)[-1]


def maker(fact: Fact) -> str:
    """The last part of the name of the operation that made the fact."""
    return next((last(step.op) for step in reversed(fact.trail) if step.op is not None), "")


def only_cast(fact: Fact, casts: Collection[str]) -> bool:
    """Whether nothing is known of a value but that it was cast, by operations of these names.

    Not what arithmetic or a function that is not followed has made: labels that were smoothed or mixed are floats.
    """
    chain = fact.chain()
    other = fact.reason is not None and (fact.reason.startswith("arithmetic") or fact.reason.endswith(" is called"))
    return bool(chain) and all(last(op) in casts for op in chain) and not other


def made(call: LossCall) -> tuple[TraceEntry, ...]:
    """Where the loss was constructed, when that is not where it is called."""
    return () if call.made is None else (TraceEntry(call.made.span(), f"{last(call.loss)} is made here"),)


def behind(seen: Seen, call: LossCall, role: str) -> tuple[TraceEntry, ...]:
    """How the other argument of the call came about: the steps of its first alternative."""
    others = (one for one in seen.calls.get(call, ()) if one.port.role == role)
    return tuple(entry for one in others for entry in trace.entries(one.alternatives[0].fact))


def sure(guard: Guard, path: Guard = frozenset()) -> Confidence:
    """The confidence of something that holds under `guard` where `path` has been reached."""
    return proof.confidence(proof.weight(guard - path) + proof.astray(path))


def sure_of(one: Judged, alternative: Alternative, *, doubts: int = 0) -> Confidence:
    """The confidence in one alternative of one argument; `doubts` are further points."""
    total = proof.weight(alternative.guard) + proof.astray(one.call.path) + one.call.doubt + doubts
    return proof.confidence(total + (1 if one.call.by_default else 0))
