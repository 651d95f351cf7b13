"""The answer as text for a terminal, as JSON for programs, as Markdown for notes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import fields
from enum import Enum

from lossadvisor.advisor.facts import Balance, Facts
from lossadvisor.advisor.model import Advice, Proposal, Statement
from lossadvisor.advisor.settings import CHECKED_CLASSES, classes_of

WIDTH = 100
"""Columns of the text form."""


def facts_as_words(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Every fact that was given, as (option without dashes, value)."""
    words = []
    for field in fields(facts):
        value = getattr(facts, field.name)
        if value is None or value is False:
            continue
        if field.name == "framework" and value.value == "plain":
            continue
        words.append((field.name.replace("_", "-"), _word(value)))
    return tuple(words)


def _word(value: object) -> str:
    match value:
        case True:
            return "yes"
        case Enum():
            return str(value.value)
        case Balance():
            return _word(value.shares or value.counts) if value.shares or value.counts else "yes"
        case float():
            return f"{value:g}"
        case tuple():
            return ",".join(_word(part) for part in value)
        case _:
            return str(value)


def _coded(statement: Statement) -> str:
    return f"{statement.text} ({statement.code})" if statement.code else statement.text


def _pieces(proposal: Proposal) -> tuple[tuple[str, Statement], ...]:
    return (
        ("why", proposal.why),
        ("last layer", proposal.last_layer),
        ("target", proposal.target),
        ("inference", proposal.inference),
    )


def as_text(advice: Advice, snippet: bool = True) -> str:
    """The text form; ends with a newline."""
    return "\n".join(_text(advice, snippet)).rstrip("\n") + "\n"


def _filled(text: str, label: str = "", indent: int = 2) -> str:
    start = " " * indent + (f"{label:<11} " if label else "- ")
    return textwrap.fill(
        text, WIDTH, initial_indent=start, subsequent_indent=" " * len(start), break_long_words=False,
        break_on_hyphens=False,
    )


class _References:
    """Pages numbered in the order in which they are first named."""

    def __init__(self) -> None:
        self.pages: dict[str, int] = {}

    def __call__(self, statement: Statement) -> str:
        number = self.pages.setdefault(statement.source, len(self.pages) + 1)
        return f"{_coded(statement)} [{number}]"


def _text(advice: Advice, snippet: bool) -> Iterator[str]:
    best, cite = advice.best, _References()
    yield _filled(", ".join(f"{name} {value}" for name, value in facts_as_words(advice.facts)), "Facts:", 0)
    for statement in advice.observations:
        yield _filled(cite(statement), "Note:", 0)
    yield ""
    yield f"Use {best.title}"
    yield _filled(best.loss, "loss")
    for label, statement in _pieces(best):
        yield _filled(cite(statement), label)
    if len(advice.proposals) > 1:
        yield "\nAlternatives (choose one with --loss)"
        for other in advice.proposals[1:]:
            yield _filled(f"{other.id}: {other.title}; {cite(other.why)}")
    for topic, statements in advice.notes:
        yield f"\n{topic.value}"
        for statement in statements:
            yield _filled(cite(statement))
    yield f"\nChecks that prove the pair{_shrunk(advice)}"
    if advice.check:
        for line in advice.check:
            yield _filled(f"{line.name}: expected {line.expected}; found {line.found}", "ok" if line.holds else "FAILS")
    else:
        yield from (_filled(line) for line in advice.expectations)
    yield "\nSources"
    for page, number in cite.pages.items():
        yield f"  [{number}] {page}"
    if snippet:
        yield "\nScript\n"
        yield best.snippet


def _shrunk(advice: Advice) -> str:
    """A note that the numeric check took fewer classes than the script."""
    classes = classes_of(advice.facts)
    too_many = bool(advice.check) and classes is not None and classes > CHECKED_CLASSES
    return f" (run with {CHECKED_CLASSES} classes)" if too_many else ""


def as_markdown(advice: Advice) -> str:
    """The Markdown form: headings, links and one fenced script."""
    best = advice.best
    lines = [f"# {best.title}", ""]
    lines += ["Facts: " + ", ".join(f"{name} `{value}`" for name, value in facts_as_words(advice.facts)), ""]
    lines += [f"> {_linked(statement)}\n" for statement in advice.observations]
    lines += ["| | |", "| --- | --- |", f"| loss | `{best.loss}` |"]
    lines += [f"| {label} | {_linked(statement)} |" for label, statement in _pieces(best)]
    if len(advice.proposals) > 1:
        lines += ["", "## Alternatives", ""]
        lines += [f"- `{p.id}`: **{p.title}**. {_linked(p.why)}" for p in advice.proposals[1:]]
    for topic, statements in advice.notes:
        lines += ["", f"## {topic.value}", "", *(f"- {_linked(statement)}" for statement in statements)]
    lines += ["", f"## Checks that prove the pair{_shrunk(advice)}", ""]
    if advice.check:
        lines += ["| check | expected | found | holds |", "| --- | --- | --- | --- |"]
        lines += [f"| {c.name} | {c.expected} | {c.found} | {'yes' if c.holds else 'no'} |" for c in advice.check]
    else:
        lines += [f"- {line}" for line in advice.expectations]
    return "\n".join([*lines, "", "## Script", "", "```python", best.snippet.rstrip("\n"), "```", ""])


def _linked(statement: Statement) -> str:
    return f"{_coded(statement)} ([source]({statement.source}))"


def as_json(advice: Advice) -> dict[str, object]:
    """The JSON form: plain dictionaries and lists, the same content as the dataclasses."""
    return {
        "facts": _facts(advice.facts),
        "observations": [_statement(statement) for statement in advice.observations],
        "proposals": [_proposal(proposal) for proposal in advice.proposals],
        "notes": {topic.name.lower(): [_statement(s) for s in statements] for topic, statements in advice.notes},
        "expectations": list(advice.expectations),
        "check": [
            {"name": line.name, "expected": line.expected, "found": line.found, "holds": line.holds}
            for line in advice.check
        ],
    }


def _facts(facts: Facts) -> dict[str, object]:
    """The facts that were given, by option, as JSON values."""
    given = {}
    for name, _ in facts_as_words(facts):
        value = getattr(facts, name.replace("-", "_"))
        match value:
            case Enum():
                given[name] = value.value
            case Balance():
                given[name] = list(value.shares or value.counts) or True
            case tuple():
                given[name] = list(value)
            case _:
                given[name] = value
    return given


def _statement(statement: Statement) -> dict[str, object]:
    return {"text": statement.text, "source": statement.source, "code": statement.code}


def _proposal(proposal: Proposal) -> dict[str, object]:
    pieces = {label.replace(" ", "_"): _statement(statement) for label, statement in _pieces(proposal)}
    return {
        "id": proposal.id,
        "title": proposal.title,
        "loss": proposal.loss,
        "contract": proposal.contract,
        **pieces,
        "snippet": proposal.snippet,
    }
