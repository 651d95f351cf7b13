"""The parts of Python itself that carry values around: the table of its functions that are followed."""

from __future__ import annotations

from lossadvisor.interpreter import listed
from lossadvisor.interpreter.copying import copied
from lossadvisor.interpreter.pythonlib import (
    applying,
    building,
    commandline,
    files,
    launching,
    mathematics,
    reflection,
    walking,
)
from lossadvisor.interpreter.pythonlib.containers import container_method
from lossadvisor.interpreter.pythonlib.given import Handler, first
from lossadvisor.interpreter.pythonlib.options import ARGPARSE

__all__ = ["ARGPARSE", "FUNCTIONS", "container_method"]

FUNCTIONS: dict[str, Handler] = {
    **mathematics.FUNCTIONS,
    "builtins.getattr": reflection.get_attribute,
    "builtins.setattr": reflection.set_attribute,
    "builtins.hasattr": reflection.has_attribute,
    "builtins.len": building.length,
    "builtins.range": building.number_range,
    "builtins.zip": building.zipped,
    "itertools.product": building.product,
    "builtins.enumerate": building.enumerated,
    "builtins.list": building.sequence("list"),
    "builtins.tuple": building.sequence("tuple"),
    "builtins.set": building.sequence("set"),
    "builtins.dict": building.dictionary,
    "collections.OrderedDict": building.dictionary,
    "collections.defaultdict": building.default_dictionary,
    "builtins.isinstance": reflection.is_instance,
    "builtins.super": reflection.super_of,
    "builtins.int": building.number(int),
    "builtins.float": building.number(float),
    "builtins.bool": building.number(bool),
    "builtins.str": building.number(str),
    "builtins.map": building.mapped,
    "builtins.sum": building.total,
    "builtins.reversed": listed.reversed_of,
    "builtins.sorted": listed.sorted_of,
    "random.sample": listed.sampled,
    "random.choices": listed.sampled,
    "collections.deque": building.sequence("list"),
    "builtins.next": building.next_element,
    "builtins.staticmethod": lambda machine, arguments, node: first(arguments),
    "builtins.type": reflection.type_of,
    "builtins.globals": reflection.global_names,
    "builtins.vars": reflection.variables,
    "builtins.eval": reflection.evaluated,
    "importlib.import_module": reflection.import_module,
    "builtins.__import__": reflection.import_by_hand,
    "dataclasses.field": building.field,
    "copy.copy": lambda machine, arguments, node: copied(first(arguments), machine.path, False),
    "copy.deepcopy": lambda machine, arguments, node: copied(first(arguments), machine.path, True),
    "collections.namedtuple": building.named_tuple,
    **applying.FUNCTIONS,
    **commandline.FUNCTIONS,
    **files.FUNCTIONS,
    **launching.FUNCTIONS,
    **walking.FUNCTIONS,
}
