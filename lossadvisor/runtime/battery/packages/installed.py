"""Whether the package of a loss is installed, and its classes and functions if so.

The code that is checked must not run. So a package counts as installed only where pip puts packages and only with the
metadata that pip writes beside it; a folder of the same name in the checked project, or an editable installation of
it, is not imported, and while a package is imported the working directory is not on the path.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import site
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from lossadvisor.contracts import Contract

# Package -> distribution, where they are called differently.
_DISTRIBUTIONS = {"mmseg": "mmsegmentation"}


class NotInstalled(Exception):
    """The package of a loss cannot be used; the message says why in one line."""


def _folders() -> list[str]:
    """Where pip puts packages for this interpreter."""
    user = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    paths = sysconfig.get_paths()
    return list(dict.fromkeys([paths["purelib"], paths["platlib"], *site.getsitepackages(), *user]))


@cache
def is_installed(package: str) -> bool:
    """Whether pip has installed `package` (a top-level name) for this interpreter."""
    spec = PathFinder.find_spec(package, _folders())
    if spec is None or not spec.submodule_search_locations:
        return False
    folder = Path(next(iter(spec.submodule_search_locations))).parent
    name = _DISTRIBUTIONS.get(package, package)
    return any(distributions(name=name, path=[str(folder)]))


@contextlib.contextmanager
def _guarded() -> Iterator[None]:
    """The working directory and what lies above it are off the path, and the package is kept from printing."""
    kept, here = sys.path, Path.cwd()
    above = {here, *here.parents}
    sys.path = [entry for entry in kept if entry and Path(entry).resolve() not in above]
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            with contextlib.redirect_stderr(io.StringIO()):
                yield
    finally:
        sys.path = kept


@cache
def _module(name: str) -> tuple[Any, str]:
    """The module, or None with what its import raised."""
    with _guarded():
        try:
            return importlib.import_module(name), ""
        except Exception as error:  # a package may fail in any way on the torch that is here
            text = str(error).strip().splitlines()
            return None, f"{type(error).__name__}: {text[0] if text else ''}"


def find(contract: Contract) -> tuple[str, Any]:
    """A qualified name of the loss and the class or function that bears it. Raises NotInstalled."""
    package = contract.library.partition(".")[0]
    if not is_installed(package):
        raise NotInstalled(f"{package} is not installed")
    failures: list[str] = []
    for name in contract.names():
        module, _, attribute = name.rpartition(".")
        place, raised = _module(module)
        found = getattr(place, attribute, None)
        if found is not None:
            return name, found
        failures.append(raised)
    lacking = "" in failures  # a module of it could be imported and has no such name
    why = f"it has no {contract.id.rpartition('.')[2]}" if lacking else f"it cannot be imported ({failures[0]})"
    raise NotInstalled(f"{package} is installed, but {why}")
