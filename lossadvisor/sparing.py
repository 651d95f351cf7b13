"""The classes of libcst, made as ours are: that is most of its import.

Its nodes are some two hundred dataclasses, each made twice, because a decorator of its own adds slots. While `sparing`
holds, they get late methods (`lossadvisor/late.py`) and are made again without asking for their fields.
"""

from __future__ import annotations

import dataclasses
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, Any

from lossadvisor import late
from lossadvisor.late_methods import PLAN, plain, restore, state

if TYPE_CHECKING:
    from importlib.abc import Loader
else:
    Loader = object  # what is asked of a loader is two methods, and its module imports thirty others

_PACKAGE = "libcst"
_ADDING = "libcst._add_slots"  # the module with the decorator
_ALONE = threading.RLock()  # two threads would take each other's decorator for the usual one


@contextmanager
def sparing() -> Iterator[None]:
    """While this holds, the classes of libcst are made late. What has been imported before stays as it is."""
    with _ALONE:
        finder = _Finder()
        sys.meta_path.insert(0, finder)
        dataclasses.dataclass = _decorate
        try:
            finder.replace(sys.modules.get(_ADDING))
            yield
        finally:
            finder.give_back()
            dataclasses.dataclass = plain
            sys.meta_path.remove(finder)


def _decorate(cls: Any = None, /, **options: Any) -> Any:
    if cls is None:
        return lambda given: _decorate(given, **options)
    theirs = cls.__module__.partition(".")[0] == _PACKAGE and options.keys() <= late.OPTIONS
    return late.made(cls, **options) if theirs else plain(cls, **options)


class _Finder:
    """Finds the module with the decorator, and replaces the decorator where it is imported."""

    def __init__(self) -> None:
        self.module: Any = None
        self.usual: Callable[[Any], Any] | None = None

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name == _ADDING else None
        if spec is not None and spec.loader is not None:
            spec.loader = _Replacing(spec.loader, self)
        return spec

    def replace(self, module: Any) -> None:
        if module is not None and hasattr(module, "add_slots"):
            self.module, self.usual = module, module.add_slots
            module.add_slots = self._add_slots

    def give_back(self) -> None:
        if self.module is not None:
            self.module.add_slots = self.usual

    def _add_slots(self, cls: Any) -> Any:
        if PLAN in cls.__dict__:
            return late.with_slots(cls, {"__getstate__": state, "__setstate__": restore})
        assert self.usual is not None
        return self.usual(cls)


class _Replacing(Loader):
    def __init__(self, loader: Loader, finder: _Finder) -> None:
        self.loader, self.finder = loader, finder

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        self.finder.replace(module)


__all__ = ["sparing"]
