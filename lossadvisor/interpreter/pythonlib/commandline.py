"""Command lines made from a class or a function: its fields or parameters are the options, their values the defaults.

Sources: the pages of tyro, simple-parsing, pyrallis, draccus, jsonargparse, typed-argument-parser, transformers
(HfArgumentParser), OmegaConf (structured), click and typer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.guards import Origin
from lossadvisor.interpreter.pythonlib.given import Handler
from lossadvisor.interpreter.values import NONE, Cls, Dict, Func, Known, Layer, Obj, Opaque, Seq, Value
from lossadvisor.project.parsing import parse_expression

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

# Functions that fill a dataclass from the command line or a file: position and name of the class.
_READERS: dict[str, tuple[int, str]] = {
    "tyro.cli": (0, "f"),
    "simple_parsing.parse": (0, "config_class"),
    "pyrallis.parse": (0, "config_class"),
    "draccus.parse": (0, "config_class"),
    "jsonargparse.CLI": (0, "components"),
    "jsonargparse.auto_cli": (0, "components"),
    "omegaconf.OmegaConf.structured": (0, "obj"),
    "chz.entrypoint": (0, "target"),
}
_GROUPS = "<classes>"


def filled(machine: Machine, made: Value) -> Value:
    """An instance of a class with every field at its default, which the command line may change."""
    from lossadvisor.interpreter import calls

    if isinstance(made, Obj):
        return made
    if isinstance(made, Cls | Func):
        return calls.call(machine, made, calls.Arguments([], {}, True, True), None)
    return Opaque("options of a class that is not known", None, None, Origin.CONFIG)


def _reader(position: int, name: str) -> Handler:
    def read(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
        given = arguments.get(position, name) or arguments.keywords.get("default")
        return filled(machine, given or Opaque("no class"))

    return read


def _typer_default(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """typer.Option(default, ...) as the default of a parameter."""
    default = arguments.get(0, "default")
    known = default if isinstance(default, Known) else None
    key = None if node is None else ("option", id(node))
    return Opaque("an option", key, known, Origin.CONFIG)


FUNCTIONS: dict[str, Handler] = {
    **{name: _reader(*where) for name, where in _READERS.items()},
    "typer.Option": _typer_default,
    "typer.Argument": _typer_default,
}


def add_classes(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    """simple_parsing.ArgumentParser.add_arguments(Class, dest="name"): parse_args() has it under that name."""
    given = arguments.get(0, "dataclass")
    dest = arguments.get(1, "dest")
    store = layer.attrs.setdefault("<options>", Dict({}, Opaque("an option"), kind="namespace"))
    if given is not None and isinstance(store, Dict) and isinstance(dest, Known) and isinstance(dest.value, str):
        store.items[dest.value] = filled(machine, given)
    return NONE


def parse_into_classes(machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    """transformers.HfArgumentParser((A, B)).parse_args_into_dataclasses(): one instance of each."""
    given = layer.args[0] if layer.args else layer.keywords.get("dataclass_types", Opaque("no class"))
    classes = given.items if isinstance(given, Seq) else [given]
    return Seq([filled(machine, one) for one in classes], "tuple")


METHODS = {
    "add_arguments": add_classes,
    "parse_args_into_dataclasses": parse_into_classes,
    "parse_json_file": parse_into_classes,
    "parse_yaml_file": parse_into_classes,
    "parse_dict": parse_into_classes,
}
PARSERS = ("argparse.", "simple_parsing.", "transformers.HfArgumentParser", "transformers.hf_argparser.",
           "jsonargparse.", "configargparse.", "configparser.ArgParser")
"""Libraries whose parsers have the methods of argparse."""


def option_default(machine: Machine, func: Func, name: str) -> Value | None:
    """The default that a decorator of click gives a parameter; None when no option of that name is there."""
    for text in func.decorators:
        if ".option(" not in text and not text.startswith("option("):
            continue
        try:
            call = parse_expression(text)
        except cst.ParserSyntaxError:
            continue
        if isinstance(call, cst.Call) and name in _names(call):
            key = ("option", id(func.fragment), name)
            return Opaque(f"--{name}", key, _default(machine, call), Origin.CONFIG)
    return None


def _names(call: cst.Call) -> set[str]:
    """The parameter names that the flags of an option stand for."""
    found: set[str] = set()
    for argument in call.args:
        if argument.keyword is None and isinstance(argument.value, cst.SimpleString):
            text = argument.value.evaluated_value
            for part in str(text).split("/")[:1]:
                found.add(part.lstrip("-").replace("-", "_"))
    return found


def _default(machine: Machine, call: cst.Call) -> Value | None:
    flag = False
    for argument in call.args:
        if argument.keyword is None:
            continue
        if argument.keyword.value == "default":
            value = machine.evaluate(argument.value)
            return value if isinstance(value, Known) else None
        flag = flag or argument.keyword.value == "is_flag"
    return Known(False) if flag else None
