"""Modules and containers that are changed apart from the original from then on: copy.copy, copy.deepcopy, twins."""

from __future__ import annotations

from typing import cast

from lossadvisor.interpreter.guards import Guard
from lossadvisor.interpreter.values import Bound, Dict, Layer, Obj, Partial, Seq, Single, Tensor, Union, Value

_DEPTH = 12


def copied(value: Value, base: Guard, deep: bool) -> Value:
    """A copy that exists since `base`. Functions and classes are shared; so is all that it holds, unless `deep`.

    In a deep copy what was one object is one object again.
    """
    return _Copier(base, _DEPTH if deep else 1).copy(value, 0)


def twin(value: Value, born: int) -> Value:
    """What the same construction makes again: what it has made, which was not there before `born`, is made anew."""
    return _Copier(None, _DEPTH, born).copy(value, 0)


class _Copier:
    """`base` of None: as the original. What is older than `born` is shared."""

    def __init__(self, base: Guard | None, depth: int, born: int = -1) -> None:
        self.base, self.depth, self.born = base, depth, born
        self.seen: dict[int, Value] = {}

    def copy(self, value: Value, depth: int) -> Value:
        if id(value) in self.seen:
            return self.seen[id(value)]
        if depth >= self.depth:
            return value
        if isinstance(value, Union):
            return Union(tuple((guard, cast("Single", self.copy(single, depth))) for guard, single in value.options))
        if isinstance(value, Layer | Obj | Seq | Dict) and value.born < self.born:
            return value
        made = self._empty(value)
        if made is not value:
            self.seen[id(value)] = made
            self._fill(value, made, depth + 1)
        return made

    def _empty(self, value: Single) -> Single:
        match value:
            case Layer(base=old):
                since = {} if self.base is not None else dict(value.since)
                return Layer(value.name, [], {}, value.place, {}, self._since(old), since)
            case Obj(base=old):
                since = {} if self.base is not None else dict(value.since)
                return Obj(
                    value.cls, {}, self._since(old), since, set(value.set_by), value.assumed, value.place, value.cut
                )
            case Seq(base=old):
                return Seq([], value.kind, None, self._since(old), grown=value.grown)
            case Dict(base=old):
                return Dict({}, None, self._since(old), value.kind, value.factory)
            case Partial():
                return Partial(value.function, [], {})
            case Bound():
                return Bound(value.function, self.copy(value.receiver, self.depth - 1)) if self.depth > 1 else value
            case Tensor(fact):
                return Tensor(fact)  # another tensor, which is changed in place on its own
            case _:
                return value

    def _since(self, base: Guard) -> Guard:
        return base if self.base is None else self.base

    def _fill(self, old: Single, new: Single, depth: int) -> None:
        match old, new:
            case Layer(), Layer():
                new.args = self._all(old.args, depth)
                new.keywords = {name: self.copy(one, depth) for name, one in old.keywords.items()}
                new.attrs = {name: self.copy(one, depth) for name, one in old.attrs.items()}
            case Obj(), Obj():
                new.attrs = {name: self.copy(one, depth) for name, one in old.attrs.items()}
            case Seq(), Seq():
                new.items = self._all(old.items, depth)
                new.rest = None if old.rest is None else self.copy(old.rest, depth)
                new.names = {name: self.copy(one, depth) for name, one in old.names.items()}
            case Dict(), Dict():
                new.items = {key: self.copy(one, depth) for key, one in old.items.items()}
                new.rest = None if old.rest is None else self.copy(old.rest, depth)
            case Partial(), Partial():
                new.args = self._all(old.args, depth)
                new.keywords = {name: self.copy(one, depth) for name, one in old.keywords.items()}
            case _:
                return

    def _all(self, values: list[Value], depth: int) -> list[Value]:
        return [self.copy(one, depth) for one in values]
