"""copy.copy and copy.deepcopy: modules and containers that are changed apart from the original from then on."""

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


class _Copier:
    def __init__(self, base: Guard, depth: int) -> None:
        self.base, self.depth = base, depth
        self.seen: dict[int, Value] = {}

    def copy(self, value: Value, depth: int) -> Value:
        if id(value) in self.seen:
            return self.seen[id(value)]
        if depth >= self.depth:
            return value
        if isinstance(value, Union):
            return Union(tuple((guard, cast("Single", self.copy(single, depth))) for guard, single in value.options))
        made = self._empty(value)
        if made is not value:
            self.seen[id(value)] = made
            self._fill(value, made, depth + 1)
        return made

    def _empty(self, value: Single) -> Single:
        match value:
            case Layer():
                return Layer(value.name, [], {}, value.place, {}, self.base)
            case Obj():
                return Obj(value.cls, {}, self.base, {}, set(value.set_by), value.assumed, value.place)
            case Seq():
                return Seq([], value.kind, None, self.base)
            case Dict():
                return Dict({}, None, self.base, value.kind, value.factory)
            case Partial():
                return Partial(value.function, [], {})
            case Bound():
                return Bound(value.function, self.copy(value.receiver, self.depth - 1)) if self.depth > 1 else value
            case Tensor(fact):
                return Tensor(fact)  # another tensor, which is changed in place on its own
            case _:
                return value

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
