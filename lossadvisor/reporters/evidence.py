"""The numbers of a finding in words."""

from __future__ import annotations

from collections.abc import Mapping


def in_words(evidence: Mapping[str, object]) -> str:
    """The sentence that the evidence brings along, else its entries one after the other."""
    for key in ("sentence", "text", "summary", "message"):
        sentence = evidence.get(key)
        if isinstance(sentence, str) and sentence:
            return sentence
    return ", ".join(f"{key.replace('_', ' ')} {_number(value)}" for key, value in evidence.items())


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
