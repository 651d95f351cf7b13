"""What the text of a definition mentions, found out once: cheap answers before anything is parsed or evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.project.words import code

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.interpreter.values import Cls
    from lossadvisor.project import Definition, Fragment


@dataclass(frozen=True, slots=True)
class Sign:
    """A spelling that a rule may speak of, and the words of which one stands in any text that has it."""

    words: frozenset[str]
    pattern: re.Pattern[str]


def _sign(words: str, text: str) -> Sign:
    return Sign(frozenset(words.split()), pattern(text))


# What a rule may speak of where no loss is near. The words keep the patterns from most texts: a lookup costs nothing.
_SIGNS = (
    _sign(  # an activation built from a tensor
        "ReLU ReLU6 Sigmoid Tanh LeakyReLU GELU ELU SiLU SELU CELU Mish Softplus Softsign LogSigmoid Hardsigmoid "
        "Hardswish Hardtanh",
        r"\b(?:ReLU6?|(?:Log)?Sigmoid|Tanh|Hard(?:sigmoid|swish|tanh)|LeakyReLU|[GSC]?ELU|SiLU|Mish|Softplus|Softsign)"
        r"\((?!\s*(?:\)|True|False|\w+\s*=(?!=)|[\d*-]))",
    ),
    _sign("log", r"\btorch\.log\(|\.log\(\)"),
    _sign("backward", r"\.backward\(\)"),
    _sign("requires_grad_", r"(?:^|\n)[\w.]+\.requires_grad_\(False"),
    _sign("parameters named_parameters", r"(?:^|\n)for \w[\w, ]* in [\w.]+\.(?:named_)?parameters\(\)"),
    _sign("mean", r"\bmean\([^\n-]*\)\s*-\s"),  # two averages of a critic
    _sign("relu ReLU clamp", r"(?:relu|ReLU\(\)|clamp)\(\s*1"),  # its hinges
    _sign("pad_token pad_token_id", r"pad_token(?:_id)?\b[^\n]*-\s*100|-100[^\n]*pad_token"),
    _sign("labels", r"(?:model|lm)\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*?\blabels\s*="),
    _sign("exp", r"\bexp\([\s\S]{0,200}?/\s*\(?(?:torch\.sum\(|[\w.]+(?:\([^()]*\))?\.sum\()"),  # softmax by hand
)


def spoken(text: str, words: frozenset[str]) -> bool:
    """Whether a rule may speak of the text, which has these words, without a loss in it."""
    return any(not sign.words.isdisjoint(words) and sign.pattern.search(text) for sign in _SIGNS)


_WORD = pattern(r"[A-Za-z_]\w*")
_TARGET = pattern(r"self\.(\w+)[ \t]*(?:=(?!=)|[:,])")
_ASSIGNED = pattern(r"\s*([\w., ]+?(?:\[[^\]]*\])?)\s*(?::[^=]+)?[-+*/|]?=(?!=)")
_OWN = pattern(r"(?:self|cls)\.(\w+)")
_INTO = pattern(r"\s*(self\.\w+)\.(?:append|extend|insert|update|add|setdefault)\(")
_HEAD = pattern(r"\s*(?:async\s+)?def\s")
_DEFAULTED = pattern(r"(\w+)\s*(?::[^=,()]*)?=(?!=)")
_ITSELF = pattern(r"\bself\(")  # a module that calls itself runs its forward
_BY_NAME = ("setattr(", ".add_module(", ".register_")


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line that gives something a value: names it gives it to, attributes among them, all of its words."""

    targets: frozenset[str]
    attributes: frozenset[str]
    words: frozenset[str]


@dataclass(frozen=True, eq=False)
class Mentions:
    """The words of a text's code, its assignments, and whether a rule may speak of it without a loss."""

    code: str
    words: frozenset[str]
    elsewhere: bool

    @cached_property
    def assignments(self) -> tuple[Line, ...]:
        """The lines that give something a value; of most texts nobody asks."""
        return tuple(_assignments(self.code))

    def given(self, names: frozenset[str]) -> frozenset[str]:
        """The attributes that are set from one of the names, directly or over other variables of the text."""
        found: set[str] = set()
        attributes: set[str] = set()
        for _ in range(2):  # the second pass sees what a later turn of a loop would
            for line in self.assignments:
                if not line.words.isdisjoint(names) or not line.words.isdisjoint(found):
                    found |= line.targets
                    attributes |= line.attributes
        return frozenset(attributes)


def of(machine: Machine, fragment: Fragment) -> Mentions:
    """What a fragment mentions."""
    found = machine.mentions.get(fragment)
    if found is None:
        text = code(fragment.text())
        words = frozenset(_WORD.findall(text))
        if _ITSELF.search(text):
            words |= {"forward"}
        found = Mentions(text, words, spoken(text, words))
        machine.mentions[fragment] = found
    return found


def _assignments(text: str) -> Iterator[Line]:
    for line in _logical_lines(text):
        if any(word in line for word in _BY_NAME):
            words = frozenset(_WORD.findall(line))
            yield Line(words - {"self"}, words - {"self"}, words)
            continue
        if _HEAD.match(line):  # what a default names may reach every parameter that has one
            yield Line(frozenset(_DEFAULTED.findall(line)), frozenset(), frozenset(_WORD.findall(line)))
            continue
        match = _ASSIGNED.match(line) or _INTO.match(line)
        if match is not None:
            head = match[1]
            targets, attributes = frozenset(_WORD.findall(head)) - {"self"}, frozenset(_OWN.findall(head))
            yield Line(targets, attributes, frozenset(_WORD.findall(line)))


def _logical_lines(text: str) -> Iterator[str]:
    """Lines joined while a bracket is open; brackets in strings may join too much, never too little for long."""
    pending: list[str] = []
    depth = 0
    for line in text.split("\n"):
        pending.append(line)
        depth += sum(map(line.count, "([{")) - sum(map(line.count, ")]}"))
        if depth <= 0 or len(pending) > 60:
            yield "\n".join(pending)
            pending, depth = [], 0
    if pending:
        yield "\n".join(pending)


def setters(machine: Machine, cls: Cls, name: str) -> tuple[Definition, ...]:
    """The methods of a class body, `__init__` left out, that may set the attribute `name` of `self`."""
    found = _assigners(machine, cls).get(name, ())
    return tuple(dict.fromkeys(definition for definition in found if definition.name != "__init__"))


def settings_at_start(machine: Machine, cls: Cls, name: str) -> int:
    """How often the `__init__` of a class body may set the attribute `name` of `self`."""
    return sum(definition.name == "__init__" for definition in _assigners(machine, cls).get(name, ()))


def _assigners(machine: Machine, cls: Cls) -> dict[str, tuple[Definition, ...]]:
    """By attribute, the methods of a class body that may set it, once for every time."""
    if cls.definition is None:
        return {}
    known = machine.assigners.get(cls.fragment)
    if known is None:
        known = machine.assigners[cls.fragment] = {}
        for statement in cls.definition.members:
            for definition in statement.definitions:
                if definition.kind == "function":
                    for attribute in _TARGET.findall(definition.fragment.text()):
                        known[attribute] = (*known.get(attribute, ()), definition)
    return known


def callers_first(names: list[str], found: Mapping[str, Mentions]) -> list[str]:
    """Methods that others of these use come after them: what they are given, and when, is then known."""
    users = {name: {other for other in names if other != name and name in found[other].words} for name in names}
    order: list[str] = []
    while users:
        chosen = next((name for name, using in users.items() if not using), next(iter(users)))
        del users[chosen]
        for using in users.values():
            using.discard(chosen)
        order.append(chosen)
    return order
