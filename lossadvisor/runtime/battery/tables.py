"""Validations as text for a terminal and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from lossadvisor.runtime.battery.result import Number, Outcome, Validation

_WIDTHS = (36, 14, 14, 8)


def as_json(validations: Sequence[Validation]) -> str:
    """One array, an object per validation."""
    return json.dumps([validation.as_json() for validation in validations], indent=2, ensure_ascii=False)


def as_text(validations: Sequence[Validation]) -> str:
    """A table per loss and a last line with the count."""
    blocks = [_block(validation) for validation in validations]
    outcomes = [validation.outcome for validation in validations]
    wrong, skipped = outcomes.count(Outcome.WRONG), outcomes.count(Outcome.SKIPPED)
    total = len(validations) - skipped
    last = f"{total} {'loss' if total == 1 else 'losses'} validated: {total - wrong} right, {wrong} wrong"
    blocks.append(last + (f", {skipped} not validated" if skipped else ""))
    return "\n\n".join(blocks)


def _block(validation: Validation) -> str:
    place = ""
    if validation.span is not None:
        start = validation.span.start
        place = f"{validation.span.filename}:{start.row}:{start.column}: "
    options = ", ".join(f"{name}={value}" for name, value in validation.options.items())
    if validation.outcome is Outcome.SKIPPED:
        notes = [f"  note: {note}" for note in validation.notes]
        return "\n".join([f"{place}{validation.loss}({options})", *notes, "  verdict: not validated"])
    lines = [
        f"{place}{validation.loss}({options}), {validation.classes} classes",
        f"  as written: {spelled(validation.chain)}; right: {spelled(validation.recommended)}",
        "  " + _row("check", "as written", "right", "verdict"),
    ]
    for check in validation.checks:
        shown = _row(check.name, _shown(check.measured), _shown(check.expected), check.outcome.value)
        lines.append(f"  {shown}" + ("" if check.outcome is Outcome.OK else f"  {check.sentence}"))
    lines += [f"  note: {note}" for note in validation.notes]
    codes = f" ({', '.join(validation.codes)})" if validation.codes else ""
    lines.append(f"  verdict: {validation.outcome.value}{codes}")
    lines += [f"  help: {text}" for text in dict.fromkeys(validation.help)]
    return "\n".join(lines)


def spelled(chain: Sequence[str]) -> str:
    """The chain in short: scores -> softmax -> log."""
    return " -> ".join(["scores", *(name.rsplit(".", 1)[-1] for name in chain)])


def _row(*cells: str) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()


def _shown(number: Number) -> str:
    if number is None:
        return "-"
    if isinstance(number, str):
        return number if len(number) <= _WIDTHS[1] else number.split(":")[0][: _WIDTHS[1] + 6]
    if not math.isfinite(number):
        return str(number)
    return f"{number:.4f}" if abs(number) < 1e5 else f"{number:.4g}"
