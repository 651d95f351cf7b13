"""Lines of a module that register its definitions far away, and in which documents of a project there are some."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from lossadvisor.patterns import pattern

if TYPE_CHECKING:
    from lossadvisor.source.document import Document

NOTED = "__init_subclass__"
"""The method by which a class takes note of those that derive from it."""

_DECORATOR = pattern(r"^@([\w.]+)", re.MULTILINE)
_FUNCTION = pattern(r"^def (\w+)", re.MULTILINE)
_BASES = pattern(r"^[ \t]*class[ \t]+\w+[ \t]*\(([^:]*)", re.MULTILINE)
_WORD = pattern(r"[A-Za-z_]\w*")

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


class Registering:
    """Where a project registers what, by the words that lead there; each table is made once, when first asked for."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents

    @cached_property
    def decorating(self) -> dict[str, list[Document]]:
        """The documents with a decorator at the top level of which the word is a part."""
        found: dict[str, list[Document]] = {}
        for document in self._documents:
            if "@" in document.raw:
                chains = set(_DECORATOR.findall(document.raw))
                _enter(found, document, {word for chain in chains for word in chain.split(".")})
        return found

    @cached_property
    def stating(self) -> dict[str, list[Document]]:
        """The documents with a plain statement that hands one of their definitions to what the word is a part of."""
        found: dict[str, list[Document]] = {}
        for document in self._documents:
            chains = [chain for chain, _ in stated(document.raw, defined(document.raw))]
            _enter(found, document, {word for chain in chains for word in chain})
        return found

    @cached_property
    def deriving(self) -> dict[str, list[Document]]:
        """The documents with a class that names the word among its bases."""
        found: dict[str, list[Document]] = {}
        for document in self._documents:
            if "class " in document.raw:
                _enter(found, document, _words(_BASES.findall(document.raw)))
        return found

    @cached_property
    def noting(self) -> bool:
        """Whether some class takes note of those that derive from it."""
        return any(NOTED in document.raw for document in self._documents)

    @cached_property
    def containers(self) -> frozenset[str]:
        """Words of the modules whose functions serve as plain decorators, or whose classes take note of those that
        derive from them: the containers that they may fill are among them."""
        found: set[str] = set()
        for document in self._documents:
            if NOTED in document.raw or any(map(self.registers, _FUNCTION.findall(document.raw))):
                found.update(_WORD.findall(document.raw))
        return frozenset(found)

    def registers(self, function: str) -> bool:
        """Whether the project decorates a definition with what it calls so, or hands one to it."""
        return function in self.decorating or function in self.stating

    def names(self, name: str) -> bool:
        """Whether something may be registered with what the project calls so."""
        return self.registers(name) or name in self.containers


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _WORD.findall(text)}


def _enter(table: dict[str, list[Document]], document: Document, words: set[str]) -> None:
    """Enter the document under the words and under what it imports by these names."""
    if words:
        words |= {known for known, alias in document.aliases() if alias in words}
    for word in words:
        table.setdefault(word, []).append(document)
