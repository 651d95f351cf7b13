"""Parameters that no visible caller fills, by their annotation: a model or a configuration of that class.

The class is what its author said will come; that it comes built in the usual way is an assumption, and counted as one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import classes, objects, records
from lossadvisor.interpreter.guards import Condition, Literal, Origin
from lossadvisor.interpreter.values import Cls, External, Func, Obj, Opaque, Seq, Value, union
from lossadvisor.project.parsing import parse_expression

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_OPTIONAL = frozenset({"Optional", "Annotated", "Final"})
_LISTS = frozenset({"list", "List", "Sequence", "Iterable", "Collection", "MutableSequence"})


def assumed(machine: Machine, func: Func, parameter: cst.Param, unknown: Opaque) -> Value:
    """An instance of the annotated class, or else `unknown`."""
    found = None if parameter.annotation is None else _value(machine, func, parameter.annotation.annotation)
    if found is None:
        return unknown
    name = parameter.name.value
    text = f"{name} is what its annotation says, built in the usual way"
    usual = Condition((_ANNOTATED, id(func.fragment), func.name, name), None, Origin.PARAMETER, text)
    return union([(frozenset({(usual, True)}), found), (frozenset({(usual, False)}), unknown)])


_ANNOTATED = "annotated"


def denied(literal: Literal) -> bool:
    """Whether a literal of a guard says that a parameter is not what its annotation says."""
    condition, holds = literal
    return not holds and isinstance(condition.key, tuple) and condition.key[:1] == (_ANNOTATED,)


def _value(machine: Machine, func: Func, node: cst.BaseExpression) -> Value | None:
    """What an annotation stands for; None for what is no class of the project that matters here."""
    match node:
        case cst.SimpleString():
            try:
                inner = parse_expression(str(node.evaluated_value))
            except cst.ParserSyntaxError:
                return None
            return None if isinstance(inner, cst.SimpleString) else _value(machine, func, inner)
        case cst.BinaryOperation(operator=cst.BitOr()):
            sides = [one for one in (node.left, node.right) if not _is_none(one)]
            return _value(machine, func, sides[0]) if len(sides) == 1 else None
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=inner)), *_]):
            head = cst.Module(()).code_for_node(node.value).rsplit(".", 1)[-1]
            if head in _OPTIONAL:
                return _value(machine, func, inner)
            one = _value(machine, func, inner) if head in _LISTS else None
            return None if one is None else Seq([], "list", one)
        case cst.Name() | cst.Attribute():
            return _instance(machine, _class(machine, func, node))
        case _:
            return None


def _is_none(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _class(machine: Machine, func: Func, node: cst.BaseExpression) -> Cls | None:
    from lossadvisor.interpreter import parameters

    value = parameters.default_value(machine, func, node)
    if not isinstance(value, Cls) or value.definition is None:
        return None
    module = External("torch.nn.Module") in classes.linearize(machine, value)
    return value if module or records.is_record(machine, value) else None


def _instance(machine: Machine, cls: Cls | None) -> Obj | None:
    """The one instance of a class that stands for all that nobody sees being built."""
    if cls is None or cls.huge:
        return None
    if cls.instance is None:
        cls.huge = True  # while it is made, it is no parameter of its own
        made = objects.assumed(machine, cls)
        cls.huge = made.cut  # a root of its own has more to spend on it
        if made.cut:
            return None
        cls.instance = made
    return cls.instance
