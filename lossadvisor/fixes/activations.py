"""Activations as they are written: a function, a method, or a module that is called where it is built."""

from __future__ import annotations

import ast

from lossadvisor.fixes.naming import Names, last, plain_arguments
from lossadvisor.late import dataclass

_KINDS = {
    "softmax": "softmax", "Softmax": "softmax",
    "log_softmax": "log_softmax", "LogSoftmax": "log_softmax",
    "sigmoid": "sigmoid", "Sigmoid": "sigmoid", "expit": "sigmoid",
    "logsigmoid": "logsigmoid", "LogSigmoid": "logsigmoid",
    "tanh": "tanh", "Tanh": "tanh",
    "relu": "relu", "ReLU": "relu",
    "dropout": "dropout", "Dropout": "dropout",
    "exp": "exp", "log": "log",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation of `operand`. `named` is the node whose text ends in the name of the operation."""

    kind: str
    operand: ast.expr
    whole: ast.Call
    named: ast.Name | ast.Attribute
    method: bool


def activation(node: ast.AST, names: Names) -> Activation | None:
    """The activation that an expression is, or None.

    Functions are known by their imports; a method is taken for one when its name says so and what it is called on is
    no module.
    """
    if not isinstance(node, ast.Call) or not plain_arguments(node):
        return None
    match node.func:
        case ast.Call(func=ast.Name() | ast.Attribute() as named) as built if plain_arguments(built):
            kind = _KINDS.get(last(names.meaning(named)))
            operand = _only_operand(node)
            if kind is not None and operand is not None and len(node.args) + len(node.keywords) == 1:
                return Activation(kind, operand, node, named, method=False)
        case ast.Name() | ast.Attribute() as named:
            meaning = names.meaning(named)
            if meaning is not None:
                kind = _KINDS.get(last(meaning)) if meaning.startswith("torch.") else None
                operand = _only_operand(node)
                if kind is not None and operand is not None and last(meaning).islower():
                    return Activation(kind, operand, node, named, method=False)
            elif isinstance(named, ast.Attribute) and named.attr in _KINDS and named.attr.islower():
                if not (node.args and isinstance(named.value, ast.Name) and named.value.id == "self"):
                    return Activation(_KINDS[named.attr], named.value, node, named, method=True)
    return None


def _only_operand(call: ast.Call) -> ast.expr | None:
    if call.args:
        return call.args[0]
    return next((given.value for given in call.keywords if given.arg in ("input", "self")), None)


_STRUCTURAL = ("is made here", "is computed here", "returns it")


def structural(message: str) -> bool:
    """Whether an entry of a trace only says where a value went, not what was done to it."""
    return any(word in message for word in _STRUCTURAL)
