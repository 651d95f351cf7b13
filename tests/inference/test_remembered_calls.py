"""Calls that are not followed twice, and those that must be."""

from __future__ import annotations

from collections import Counter

from lossadvisor.values import Domain
from tests.inference.reveal import domains

MANY = "\n".join(
    f"def step{n}(x, y):\n    if installed('fused'):\n        x = x * 2\n    return F.cross_entropy(head(x), y)\n"
    for n in range(20)
)


def test_a_check_that_only_reads_is_followed_once(entered: Counter[str]) -> None:
    program = f"""
import importlib.util
head = nn.Linear(4, 2)

def installed(name):
    found = []
    for part in name.split("."):
        found.append(importlib.util.find_spec(part))
    return found[-1] is not None

{MANY}
"""
    assert domains(program) == {Domain.SCORES}
    assert entered["installed"] <= 2  # once under a condition's path, once for all of them
    assert sum(count for name, count in entered.items() if name.startswith("step")) == 20


def test_a_function_that_writes_is_followed_each_time(entered: Counter[str]) -> None:
    program = f"""
head = nn.Linear(4, 2)
asked = []

def installed(name):
    asked.append(name)
    return len(asked) > 3

{MANY}
"""
    domains(program)
    assert entered["installed"] >= 20


SWITCH = """
mode = {"final": nn.Identity()}

def choose(kind):
    mode["final"] = nn.Softmax(dim=1) if kind == "soft" else nn.Identity()

def final():
    return mode["final"]

head = nn.Linear(4, 2)

def step(x, y):
    choose("plain")
    final()
    choose("soft")
    return F.cross_entropy(final()(head(x)), y)
"""


def test_what_others_wrote_in_between_is_seen() -> None:
    assert domains(SWITCH) == {Domain.PROBABILITIES}


def test_each_caller_gets_a_list_of_its_own() -> None:
    program = """
def parts():
    return ["a", "b"]

def layers(extra):
    names = parts()
    if extra:
        names.append("soft")
    made = {"a": nn.Linear(4, 4), "b": nn.Linear(4, 2), "soft": nn.Softmax(dim=1)}
    return nn.Sequential(*[made[name] for name in names])

def step(x, y):
    layers(True)
    return F.cross_entropy(layers(False)(x), y)
"""
    assert domains(program) == {Domain.SCORES}


def test_one_unknown_is_not_taken_for_another() -> None:
    """`pick` gives the same for both unknown names in the same run only if they are the same name."""
    program = """
import os
head = nn.Linear(4, 2)

def pick(name):
    if name == "soft":
        return "softmax"
    return "none"

def step(x, y):
    first, second = pick(os.environ["A"]), pick(os.environ["B"])
    out = head(x)
    if first == "softmax":
        out = out.softmax(dim=1)
    if second == "none":
        return F.cross_entropy(out, y)
    return F.cross_entropy(out, y)
"""
    assert domains(program) == {Domain.SCORES, Domain.PROBABILITIES}
