"""Objects of the project and attributes of any value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

import libcst as cst

from lossadvisor.interpreter import distributions, environments, forms, mentions, named, pandas_frames, sharing, tokens
from lossadvisor.interpreter.classes import bind, class_member, external_bases, is_classmethod, linearize, own_member
from lossadvisor.interpreter.guards import ALWAYS, Origin
from lossadvisor.interpreter.modulenames import of_module
from lossadvisor.interpreter.pythonlib.commandline import PARSERS
from lossadvisor.interpreter.records import SETTINGS_BASES
from lossadvisor.interpreter.values import (
    Bound,
    Cls,
    Constant,
    Dict,
    External,
    Func,
    Known,
    Layer,
    Mod,
    Obj,
    Opaque,
    Partial,
    Seq,
    Single,
    Super,
    Tensor,
    Value,
    union,
)
from lossadvisor.transfers import LAYERS, METHODS, shapes
from lossadvisor.values import UNKNOWN, Domain, Dtype, Fact, Place
from lossadvisor.values.marks import Weights

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

# Names of tensor methods that other things of training code have, too.
PLAIN = frozenset({
    "to", "type", "sum", "mean", "round", "log", "neg", "sign", "floor", "select", "rename", "var", "std", "prod",
    "norm", "take", "t", "repeat", "cpu", "cuda", "float", "long", "bool", "int", "half", "double", "clone", "detach",
    "eq", "ne", "gt", "lt", "ge", "le", "dot", "mm", "mv", "byte", "char", "short", "expand", "flip", "pow", "abs",
    "exp",
})
# On an unknown receiver these mean a tensor.
_TELLING = frozenset(METHODS) - PLAIN
# Class methods of library bases that build an instance from something stored. Sources: the pages of transformers
# (PreTrainedModel), Lightning (LightningModule) and diffusers (ModelMixin, ConfigMixin).
CONSTRUCTORS = frozenset({"from_pretrained", "from_config", "_from_config", "load_from_checkpoint"})
MOST_MADE = 3  # instances of a class on which methods are run that no visible code calls
_TEXT_METHODS = frozenset({"rfind", "find", "split", "rsplit", "partition", "rpartition"})
_ASKED = frozenset({"lower", "upper", "strip", "startswith", "endswith", "replace", "casefold", "title", "capitalize",
                    "lstrip", "rstrip", "removeprefix", "removesuffix"})
# Libraries whose base classes bring the methods of nn.Module along.
_MODULE_LIBRARIES = frozenset({
    "torch", "pytorch_lightning", "lightning", "transformers", "timm", "torchvision", "monai", "mmcv", "mmengine",
    "mmdet", "mmseg", "fastai", "torch_geometric", "builtins",
})
# Methods that give back the module they are called on. Source: the page of torch.nn.Module.
_OF_MODULES = frozenset({"to", "cuda", "cpu", "half", "float", "double", "bfloat16", "train", "eval", "requires_grad_"})
_CONSTANTS = {"math.pi": math.pi, "math.e": math.e, "numpy.pi": math.pi, "numpy.e": math.e, "torch.pi": math.pi}
_CALLED = frozenset({
    "register_forward_hook",
    "train", "eval", "update", "append", "parameters", "backward", "copy", "get", "pop", "type_as", "max", "amax",
})


def attribute(machine: Machine, value: Value, name: str, node: cst.CSTNode | None) -> Value:
    """value.name."""
    found = [(guard, _attribute(machine, single, name, node)) for guard, single in machine.present(value)]
    return found[0][1] if len(found) == 1 else union(found) if found else Opaque("an attribute of nothing")


def _attribute(machine: Machine, single: Single, name: str, node: cst.CSTNode | None) -> Value:
    match single:
        case Tensor():
            return sharing.viewed(machine, name, single, _of_tensor(single, name))
        case External(qualified):
            number = _CONSTANTS.get(f"{qualified}.{name}")
            return External(f"{qualified}.{name}") if number is None else Known(number)
        case Obj():
            return of_object(machine, single, name)
        case Layer():
            return _of_layer(single, name)
        case Cls():
            return _of_class(machine, single, name)
        case Mod() if name == "__dict__":
            return of_module(single)
        case Mod(package=package):
            return machine.modules.member(package, name)
        case Super(cls=cls, receiver=receiver):
            return _of_super(machine, cls, receiver, name)
        case Seq() | Dict() | Known() | Partial():
            if isinstance(single, Dict) and single.kind in ("namespace", "attributes"):
                return single.items.get(name, single.rest or Bound(External(f"dict.{name}"), single))
            if isinstance(single, Seq) and name in ("values", "indices") and _of_extreme(single):
                return single.items[0 if name == "values" else 1]
            if isinstance(single, Seq) and single.names and (part := named.child(single, name)) is not None:
                return part
            if isinstance(single, Seq) and name == "training":
                return _mode(None)
            if isinstance(single, Seq) and name == "module":
                return single
            return Bound(External(f"{_kind(single)}.{name}"), single)
        case Opaque(default=default) if default is not None and not isinstance(default, Known):
            return attribute(machine, default, name, node)
        case Opaque(default=Known(value=str()) as text) if name in _TEXT_METHODS:
            return Bound(External(f"str.{name}"), text)
        case Opaque(default=Known(value=str())) if name in _ASKED:
            return Bound(External(f"<unknown>.{name}"), single)
        case Opaque(reason=reason, key=key):
            if name in _TELLING:
                return Bound(External(f"torch.Tensor.{name}"), single)
            if name in METHODS or name in _CALLED:
                return Bound(External(f"<unknown>.{name}"), single)
            return Opaque(f"{reason}.{name}" if reason else name, None if key is None else (key, ".", name), None,
                          single.origin)
        case Func() if name == "__name__":
            return Known(single.name)
        case Bound() if name == "__self__":
            return single.receiver
        case Bound(function=External(method), receiver=Opaque(key=key) as owner) if key is not None and name[0] != "_":
            # A method has no such attributes: `config.train.rate` asks a group of settings.
            group = (key, ".", method.rsplit(".", 1)[-1])
            return Opaque(f"{owner.reason}.{group[-1]}.{name}", (group, ".", name), None, owner.origin)
        case _:
            return Opaque(f"the attribute {name} of a function")


def _of_class(machine: Machine, cls: Cls, name: str) -> Value:
    member = class_member(machine, cls, name)
    if member is not None:
        return bind(machine, member, cls) if is_classmethod(member) else member
    if name == "__name__":
        return Known(cls.name)
    if name == "__subclasses__":
        return Bound(External(f"builtins.type.{name}"), cls)
    external = next(external_bases(machine, cls), None)
    if name in CONSTRUCTORS and external is not None:
        return Bound(External(f"{external}.{name}"), cls)
    return External(f"{external}.{name}") if external else Opaque(f"{cls.name} has no attribute {name}")


def _of_extreme(seq: Seq) -> bool:
    """What max(dim), topk and sort return: values and indices."""
    return seq.kind == "tuple" and len(seq.items) == 2 and all(isinstance(item, Tensor) for item in seq.items)


def _kind(single: Single) -> str:
    match single:
        case Seq(kind=kind):
            return kind if kind in ("Sequential", "ModuleList") else "list"
        case Dict(kind=kind):
            return kind
        case Known(value):
            return type(value).__name__
        case _:
            return "partial"


def _mode(obj: Obj | None) -> Value:
    """self.training where nobody has set it: the mode of the run."""
    return Opaque("training mode", ("training",), Known(True), Origin.MODE)


def _of_tensor(tensor: Tensor, name: str) -> Value:
    if name in ("T", "mT", "H"):
        return Tensor(_moved(tensor, name))
    if name == "data":
        from dataclasses import replace

        from lossadvisor.values import Grad

        return Tensor(replace(tensor.fact, grad=Grad.DETACHED))
    if name in ("logits", "values", "real"):
        return tensor
    if name == "ndim" and (axes := shapes.full(tensor.fact.shape)) is not None:
        return Known(len(axes))
    if name == "shape":
        return forms.sizes(tensor.fact)
    if name in ("dtype", "device", "ndim", "requires_grad", "grad", "is_cuda", "layout", "grad_fn"):
        return Opaque(f"the {name} of a tensor")
    return Bound(External(f"torch.Tensor.{name}"), tensor)


def _moved(tensor: Tensor, name: str) -> Fact:
    from dataclasses import replace

    known = shapes.full(tensor.fact.shape)
    matrix = known is not None and (len(known) == 2 or (len(known) > 2 and name == "mT"))
    return replace(tensor.fact, axis=None, shape=shapes.swapped(known, -1, -2) if matrix else None)


# Layers whose `weight` is the matrix of a linear map, or a table of rows.
_MATRICES = frozenset({"torch.nn.Linear", "torch.nn.LazyLinear", "torch.nn.Embedding", "torch.nn.EmbeddingBag"})
_WEIGHT = Fact(Domain.REAL, dtype=Dtype.FLOAT, marks=frozenset({Weights()}))


def _of_layer(layer: Layer, name: str) -> Value:
    if tokens.is_tokenizer(layer) and (token := tokens.attribute(layer, name)) is not None:
        return token
    if name in layer.attrs:
        return layer.attrs[name]
    if pandas_frames.is_table(layer) and (found := pandas_frames.attribute(layer, name)) is not None:
        return found
    if (found := distributions.attribute(layer, name)) is not None:
        return found
    if name in layer.keywords and not layer.name.startswith(PARSERS):
        return layer.keywords[name]
    if name == "dataset" and layer.name == "torch.utils.data.DataLoader" and layer.args:
        return layer.args[0]
    if name == "training":
        return _mode(None)
    if name == "unwrapped" and environments.is_one(layer):
        return layer
    if name == "module" and layer.name.startswith("torch."):
        return layer
    row = LAYERS.get(layer.name)
    if name in ("weight", "bias"):
        return Tensor(_WEIGHT if name == "weight" and row is not None and row.operation.name in _MATRICES else UNKNOWN)
    if row is not None and name in row.constructor and row.constructor.index(name) < len(layer.args):
        return layer.args[row.constructor.index(name)]
    return Bound(External(f"{layer.name}.{name}"), layer)


def _of_super(machine: Machine, cls: Cls, receiver: Value, name: str) -> Value:
    start = receiver.cls if isinstance(receiver, Obj) else cls
    member = class_member(machine, start, name, after=cls)
    if member is not None:
        return bind(machine, member, receiver)
    order = linearize(machine, start)
    later = order[order.index(cls) + 1 :] if cls in order else order
    for one in later:
        if isinstance(one, External):
            return Bound(External(f"{one.name}.{name}"), receiver)
    return Bound(External(f"builtins.object.{name}"), receiver)


def of_object(machine: Machine, obj: Obj, name: str) -> Value:
    """An attribute of an object of the project."""
    if obj.cut and not _settled(machine, obj, name):
        return Opaque(f"{obj.cls.name}.{name} of an object that is too large to build", ("attribute", id(obj), name))
    if name in obj.attrs:
        value = obj.attrs[name]
        if name == "training" and isinstance(value, Known):
            return Opaque("training mode", ("training", id(obj)), value, Origin.MODE)
        return value
    member = class_member(machine, obj.cls, name)
    if member is not None:
        return bind(machine, member, obj)
    stored = obj.attrs.get("<modules>")
    if isinstance(stored, Dict) and name in stored.items:
        return stored.items[name]
    if isinstance(stored, Seq) and (part := named.child(stored, name)) is not None:
        return part
    if name == "training":
        return _mode(obj)
    if name == "__class__":
        return obj.cls
    if name in ("__dict__", "_modules"):
        return Dict(cast("dict[Constant, Value]", obj.attrs), None, obj.base, "namespace")  # writes reach the object
    if name == "module":
        return obj  # wrappers such as DataParallel are kept as the model they wrap
    found = _set_elsewhere(machine, obj, name)
    if found is not None:
        return found
    fallback = class_member(machine, obj.cls, "__getattr__")
    if fallback is not None:
        from lossadvisor.interpreter import calls

        return calls.call(machine, Bound(fallback, obj) if isinstance(fallback, Func) else fallback,
                          calls.Arguments([Known(name)], {}), None)
    externals = [one for one in external_bases(machine, obj.cls) if one.split(".")[0] not in ("abc", "typing")]
    for external in externals:
        if external.split(".")[0] in _MODULE_LIBRARIES or external in SETTINGS_BASES:
            return Bound(External(f"{external}.{name}"), obj)
    if externals and name in _OF_MODULES and class_member(machine, obj.cls, "forward") is not None:
        return Bound(External(f"torch.nn.Module.{name}"), obj)  # what has a forward is a module, whatever it comes from
    for external in externals:
        key = ("attribute", id(obj), name)
        return Opaque(f"{obj.cls.name}.{name} comes from {external}", key, None, Origin.CONFIG)
    for one in linearize(machine, obj.cls):
        if isinstance(one, Opaque):
            return Opaque(f"{obj.cls.name}.{name} may come from a base class that is not known",
                          ("attribute", id(obj), name))
    return Opaque(f"{obj.cls.name}.{name} is never set", ("attribute", id(obj), name))


def _settled(machine: Machine, obj: Obj, name: str) -> bool:
    """Whether the rest of an initializer that was cut leaves the attribute alone: no container, assigned once."""
    value = obj.attrs.get(name)
    if isinstance(value, Seq | Dict):
        return False
    classes = [one for one in linearize(machine, obj.cls) if isinstance(one, Cls)]
    return sum(mentions.settings_at_start(machine, one, name) for one in classes) <= (value is not None)


def _set_elsewhere(machine: Machine, obj: Obj, name: str) -> Value | None:
    """The attribute is missing because the method that sets it has not run: run that method once."""
    from lossadvisor.interpreter import calls

    if name in obj.set_by:
        return None
    obj.set_by.add(name)
    for one in linearize(machine, obj.cls):
        if not isinstance(one, Cls):
            continue
        for definition in mentions.setters(machine, one, name):
            method = own_member(machine, one, definition.name)
            if isinstance(method, Func) and machine.stack.count(method) == 0:
                calls.enter_assumed(machine, method, obj)
                if name in obj.attrs:
                    return obj.attrs[name]
    return None


def assumed(machine: Machine, cls: Cls) -> Obj:
    """An object that no visible code builds: `__init__` runs with unknown arguments, under no condition."""
    from lossadvisor.interpreter import calls, records

    obj = Obj(cls, {}, ALWAYS, assumed=True)
    path, machine.path = machine.path, ALWAYS
    try:
        initializer = class_member(machine, cls, "__init__")
        if isinstance(initializer, Func):
            calls.enter_assumed(machine, initializer, obj)
        elif records.is_record(machine, cls):
            records.fill(machine, obj, calls.Arguments([], {}, True, True))
    finally:
        machine.path = path
    return obj


def construct(machine: Machine, cls: Cls, arguments: Arguments, place: Place | None) -> Obj:
    """A new object: `__init__` runs, dataclass and named-tuple fields are filled."""
    from lossadvisor.interpreter import calls, records

    obj = Obj(cls, {}, machine.path, place=place)
    if not cls.made:
        machine.built.append(cls)
    if len(cls.made) < MOST_MADE:
        cls.made.append(obj)
    initializer = class_member(machine, cls, "__init__")
    if isinstance(initializer, Func):
        calls.call(machine, Bound(initializer, obj), arguments, None)
    elif records.is_record(machine, cls):
        records.fill(machine, obj, arguments)
    else:
        for external in external_bases(machine, cls):
            calls.external_init(machine, external, obj, arguments)
            break
    return obj
