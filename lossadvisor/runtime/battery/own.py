"""`validate --import package.module:factory`: the user's own loss, imported, run and put through the battery."""

from __future__ import annotations

import importlib
import inspect
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from lossadvisor.runtime.battery.battery import DEFAULT_CLASSES, judged, run
from lossadvisor.runtime.battery.infer import NotInferred, infer
from lossadvisor.runtime.battery.result import Validation
from lossadvisor.runtime.battery.trial import Function, Trial
from lossadvisor.runtime.codes import CODES


class NotImported(ValueError):
    """The name does not lead to a loss; the message says what was tried, in one line."""


def load(name: str, folder: Path) -> Function:
    """The loss behind "package.module:attribute", `folder` being searched first.

    The attribute may be a loss module, a function of (input, target), or a class or factory that gives one of these
    when called without arguments. This runs the user's code.
    """
    module_name, separator, attribute = name.partition(":")
    if not separator or not module_name or not attribute:
        raise NotImported(f"--import {name}: write package.module:factory")
    sys.path.insert(0, str(folder))
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:
        raise NotImported(f"--import {name}: importing {module_name} failed: {_line(error)}") from None
    finally:
        sys.path.remove(str(folder))
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise NotImported(f"--import {name}: {module_name} has no {attribute}")
        found = getattr(found, part)
    if isinstance(found, torch.nn.Module) or (callable(found) and not isinstance(found, type) and _needed(found) >= 2):
        return found
    try:
        built = found()
    except Exception as error:
        raise NotImported(f"--import {name}: calling {attribute}() failed: {_line(error)}") from None
    if not callable(built):
        raise NotImported(f"--import {name}: {attribute}() gave a {type(built).__name__}, not a loss")
    return built  # type: ignore[no-any-return]


def _needed(function: Any) -> int:
    """How many arguments have to be given."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 0
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(one.default is inspect.Parameter.empty and one.kind in kinds for one in parameters)


def _line(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


def validate_own(name: str, folder: Path) -> Validation:
    """Import the loss, infer its contract and run the battery. Raises NotImported and infer.NotInferred."""
    function = load(name, folder)
    try:
        found, subject, fed = infer(function)
    except NotInferred as error:
        raise NotInferred(f"--import {name}: {error}") from None
    # Closed forms belong to torch's own losses; the loss is compared with itself and with the nearest of those.
    if not found.same_as_torch:
        subject = replace(subject, floor=lambda problem, options: None, chance=lambda problem, options: None)
    trial = Trial(subject, fed, fed, {}, function, DEFAULT_CLASSES)
    checks = run(trial)
    if not found.same_as_torch:
        checks = tuple(check for check in checks if check.name != "value against a float64 reference")
    codes = judged(trial)
    return Validation(
        found.contract, name, fed.names, fed.names, {}, trial.classes, checks, codes,
        tuple(CODES[code].help for code in codes), found.words(),
    )  # fmt: skip
