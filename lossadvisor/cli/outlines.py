"""libcst without the half that no command needs. For the process of the command line, where nobody else uses libcst.

`libcst/__init__` gathers names from all of its modules, so that asking for one node imports codegen, helpers, four
providers of scopes and types, and with them `subprocess` and `json`. Here a package of `OUTLINED` is imported without
its `__init__`: only the parts that we use are, and their names are put where the `__init__` would put them. As soon as
anything else of the package is asked for, the `__init__` runs after all; and where a part does not go without it, in
another version of libcst, say, it runs at once.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object  # what is asked of a loader is two methods, and its module imports thirty others

OUTLINED: Mapping[str, tuple[str, ...]] = {
    "libcst": (
        "_exceptions",
        "_visitors",
        "_nodes.base",
        "_nodes.whitespace",
        "_nodes.op",
        "_nodes.expression",
        "_nodes.statement",
        "_nodes.module",
        "native",
    ),
    "libcst.metadata": ("base_provider", "wrapper", "position_provider"),
}
"""Packages, and those of their modules that we use, in an order in which they can be imported."""


class _Outliner:
    """Finds those packages, and sees what else of them is imported."""

    def __init__(self) -> None:
        self.outlines: dict[str, _Outline] = {}
        self.loading = 0

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name in OUTLINED:
            spec = PathFinder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader = self.outlines[name] = _Outline(spec.loader, self)
            return spec
        if self.outlines and not self.loading and name.startswith("libcst."):
            self.complete()
            if name in sys.modules:  # the `__init__` has imported it
                return ModuleSpec(name, _Ready(), origin=sys.modules[name].__file__)
        return None

    def complete(self) -> None:
        """Run what has been left out."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        for outline in self.outlines.values():
            outline.complete()


class _Outline(Loader):
    """Loads the parts of one package."""

    def __init__(self, whole: Loader, outliner: _Outliner) -> None:
        self.whole, self.outliner = whole, outliner
        self.outlined: ModuleType | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.whole.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        before = {name for name in sys.modules if name.startswith("libcst.")}
        self.outliner.loading += 1
        try:
            for part in OUTLINED[module.__name__]:
                loaded = import_module(f"{module.__name__}.{part}")
                vars(module).update({name: value for name, value in vars(loaded).items() if _written_in(value, loaded)})
        except (ImportError, AttributeError):
            for name in [one for one in sys.modules if one.startswith("libcst.") and one not in before]:
                del sys.modules[name]
            self.whole.exec_module(module)
        else:
            self.outlined = module
            vars(module)["__getattr__"] = partial(self._ask, module)
        finally:
            self.outliner.loading -= 1

    def _ask(self, module: ModuleType, name: str) -> object:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        self.outliner.complete()
        return getattr(module, name)

    def complete(self) -> None:
        module, self.outlined = self.outlined, None
        if module is not None:
            del vars(module)["__getattr__"]
            self.whole.exec_module(module)


class _Ready(Loader):
    """Loads what has been loaded."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return sys.modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        pass


def _written_in(value: object, module: ModuleType) -> bool:
    return getattr(value, "__module__", None) == module.__name__


def outline() -> None:
    """From now on, libcst is imported in outline."""
    sys.meta_path.insert(0, _Outliner())
