"""The words of documents that a search for users asks for again and again, each found once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from lossadvisor.patterns import pattern
from lossadvisor.project import words

if TYPE_CHECKING:
    from lossadvisor.project.index import ModuleIndex, Statement
    from lossadvisor.source.document import Document

_BY_STRINGS = frozenset({"import_module", "__import__", "instantiate", "_target_", "find_spec"})
"""Words of files that may name a module in a string."""


_RELATIVE = pattern(r"from[ \t]*\.+[ \t]*import\b")
_STAR = pattern(r"\bfrom[ \t]+([\w.]+)[ \t]+import[ \t]*\(?[ \t]*\*")
_EVERY = pattern(r"import[ \t]*\(?[ \t]*\*")


def spellings(document: Document, names: frozenset[str]) -> frozenset[str]:
    """The names, and how the document calls what it imports under another: `from torch.nn import NLLLoss as nll`."""
    return names.union(alias for name, alias in document.aliases() if name in names)


def stem(document: Document) -> str:
    """The word by which an importer has to name the module: its own name, or its package's."""
    return document.path.parent.name if document.path.stem == "__init__" else document.path.stem


def _import_lines(document: Document) -> tuple[frozenset[str], ...]:
    """The words of each import statement; a dot alone stands for the package."""
    package = frozenset(document.path.parts[-5:-1])
    found = []
    for line in words.imports(document.raw):
        have = words.words(line) | ({"*"} if "*" in line else frozenset())
        found.append(have | package if _RELATIVE.search(line) else have)
    return tuple(found)


class Texts:
    """The words of documents: all, those of code that can use a name, and of that without decorators; on demand."""

    def __init__(self, strictly: bool = False) -> None:
        """`strictly`: a name counts as taken from a module only where it is imported or stands behind the module."""
        self.strictly = strictly
        self.reached: set[Document] = set()
        self._imported: dict[Document, tuple[frozenset[str], ...]] = {}
        self._all: dict[Document, frozenset[str]] = {}
        self._used: dict[Document, frozenset[str]] = {}
        self._bare: dict[Document, frozenset[str]] = {}
        self._modules: dict[Document, list[tuple[str, str]]] = {}
        self._handed: dict[tuple[Document, str], bool] = {}
        self._stars: dict[Document, frozenset[str]] = {}
        self._code: dict[Document, str] = {}

    def code(self, document: Document) -> str:
        """The code of a document, row by row."""
        found = self._code.get(document)
        if found is None:
            found = self._code[document] = words.code(document.raw)
        return found

    def statements(self, index: ModuleIndex) -> Iterator[tuple[Statement, str]]:
        """The statements of a document, each with its code."""
        rows = self.code(index.document).split("\n")
        for statement in index.statements:
            yield statement, "\n".join(rows[statement.fragment.first_row - 1 : statement.fragment.last_row])

    def handed(self, document: Document, stems: frozenset[str]) -> frozenset[str]:
        """How the document calls those of the modules `stems` that it hands on as values."""
        bound = self.modules(document)
        return frozenset(alias for alias, stem in bound if stem in stems and self._is_handed(document, alias))

    def modules(self, document: Document) -> list[tuple[str, str]]:
        """What the import lines of a document bind, each with the last part of what it names."""
        bound = self._modules.get(document)
        if bound is None:
            bound = self._modules[document] = words.modules(document.raw)
        return bound

    def _is_handed(self, document: Document, alias: str) -> bool:
        found = self._handed.get((document, alias))
        if found is None:
            found = self._handed[document, alias] = words.as_value(alias, words.without_imports(self.code(document)))
        return found

    def all(self, document: Document) -> frozenset[str]:
        found = self._all.get(document)
        if found is None:
            found = self._all[document] = words.shared(document.raw)
        return found

    def own(self, document: Document) -> str | None:
        """The word for the names of the document itself: strictly, others of the same name are none of them."""
        return None if self.strictly and document not in self.reached else stem(document)

    def stars(self, document: Document) -> frozenset[str]:
        """The modules whose names a document hands on without naming them."""
        found = self._stars.get(document)
        if found is None:
            every = _STAR.findall(document.raw) if _EVERY.search(document.raw) else []
            found = self._stars[document] = frozenset(module.rsplit(".", 1)[-1] for module in every)
        return found

    def renamed(self, document: Document, names: frozenset[str]) -> frozenset[str]:
        """How the document calls names that it imports under others."""
        return spellings(document, names) - names if names and " as " in document.raw else frozenset()

    def modules_renamed(self, document: Document) -> list[tuple[str, str]]:
        """What a package calls its modules otherwise than they are called, each with the module."""
        if document.path.stem != "__init__" or " as " not in document.raw:
            return []
        return [(alias, stem) for alias, stem in self.modules(document) if alias != stem]

    def imports(self, document: Document, name: str) -> bool:
        """Whether some import statement of the document has the name."""
        return any(name in line for line in self.import_lines(document))

    def import_lines(self, document: Document) -> tuple[frozenset[str], ...]:
        lines = self._imported.get(document)
        if lines is None:
            lines = self._imported[document] = _import_lines(document)
        return lines

    def takes(self, document: Document, name: str, stems: Collection[str]) -> bool:
        """Whether the document can have the name from one of the modules `stems`, of which it names one."""
        if not self.strictly:
            return True
        lines = self.import_lines(document)
        if any((name in line or "*" in line) and not line.isdisjoint(stems) for line in lines):
            return True
        if not _BY_STRINGS.isdisjoint(self.all(document)):
            return True
        aliases = [alias for alias, stem in words.modules(document.raw) if stem in stems]
        return any(f"{module}.{name}" in document.raw for module in (*stems, *aliases))

    def used(self, document: Document) -> frozenset[str]:
        found = self._used.get(document)
        if found is None:
            found = self._used[document] = words.shared(words.without_imports(self.code(document)))
        return found

    def bare(self, document: Document) -> frozenset[str]:
        found = self._bare.get(document)
        if found is None:
            text = words.without_imports(self.code(document))
            found = self._bare[document] = words.shared(words.without_decorators(text))
        return found
