"""x[...]: containers by element, tensors by what indexing does to their meaning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import crossing, frameworks, indexing, iterate, pandas_frames, parts, sharing
from lossadvisor.interpreter.guards import Guard
from lossadvisor.interpreter.pythonlib.reflection import loaded_module
from lossadvisor.interpreter.values import External, Known, Layer, Opaque, Seq, Single, Tensor, Value, options, union
from lossadvisor.transfers import shapes
from lossadvisor.values import BY_ELEMENT, Domain, Fact

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine

_NAMES = ".__dict__"
_SUMMING = (Domain.PROBABILITIES, Domain.LOG_PROBABILITIES)


def subscript(machine: Machine, node: cst.Subscript) -> Value:
    """The value of a subscript expression."""
    base = machine.evaluate(node.value)
    found: list[tuple[Guard, Value]] = []
    for guard, single in machine.present(base):
        found.append((guard, _one(machine, node, single, guard)))
    return union(found) if found else Opaque("an element of nothing")


def _one(machine: Machine, node: cst.Subscript, single: Single, guard: Guard) -> Value:
    match single:
        case Tensor(fact):
            after = indexing.shaped(machine, node, fact, _indexed(machine, node, fact))
            made = Tensor(crossing.indexed(machine, node, fact, after, guard))
            sharing.share(machine, single, made)
            return made
        case Layer() if pandas_frames.is_table(single):
            return pandas_frames.item(machine, single, node) or Opaque("a part of a table")
        case Seq() if (part := _slice(node)) is not None:
            return _sliced(machine, single, part)
        case Opaque(default=Known(value=str())) | Known(value=str()) if (part := _slice(node)) is not None:
            return _text_slice(machine, single, part)
        case Known(value=str() as text):
            index = iterate.index_of(machine, node)
            if isinstance(index, Known) and isinstance(index.value, int) and -len(text) <= index.value < len(text):
                return Known(text[index.value])
            return Opaque("a part of a string")
        case Opaque(default=None) if (part_of := parts.sliced(machine, node, single)) is not None:
            return part_of
        case External(name="sys.modules"):
            return loaded_module(machine, iterate.index_of(machine, node))
        case External(name=dotted) if dotted.endswith(_NAMES):
            return _named(dotted.removesuffix(_NAMES), iterate.index_of(machine, node))
        case _:
            return iterate.element(machine, single, iterate.index_of(machine, node))


def _named(module: str, index: Value | None) -> Value:
    """`torchvision.models.__dict__[name]`: an attribute of an external module by a name that is known or usual."""
    chosen: list[tuple[Guard, Value]] = []
    for guard, single in options(Opaque("") if index is None else index):
        match single:
            case Known(value=str() as name) | Opaque(default=Known(value=str() as name)):
                chosen.append((guard, External(f"{module}.{name}")))
            case _:
                chosen.append((guard, frameworks.any_of(module) or Opaque(f"an attribute of {module}")))
    return union(chosen)


def _slice(node: cst.Subscript) -> cst.Slice | None:
    if len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice):
        return node.slice[0].slice
    return None


def _text_slice(machine: Machine, single: Single, part: cst.Slice) -> Value:
    text = single.default if isinstance(single, Opaque) else single
    assert isinstance(text, Known)
    characters = Seq([Known(character) for character in str(text.value)], "list")
    chosen = _sliced(machine, characters, part)
    if isinstance(chosen, Seq) and chosen.rest is None:
        return Known("".join(str(one.value) for one in chosen.items if isinstance(one, Known)))
    return Opaque("a part of a string")


def _sliced(machine: Machine, seq: Seq, part: cst.Slice) -> Value:
    bounds: list[int | None] = []
    for bound in (part.lower, part.upper, part.step):
        if bound is None:
            bounds.append(None)
            continue
        value = machine.evaluate(bound)
        value = value.default if isinstance(value, Opaque) and value.default is not None else value
        if not isinstance(value, Known) or not isinstance(value.value, int):
            return Seq([], seq.kind, iterate.any_of([*seq.items, *([] if seq.rest is None else [seq.rest])]))
        bounds.append(value.value)
    if bounds[2] == 0:
        return Opaque("a slice of step zero")
    if seq.rest is not None and bounds != [None, None, None]:
        return Seq([], seq.kind, iterate.any_of([*seq.items, seq.rest]))
    chosen = seq.items[slice(*bounds)]
    if seq.grown and seq.items and not chosen:  # what further turns of the loop have added
        return Seq([], seq.kind, iterate.any_of(seq.items))
    return Seq(chosen, seq.kind, seq.rest, machine.path, dict(seq.names), seq.grown)


def _indexed(machine: Machine, node: cst.Subscript, fact: Fact) -> Fact:
    """What indexing leaves of a tensor's meaning.

    A fixed position along the class axis picks one probability, which is no distribution any more; masks, slices and
    positions along other axes keep the distribution.
    """
    position = 0
    axis = fact.axis
    picked = False
    moved = 0  # how many axes more stand before that of the distribution
    classes: int | None = fact.classes
    parts = [element.slice for element in node.slice]
    if fact.domain in _SUMMING and axis is not None and len(shapes.full(fact.shape) or ()) == 1:
        if any(_takes(part) for part in parts):  # of its only axis
            return replace(fact, domain=BY_ELEMENT.get(fact.domain, fact.domain), axis=None, shape=None, classes=None)
    taken = sum(map(_of_axis, parts))
    for part in parts:
        if isinstance(part, cst.Index):
            value = machine.evaluate(part.value)
            if isinstance(part.value, cst.Ellipsis):
                position = -1 if part is not parts[-1] else position
                if len(parts) == 2 and part is parts[0]:
                    last = parts[1]
                    picked = _picks(machine, last)
                    classes = None
                    break
                continue
            if isinstance(value, Known) and value.value is None:
                moved += axis is not None and 0 <= position <= axis
                continue
            number = isinstance(value, Known) and isinstance(value.value, int) and not isinstance(value.value, bool)
            integer = number or isinstance(value, Opaque)
            if not integer and position >= 1 and (fact.domain not in _SUMMING or _along(axis, position, taken)):
                picked, classes = fact.domain in _SUMMING, None  # several positions, as a list or a tensor of them
                position += 1
                continue
            if position == 0 and isinstance(value, Tensor) and value.fact.domain is Domain.MULTI_HOT:
                axis = None  # a mask of any number of axes
            if integer and position >= 1 and (axis in (None, position) or (axis == -1 and part is parts[-1])):
                picked = picked or isinstance(value, Known) or fact.domain in _SUMMING
                classes = None
            elif integer and position == 0 and isinstance(value, Known):
                if axis == 0:
                    picked = True
                moved -= 1
            elif integer and axis is not None and 1 <= position < axis:
                moved -= 1
        elif isinstance(part, cst.Slice) and position >= 1 and axis in (None, position, -1):
            whole = part.lower is None and part.upper is None
            if not whole and fact.domain in _SUMMING and _along(axis, position, taken):
                picked = True
            if not whole:
                classes = None
        position += 1
    if picked:
        return replace(fact, domain=BY_ELEMENT.get(fact.domain, fact.domain), axis=None, shape=None, classes=classes)
    if axis is not None and axis >= 0:
        axis += moved
    return replace(fact, axis=axis, shape=None, classes=classes)


def _along(axis: int | None, position: int, taken: int) -> bool:
    """Whether the position, one of `taken`, may be that of the axis: there are at least as many axes as positions."""
    if axis is None or axis >= 0:
        return axis is None or axis == position
    return position >= taken + axis


def _of_axis(part: cst.BaseSlice) -> bool:
    """Whether a part of an index stands for an axis of the tensor, as far as its text says; neither `...` nor None."""
    return not isinstance(part, cst.Index) or isinstance(part.value, cst.Integer | cst.List | cst.UnaryOperation)


def _takes(part: cst.BaseSlice) -> bool:
    """Whether it takes some of an axis: neither all of it, nor an axis that is added."""
    if isinstance(part, cst.Slice):
        return part.lower is not None or part.upper is not None or part.step is not None
    added = isinstance(part, cst.Index) and isinstance(part.value, cst.Name) and part.value.value == "None"
    return not added and not (isinstance(part, cst.Index) and isinstance(part.value, cst.Ellipsis))


def _picks(machine: Machine, part: cst.BaseSlice) -> bool:
    if isinstance(part, cst.Index):
        value = machine.evaluate(part.value)
        return isinstance(value, Known) and isinstance(value.value, int)
    return isinstance(part, cst.Slice) and not (part.lower is None and part.upper is None)


