"""The files of a project, and which of them an import means.

There is no `sys.path` to ask, so an absolute import is looked up from the folder of the importing file upwards, in each
folder itself and in its `src`; a name found nowhere on the way may still be the only such path in the whole project.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from lossadvisor.project.data import DataFiles
from lossadvisor.project.index import ModuleIndex, build_index
from lossadvisor.project.registering import Registering
from lossadvisor.source.document import Document

if TYPE_CHECKING:
    from lossadvisor.project.ahead import Ahead

# Always outside: their own source is not what is being judged, and folders of these names are common in forks.
_FOREIGN = frozenset({"torch", "numpy", "argparse", "typing", "os", "sys", "math", "functools", "collections"})

Key = tuple[str, ...]


def _key(path: PurePath) -> Key:
    parts = path.with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts


class Project:
    """Documents by path, their indexes on demand, and import resolution."""

    def __init__(
        self, documents: Sequence[Document], pulse: Callable[[], None] | None = None, ahead: Ahead | None = None
    ) -> None:
        """`pulse` is called whenever an index is asked for; what it raises ends the work. `ahead` has some indexes."""
        self.documents = list(documents)
        self._pulse = pulse
        self.data = DataFiles(self.documents)
        self.registering = Registering(self.documents)
        self._ahead = ahead
        self._indexes: dict[Document, ModuleIndex] = {}
        self._by_key: dict[Key, Document] = {}
        self._by_tail: dict[str, list[Key]] = {}
        self._by_path: dict[str, Document] = {}
        self._settings: list[Document] | None = None
        for document in self.documents:
            if document.kind in ("python", "stub"):
                key = _key(document.path)
                if document.kind == "python" or key not in self._by_key:
                    self._by_key[key] = document
        for key in self._by_key:
            self._by_tail.setdefault(key[-1], []).append(key)

    def index(self, document: Document) -> ModuleIndex:
        """The index of a document, built once."""
        if self._pulse is not None:
            self._pulse()
        found = self._indexes.get(document)
        if found is None:
            made = None if self._ahead is None else self._ahead.index(document)
            found = self._indexes[document] = made or build_index(document)
        return found

    def resolve(self, importer: Document, module: str, level: int) -> Document | Key | None:
        """The document that `module` means in `importer`, a folder key for a package without `__init__`, or None."""
        parts = tuple(part for part in module.split(".") if part)
        if level > 0:
            folder = importer.path.parts[:-1]
            base = folder[: len(folder) - (level - 1)]
            return self._at((*base, *parts))
        if not parts or parts[0] in _FOREIGN:
            return None
        folder = importer.path.parts[:-1]
        for depth in range(len(folder), 0, -1):
            for root in (folder[:depth], (*folder[:depth], "src")):
                found = self._at((*root, *parts))
                if found is not None:
                    return found
        return self._only_tail(parts)

    def child(self, package: Document | Key, name: str) -> Document | Key | None:
        """The submodule `name` of a package."""
        key = package if isinstance(package, tuple) else _key(package.path)
        if not isinstance(package, tuple) and package.path.name != "__init__.py":
            return None
        return self._at((*key, name))

    def configuration(self, importer: Path, name: str) -> Document | None:
        """The Python file that code in `importer` calls `name`: one of the project, or one that lies beside it."""
        found = self.data.source(importer, name)
        return None if found is None else self._beside(*found)

    def configurations(self) -> list[Document]:
        """The Python files beside the project's own that hold settings alone."""
        if self._settings is None:
            known = frozenset(str(document.path) for document in self.documents)
            self._settings = [self._beside(*found) for found in self.data.beside(known)]
        return self._settings

    def _beside(self, path: str, text: str) -> Document:
        if not self._by_path:
            self._by_path = {str(document.path): document for document in self.documents}
        if path not in self._by_path:
            self._by_path[path] = Document(path, Path(path), text)
        return self._by_path[path]

    def children(self, package: Document) -> list[tuple[str, bool]]:
        """The modules beside the `__init__` of a package (or beside any module), and whether each is a package."""
        folder = _key(package.path) if package.path.name == "__init__.py" else _key(package.path)[:-1]
        beside = {key[len(folder)] for key in self._by_key if len(key) > len(folder) and key[: len(folder)] == folder}
        return [(name, self._at_package((*folder, name))) for name in sorted(beside)]

    def _at_package(self, key: Key) -> bool:
        found = self._at(key)
        return isinstance(found, tuple) or (found is not None and found.path.name == "__init__.py")

    def dotted(self, package: Document) -> str:
        """The name of the package that a module is in (or is), from the outermost folder that is a package on."""
        key = _key(package.path) if package.path.name == "__init__.py" else _key(package.path)[:-1]
        first = len(key)
        while first > 1 and self._at_package(key[:first]) and not isinstance(self._at(key[:first]), tuple):
            first -= 1
        return ".".join(key[first:])

    def _at(self, key: Key) -> Document | Key | None:
        found = self._by_key.get(key)
        if found is not None:
            return found
        return key if key in self._folders() else None

    def _folders(self) -> frozenset[Key]:
        cached: frozenset[Key] | None = getattr(self, "_folder_keys", None)
        if cached is None:
            folders: set[Key] = set()
            for key in self._by_key:
                for depth in range(len(key) - 1, 0, -1):
                    if key[:depth] in folders:
                        break
                    folders.add(key[:depth])
            cached = self._folder_keys = frozenset(folders)
        return cached

    def _only_tail(self, parts: Key) -> Document | None:
        matching = [key for key in self._by_tail.get(parts[-1], ()) if key[-len(parts) :] == parts]
        if len(matching) == 1 and len(parts) > 1:
            return self._by_key[matching[0]]
        return None
