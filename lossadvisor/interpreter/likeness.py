"""Things that are alike: a network repeats its blocks, and what one of many does, the others do.

`[Block(dim, drop[i]) for i in range(12)]` makes twelve modules of the same parts, and `for block in self.blocks` leads
a tensor through all of them. The first two and the last are followed; the others are taken to do what the second did,
as long as they are alike part by part and the second changed nothing that the first had not changed already.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

import libcst as cst

from lossadvisor.interpreter.guards import Guard
from lossadvisor.interpreter.values import Dict, Known, Layer, Obj, Opaque, Seq, Tensor, Union, Value, options
from lossadvisor.values import Fact

FEW = 4
"""As many are followed one by one, whether they are alike or not."""

_DEPTH = 8  # how deep parts within parts are compared


def alike(left: Value, right: Value, depth: int = _DEPTH) -> bool:
    """Whether two values are made of the same parts; rates, and which very parameter it is, may differ."""
    if left is right:
        return True
    if depth == 0 or type(left) is not type(right):
        return False
    match left, right:
        case Known(a), Known(b):
            return type(a) is type(b) and (a == b or isinstance(a, float))
        case Tensor(a), Tensor(b):
            return settled(a, b)
        case Opaque(), Opaque():
            return left.reason == right.reason and left.origin is right.origin and left.key == right.key
        case Layer(), Layer():
            return (
                left.name == right.name
                and _written(left.base) == _written(right.base)
                and _all(left.args, right.args, depth)
                and _each(left.keywords, right.keywords, depth)
                and _each(left.attrs, right.attrs, depth)
            )
        case Obj(), Obj():
            return (
                left.cls is right.cls
                and _written(left.base) == _written(right.base)
                and left.cut == right.cut
                and _each(left.attrs, right.attrs, depth)
            )
        case Seq(), Seq():
            return (
                left.kind == right.kind and left.rest is right.rest is None and _all(left.items, right.items, depth)
                and left.names.keys() == right.names.keys()
            )
        case Dict(), Dict():
            return left.kind == right.kind and left.rest is right.rest is None and _each(left.items, right.items, depth)
        case Union(a), Union(b):
            return len(a) == len(b) and all(
                _written(one) == _written(other) and alike(first, second, depth - 1)
                for (one, first), (other, second) in zip(a, b, strict=True)
            )
        case _:
            return left == right


_NO_CONDITION: frozenset[tuple[Hashable, ...]] = frozenset()


def _written(guard: Guard) -> frozenset[tuple[Hashable, ...]]:
    """The conditions of a guard as they stand in the code, whichever call of the function asked them."""
    if not guard:
        return _NO_CONDITION
    return frozenset((one.key[:2] if one.key[0] == "at" else one.key, polarity) for one, polarity in guard)


def _all(left: Sequence[Value], right: Sequence[Value], depth: int) -> bool:
    return len(left) == len(right) and all(alike(a, b, depth - 1) for a, b in zip(left, right, strict=True))


_Key = TypeVar("_Key", bound=Hashable)


def _each(left: Mapping[_Key, Value], right: Mapping[_Key, Value], depth: int) -> bool:
    return left.keys() == right.keys() and all(alike(value, right[key], depth - 1) for key, value in left.items())


def settled(before: Fact, after: Fact) -> bool:
    """Whether a tensor means after a turn what it meant before, wherever it has been meanwhile."""
    return before is after or (
        before.domain is after.domain and before.axis == after.axis and before.dtype is after.dtype
        and before.shape == after.shape and before.grad is after.grad and before.classes == after.classes
        and before.evaluation == after.evaluation and before.marks == after.marks
    )


def middle(items: Sequence[Value], at: int) -> bool:
    """Whether the item is one of many blocks, behind two that are like it, and not the last."""
    if not 2 <= at < len(items) - 1 or len(items) <= FEW:
        return False
    one, before = _block(items[at]), _block(items[at - 1])
    return isinstance(one, Layer | Obj) and alike(before, one) and (at > 2 or alike(_block(items[0]), before))


def _block(element: Value) -> Value:
    """The block of what a loop over `enumerate` gives."""
    match element:
        case Seq(items=[Known(value=int()), block], kind="tuple", rest=None):
            return block
        case _:
            return element


def target(node: cst.BaseExpression) -> tuple[str, str | None] | None:
    """The names of the block and of its number in the target of a loop; None for other targets."""
    match node:
        case cst.Name(value=block):
            return block, None
        case cst.Tuple(elements=[cst.Element(value=cst.Name(value=number)), cst.Element(value=cst.Name(value=block))]):
            return block, number
        case _:
            return None


def picks(node: cst.CSTNode, name: str) -> list[cst.BaseExpression] | None:
    """What the name is an index of; None when it is used for anything else."""
    match node:
        case cst.Subscript(value=base, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Name(value=index)))]):
            if index == name:
                return None if picks(base, name) != [] else [base]
        case cst.Name(value=used):
            return None if used == name else []
        case cst.Arg(value=value) | cst.Attribute(value=value):
            return picks(value, name)
    found: list[cst.BaseExpression] = []
    for child in node.children:
        inner = picks(child, name)
        if inner is None:
            return None
        found += inner
    return found


def uniform(value: Value) -> bool:
    """Whether it makes no difference which element of something is picked: all that are known are alike."""
    match value:
        case Union(options=options):
            return all(uniform(single) for _, single in options)
        case Seq(items=items, rest=rest):
            held = [*items, *(() if rest is None else (rest,))]
            return all(alike(held[0], one) for one in held[1:])
        case Dict(items=items):
            return not items
        case _:
            return True


def passes(body: Sequence[cst.CSTNode]) -> bool:
    """Whether statements only give names new values: no turn changes a block or collects what it returns."""
    for node in body:
        match node:
            case cst.SimpleStatementLine(body=parts):
                if not all(isinstance(part, cst.Assign | cst.AugAssign) and _names(part) for part in parts):
                    return False
            case cst.If(body=inner, orelse=orelse):
                others = () if orelse is None else (orelse,) if isinstance(orelse, cst.If) else orelse.body.body
                if not passes(inner.body) or not passes(others):
                    return False
            case _:
                return False
    return True


def _names(node: cst.Assign | cst.AugAssign) -> bool:
    targets = [node.target] if isinstance(node, cst.AugAssign) else [one.target for one in node.targets]
    for target in targets:
        parts = [one.value for one in target.elements] if isinstance(target, cst.Tuple) else [target]
        if not all(isinstance(part, cst.Name) for part in parts):
            return False
    return True


def unmoved(before: Mapping[str, Value], now: Mapping[str, Value], own: Iterable[str | None]) -> bool:
    """Whether a turn of a loop has left every name, but for the loop's own, with what it meant before."""
    return before.keys() == now.keys() and all(
        name in own or value is now[name] or means(value, now[name]) for name, value in before.items()
    )


def means(before: Value, now: Value) -> bool:
    """Whether the alternatives of a value are the same after a turn, whatever they depend on."""
    old, new = [single for _, single in options(before)], [single for _, single in options(now)]
    return all(any(alike(one, other) for other in old) for one in new) and all(
        any(alike(one, other) for other in new) for one in old
    )
