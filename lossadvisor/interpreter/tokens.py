"""Tokenizers of transformers, as far as their special tokens go, and the labels that are masked by them.

Source: https://huggingface.co/docs/transformers/main_classes/tokenizer
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.events import EndMasked
from lossadvisor.interpreter.guards import Origin
from lossadvisor.interpreter.values import Dict, Identity, Known, Layer, Opaque, Tensor, Value, options, union
from lossadvisor.values import Domain, Dtype, Fact, Place
from lossadvisor.values.marks import EqualsEnd, Mark

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

IGNORED = -100  # the index that cross-entropy ignores unless told otherwise
_WORD, _NUMBER = "token", "token id"
_PADDING = "padding that is the end of the sequence"


def is_tokenizer(layer: Layer) -> bool:
    """Whether the value was made by a tokenizer class of transformers."""
    return makes(layer.name)


def makes(name: str) -> bool:
    """Whether the qualified name is a tokenizer class of transformers, or `from_pretrained` of one."""
    parts = name.split(".")
    if parts[0] != "transformers" or len(parts) not in (2, 3) or "Tokenizer" not in parts[1]:
        return False
    return len(parts) == 2 or parts[2] == "from_pretrained"


def attribute(layer: Layer, name: str) -> Value | None:
    """A special token of a tokenizer, or the number of one; None for any other attribute."""
    if name.endswith("_token"):
        if name in layer.keywords:
            return layer.attrs.get(name, layer.keywords[name])
        # Once asked for it is remembered, so that `if pad_token is None: pad_token = ...` leaves two alternatives.
        return layer.attrs.setdefault(name, Opaque(f"the {name} of a tokenizer", (_WORD, Identity(layer), name), None,
                                                   Origin.CONFIG))
    if not name.endswith("_token_id"):
        return None
    word = name.removesuffix("_id")
    held = layer.attrs.get(name) or layer.attrs.get(word) or layer.keywords.get(word)
    if held is None:
        return _number(layer, word)
    return union([(guard, _of(layer, word, single)) for guard, single in options(held)])


def _number(layer: Layer, word: str) -> Opaque:
    return Opaque(f"the {word}_id of a tokenizer", (_NUMBER, Identity(layer), word), None, Origin.CONFIG)


def _of(layer: Layer, word: str, held: Value) -> Value:
    """The number of the token that stands for `word`."""
    key = held.key if isinstance(held, Opaque) else None
    for kind in (_WORD, _NUMBER):
        if word == "pad_token" and key == (kind, Identity(layer), "eos_token"):
            return Opaque("the padding, which ends the sequence", (_PADDING, Identity(layer)), None, Origin.CONFIG)
        if key == (kind, Identity(layer), word):
            return _number(layer, word)
    return Opaque(f"the number of a {word} of its own", (_NUMBER, Identity(layer), word, "own"), None, Origin.CONFIG)


def add_special(machine: Machine, layer: Layer, arguments: Arguments) -> Value:
    """tokenizer.add_special_tokens({"pad_token": ...})."""
    given = arguments.get(0, "special_tokens_dict")
    if isinstance(given, Dict):
        for name, value in given.items.items():
            layer.attrs[str(name)] = machine.merge_write(layer.attrs.get(str(name)), value, layer.base)
    else:
        layer.attrs["pad_token"] = Opaque("a token of its own")
    return Opaque("how many tokens were added")


def encoded(layer: Layer) -> Opaque:
    """What the tokenizer makes of texts: another batch at every call."""
    return Opaque(f"what {layer.name} makes of texts", ("encoded", object()))


def _is_padding_end(value: Value) -> bool:
    return any(
        isinstance(single, Opaque) and isinstance(single.key, tuple) and single.key[:1] == (_PADDING,)
        for _, single in options(value)
    )


def compared(machine: Machine, left: Value, right: Value, node: cst.Comparison) -> Value | None:
    """`labels == tokenizer.pad_token_id` where that number is the end of the sequence: a mask that says so."""
    if not isinstance(node.comparisons[0].operator, cst.Equal | cst.NotEqual):
        return None
    for side in (left, right):
        if isinstance(side, Tensor):
            continue
        for guard, single in machine.each(side):
            if _is_padding_end(single):
                marks: frozenset[Mark] = frozenset({EqualsEnd(guard)})
                return Tensor(Fact(Domain.MULTI_HOT, dtype=Dtype.BOOL, reason="a comparison", marks=marks))
    return None


def masked(machine: Machine, mask: Value | None, value: Value | None, node: cst.CSTNode) -> None:
    """Note that what a mask selects becomes the ignored index."""
    if not isinstance(mask, Tensor) or value != Known(IGNORED):
        return
    for mark in mask.fact.marks:
        if isinstance(mark, EqualsEnd) and isinstance(mark.guard, frozenset):
            machine.events.append(EndMasked(machine.place(node), machine.path, mark.guard))


def ignored(machine: Machine, given: Value | None, place: Place) -> None:
    """Note a loss that ignores the end of the sequence as padding."""
    for guard, single in machine.each(given) if given is not None else ():
        if _is_padding_end(single):
            machine.events.append(EndMasked(place, machine.path, guard))


def called(machine: Machine, arguments: Arguments, node: cst.Call) -> None:
    """`labels.masked_fill(mask, -100)`, `torch.where(mask, -100, labels)`."""
    name = node.func.attr.value if isinstance(node.func, cst.Attribute) else ""
    if name in ("masked_fill", "masked_fill_"):
        masked(machine, arguments.get(0, "mask"), arguments.get(1, "value"), node)
    elif name == "where" and len(arguments.args) == 3:
        for value in arguments.args[1:]:
            masked(machine, arguments.args[0], value, node)


def chosen(machine: Machine, node: cst.IfExp, values: Iterable[Value]) -> None:
    """`-100 if token == tokenizer.pad_token_id else token`."""
    if isinstance(node.test, cst.Comparison) and Known(IGNORED) in values and len(node.test.comparisons) == 1:
        left, right = machine.evaluate(node.test.left), machine.evaluate(node.test.comparisons[0].comparator)
        masked(machine, compared(machine, left, right, node.test), Known(IGNORED), node)
