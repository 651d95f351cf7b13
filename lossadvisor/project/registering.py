"""Lines of a module that register its definitions far away."""

from __future__ import annotations

from collections.abc import Iterator

from lossadvisor.patterns import pattern

_DEFINED = pattern(r"\n(?:class|def) (\w+)")
# `MODELS["net"] = Net` and `MODELS.add("net", Net)` at the top level of a module, over several rows if need be.
_STATED = pattern(
    r"\n([A-Za-z_][\w.]*)(?:\[[^\]\n]+\][ \t]*=(?!=)|\()([^\n]*(?:\n(?:[ \t]+[^\n]*|[)\]}][^\n]*))*)"
)
_HANDED = pattern(r"(?<![\w.\"'])([A-Za-z_]\w*)(?![\w\"'(.]|[ \t]*=)")


def defined(text: str) -> frozenset[str]:
    """The classes and functions that a module defines at its top level."""
    return frozenset(_DEFINED.findall("\n" + text))


def stated(text: str, definitions: frozenset[str]) -> Iterator[tuple[list[str], str]]:
    """The plain statements of a module that hand one of its definitions to what a chain of names leads to.

    A definition that is called on the spot is not handed on. Gives the chain and the statement.
    """
    if not definitions:
        return
    for found in _STATED.finditer("\n" + text):
        if not definitions.isdisjoint(_HANDED.findall(found[2])):
            chain = found[1].split(".")
            if chain[0] not in definitions:
                yield chain, found[0].lstrip("\n")
