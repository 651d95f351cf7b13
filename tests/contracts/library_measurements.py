"""What the packages themselves do: their losses run on synthetic batches, each with its defaults and its switches.

    python -m tests.contracts.library_measurements FOLDER > tests/contracts/library_measurements.json

FOLDER holds the packages with what they import (`pip install --no-deps --target FOLDER PACKAGE...`), beside the torch
of this interpreter. Extensions that were compiled for another torch are replaced by empty modules; no loss of the table
uses them on a CPU. `experiments` says what is measured.
"""

from __future__ import annotations

import importlib
import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import distributions
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any
from unittest.mock import MagicMock

import torch

from lossadvisor.contracts import LIBRARIES, Contract
from lossadvisor.runtime.battery.packages.calling import Called, NotCallable, needs_more

from .experiments import CLASSES, facts

TABLE = Path(__file__).with_suffix(".json")
DISTRIBUTIONS = {"mmseg": "mmsegmentation"}
# Compiled for another torch or for no CPU at all; and models that want another version of transformers.
COMPILED = ("mmcv._ext", "mmcv.ops", "mmpretrain.models.multimodal")
# What an option without a default is given, so that the loss can be built; the first column is written into the table.
CONSTANT: Mapping[str, Any] = {"mode": "binary", "spatial_dims": 2, "descriptors_dim": CLASSES, "Tn": 1.0, "Tp": 1.0}
OTHER: Mapping[str, Callable[[], Any]] = {
    "class_counts": lambda: [10] * CLASSES, "num_samples": lambda: 10 * CLASSES, "classes": lambda: CLASSES,
    "dim": lambda: 2, "dist_matrix": (1 - torch.eye(CLASSES)).numpy,
}  # fmt: skip
SECONDS = 60  # for one loss with one set of options


class Compiled(MetaPathFinder, Loader):
    """Gives empty modules for what is compiled."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Only for the names above."""
        ours = any(name == one or name.startswith(f"{one}.") for one in COMPILED)
        return ModuleSpec(name, self, is_package=True) if ours else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Whatever is asked of it is there."""
        module = MagicMock(spec=None, name=spec.name)
        module.__spec__, module.__path__, module.__name__ = spec, [], spec.name
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


class TooSlow(Exception):
    """The loss took longer than SECONDS."""


def _stop(number: int, frame: FrameType | None) -> None:
    raise TooSlow


def prepared(folder: Path) -> None:
    """The packages of the folder can be imported."""
    sys.path.insert(1, str(folder))
    sys.meta_path.insert(0, Compiled())
    for name in ("nms", "qnms"):  # torchvision describes them to torch, whoever implements them
        torch.library.define(f"torchvision::{name}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    signal.signal(signal.SIGALRM, _stop)
    torch.set_num_threads(1)


def version(package: str, folder: Path) -> str:
    """As the metadata in the folder has it."""
    name = DISTRIBUTIONS.get(package, package)
    return next((found.version for found in distributions(name=name, path=[str(folder)])), "")


def found(contract: Contract) -> tuple[str, Any]:
    """A name of the loss and what bears it. Raises what the import raises, or LookupError."""
    failures: list[str] = []
    for name in contract.names():
        module, _, attribute = name.rpartition(".")
        try:
            return name, getattr(importlib.import_module(module), attribute)
        except (Exception, SystemExit) as error:  # a package may fail in any way on the torch that is here
            failures.append(f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error) else ''}")
    raise LookupError(failures[0])


def configurations(contract: Contract) -> Iterator[dict[str, Any]]:
    """The defaults, then each switch thrown."""
    own = (*contract.constructor, *contract.function)
    needed = {one.name: CONSTANT[one.name] for one in own if one.required and one.name in CONSTANT}
    seen: list[dict[str, Any]] = [needed]
    for switch in contract.switches:
        thrown = {} if switch.differs else {switch.option: switch.equals}
        options = {**needed, **dict(switch.given), **thrown}
        if options not in seen:
            seen.append(options)
    yield from seen


def measured(contract: Contract, name: str, target: Any, options: Mapping[str, Any]) -> dict[str, Any] | str:
    """What the loss does under these options, or why that cannot be measured."""
    own = contract.constructor if name in contract.classes else contract.function
    given = {**{one.name: OTHER[one.name]() for one in own if one.required and one.name in OTHER}, **options}
    try:
        callables = [Called(contract, name, target, given, CLASSES, narrow) for narrow in (False, True)]
    except NotCallable as error:
        return str(error)
    known = {option: callables[0].stand_in(option, CLASSES) for option in callables[0].stood_in}
    why = "takes none of the batches"
    for called in callables:
        signal.alarm(SECONDS)
        try:
            takes = facts(partial(called, **{**known, **given}), contract, {**known, **options})
        except TooSlow:
            return f"takes longer than {SECONDS} s"
        except Exception as error:  # as above
            takes, why = {}, type(error).__name__
        finally:
            signal.alarm(0)
        if takes:
            return takes
    return why


def row(contract: Contract) -> dict[str, Any] | str:
    """By options, as JSON; or why nothing can be measured."""
    try:
        name, target = found(contract)
    except LookupError as error:
        return f"cannot be imported: {error}"
    if contract.port("target") is None:
        return "compares with no target"
    more = needs_more(contract, contract.call if name in contract.classes else contract.function)
    if more:
        return f"wants {', '.join(more)} as well"
    return {json.dumps(options): measured(contract, name, target, options) for options in configurations(contract)}


def main() -> int:
    folder = Path(sys.argv[1]).resolve()
    only = sys.argv[2:]  # packages; all of them where none is named
    prepared(folder)
    table: dict[str, Any] = {"torch": torch.__version__.partition("+")[0], "versions": {}, "rows": {}}
    for contract in LIBRARIES:
        package = contract.library.partition(".")[0]
        if only and package not in only:
            continue
        table["versions"][package] = version(package, folder)
        table["rows"][contract.id] = row(contract)
        print(contract.id, file=sys.stderr, flush=True)
    rows = table.pop("rows")
    lines = [f"  {json.dumps(name)}: {json.dumps(told, sort_keys=True)}" for name, told in sorted(rows.items())]
    print(json.dumps(table, sort_keys=True)[:-1] + ', "rows": {')
    print(",\n".join(lines))
    print("}}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
