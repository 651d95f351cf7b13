"""Calls of names outside the project: torch first, then the parts of Python that carry values around."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.contracts import by_name
from lossadvisor.interpreter import forms, frameworks, layers, literals, pythonlib, training
from lossadvisor.interpreter.guards import Guard, Origin, conflicts
from lossadvisor.interpreter.values import (
    Bound,
    Cls,
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
    Super,
    Tensor,
    Union,
    Value,
    union,
)
from lossadvisor.transfers import FUNCTIONS, LAYERS, METHODS, OPERATIONS
from lossadvisor.transfers.apply import dtype_named
from lossadvisor.values import UNKNOWN, Domain, Dtype, Fact, Grad, Place

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

# Calls that give back what they are given (argument 0), possibly wrapped. Sources: the pages of these names.
_KEEPERS = frozenset({
    "torch.nn.DataParallel", "torch.nn.parallel.DataParallel", "torch.nn.parallel.DistributedDataParallel",
    "torch.nn.parallel.distributed.DistributedDataParallel", "torch.distributed.fsdp.FullyShardedDataParallel",
    "torch.compile", "torch.jit.script", "torch.jit.trace", "copy.deepcopy", "copy.copy", "torch.nn.utils.weight_norm",
    "torch.nn.utils.spectral_norm", "torch.nn.utils.parametrizations.weight_norm", "torch.quantization.prepare_qat",
    "torch.nn.utils.parametrizations.spectral_norm", "torch.nn.SyncBatchNorm.convert_sync_batchnorm", "builtins.iter",
    "apex.parallel.DistributedDataParallel", "apex.parallel.convert_syncbn_model", "torch.utils.checkpoint.checkpoint",
    "torch.as_tensor", "torch.from_numpy", "torch.optim.swa_utils.AveragedModel", "builtins.reversed", "tqdm.tqdm",
    "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.tqdm_notebook", "builtins.sorted", "ray.train.torch.prepare_model",
    "torch.nn.ParameterList", "torch.nn.parameter.Parameter", "torch.nn.Parameter", "torch.quantization.convert",
    "torch.nn.modules.module.Module", "thop.profile",
})
_INIT = (".__init__",)
_LEAVES = frozenset({"torch.nn.Parameter", "torch.nn.parameter.Parameter"})
_MODULE_METHODS_SELF = frozenset({
    "to", "cuda", "cpu", "half", "float", "double", "bfloat16", "requires_grad_", "apply", "share_memory", "xpu",
    "type", "set_swish", "from_pretrained", "to_empty",
})


def super_value(machine: Machine) -> Value:
    """super() without arguments."""
    for frame in reversed(machine.frames):
        if frame.function is not None and frame.function.owner is not None and frame.receiver is not None:
            return Super(frame.function.owner, frame.receiver)
    return Opaque("super() outside a method")


def function(machine: Machine, name: str, arguments: Arguments, node: cst.Call | None) -> Value:
    """Call of an external name."""
    operation = FUNCTIONS.get(name)
    if operation is not None:
        return _operate(machine, operation.name, arguments, node)
    contract = by_name.get(name)
    if contract is not None and name in contract.functionals:
        return layers.loss_function(machine, name, contract, arguments, node)
    if name in _KEEPERS:
        return arguments.args[0] if arguments.args else next(iter(arguments.keywords.values()), Opaque("nothing"))
    if name in ("apex.amp.initialize", "ipex.optimize") and arguments.args:
        return arguments.args[0] if len(arguments.args) == 1 else Seq(list(arguments.args), "tuple")
    if name == "functools.partial" and arguments.args:
        return Partial(arguments.args[0], list(arguments.args[1:]), dict(arguments.keywords))
    handler = pythonlib.FUNCTIONS.get(name)
    if handler is not None:
        return handler(machine, arguments, node)
    if name.endswith(_INIT):
        return _unbound_init(machine, name, arguments)
    made = _torch_function(machine, name, arguments, node)
    if made is not None:
        return made
    if contract is not None or name in LAYERS or _is_class(name):
        if contract is None and name not in LAYERS:
            handed(machine, name, arguments, node)
        place = _place(machine, node)
        return layers.construct_external(machine, name, arguments, place)
    if frameworks.row_of(name) is not None:
        return Layer(name, list(arguments.args), dict(arguments.keywords), _place(machine, node))
    handed(machine, name, arguments, node)
    return Opaque(f"{name} is not known")


def _place(machine: Machine, node: cst.Call | None) -> Place:
    if node is not None:
        return machine.place(node)
    if machine.calls:
        return machine.calls[-1]
    return machine.place(cst.Pass())


def _is_class(name: str) -> bool:
    last = name.rsplit(".", 1)[-1]
    return last[:1].isupper()


def _operate(machine: Machine, name: str, arguments: Arguments, node: cst.Call | None) -> Value:
    operation = FUNCTIONS[name]
    given: dict[str, Value] = {}
    for position, parameter in enumerate(operation.parameters):
        value = arguments.get(position, parameter)
        if value is not None:
            given[parameter] = value
    first = operation.parameters[0] if operation.parameters else None
    value = given.pop(first, Opaque("no input")) if first is not None else Tensor(UNKNOWN)
    if name in ("torch.max", "torch.min"):
        return _extreme(value, arguments)
    if "dtype" in arguments.keywords:
        given["dtype"] = arguments.keywords["dtype"]
    skipped = 1 if first is not None and first not in arguments.keywords else 0
    raw = forms.Raw(arguments.args[skipped:], arguments.keywords, arguments.star)
    if name.endswith("_like") or first is None:
        raw = forms.Raw(arguments.args, arguments.keywords, arguments.star)
    place = _place(machine, node)
    result = layers.operate(machine, operation, value, given, place, node, raw)
    if name in _LEAVES:
        return training.leaf(result)
    if layers.constant(arguments.keywords.get("requires_grad")) is True:
        result = training.rebuilt(machine, arguments, result, place)
    return _with_dtype(result, arguments)


def _with_dtype(value: Value, arguments: Arguments) -> Value:
    wanted = dtype_named(layers.constant(arguments.keywords.get("dtype")))
    if wanted is None or not isinstance(value, Tensor):
        return value
    from dataclasses import replace

    return Tensor(replace(value.fact, dtype=wanted))


def _torch_function(
    machine: Machine, name: str, arguments: Arguments, node: cst.Call | None
) -> Value | None:
    """Functions of torch that need more than a row of the table."""
    match name:
        case "torch.cat" | "torch.stack" | "torch.concat" | "torch.hstack" | "torch.vstack" | "torch.concatenate":
            return _joined(machine, arguments.args[0] if arguments.args else Opaque("nothing"))
        case "torch.max" | "torch.min" | "torch.topk" | "torch.sort" | "torch.median" | "torch.mode":
            value = arguments.args[0] if arguments.args else Opaque("nothing")
            single = name in ("torch.max", "torch.min") and len(arguments.args) + len(arguments.keywords) == 1
            return _reduced(value) if single else _extreme(value, arguments)
        case "torch.where":
            return _joined(machine, Seq(list(arguments.args[1:3]), "tuple"))
        case "torch.tensor" | "torch.LongTensor" | "torch.FloatTensor" | "torch.Tensor" | "torch.BoolTensor" | (
            "torch.as_tensor" | "torch.cuda.FloatTensor" | "torch.cuda.LongTensor" | "torch.IntTensor"
        ):
            return training.rebuilt(machine, arguments, _tensor(name, arguments), _place(machine, node))
        case "torch.split" | "torch.chunk" | "torch.unbind":
            return _parts(machine, arguments.args[0] if arguments.args else Opaque("nothing"))
        case "torch.nn.functional.multi_head_attention_forward":
            return Opaque("attention")
        case _:
            return None


def _tensor(name: str, arguments: Arguments) -> Value:
    wanted = dtype_named(layers.constant(arguments.keywords.get("dtype"))) or dtype_named(name)
    otherwise = Dtype.FLOAT if name == "torch.Tensor" else Dtype.UNKNOWN
    source = arguments.args[0] if arguments.args else arguments.keywords.get("data")
    if isinstance(source, Tensor) and len(arguments.args) == 1:
        from dataclasses import replace

        copied = name == "torch.tensor" and source.fact.grad is Grad.FLOWS
        return Tensor(replace(source.fact, dtype=wanted or source.fact.dtype,
                              grad=Grad.DETACHED if copied else source.fact.grad))
    if name.endswith("Tensor") and (isinstance(source, Known) or len(arguments.args) > 1):
        return Tensor(Fact(Domain.UNKNOWN, dtype=wanted or otherwise, reason="a new tensor"))  # a size
    return Tensor(literals.literal(source, wanted, wanted or otherwise))


def _joined(machine: Machine, source: Value) -> Value:
    """cat, stack, where: the common meaning of all parts."""
    if not isinstance(source, Seq):
        return source if isinstance(source, Tensor) else Opaque("tensors joined from something unknown")
    parts = [*source.items, *([] if source.rest is None else [source.rest])]
    several = next((part for part in parts if isinstance(part, Union)), None)
    if several is not None:
        found: list[tuple[Guard, Value]] = []
        for guard, _ in machine.each(several):
            under = [_under(part, guard) for part in parts]
            if not any(isinstance(part, Union) for part in under):
                found.append((guard, _joined(machine, Seq(under, source.kind))))
        return union(found) if found else Opaque("tensors with many alternatives are joined")
    facts = [part.fact for part in parts if isinstance(part, Tensor)]
    if len(facts) == len(parts) and facts:
        domains = {fact.domain for fact in facts}
        from dataclasses import replace

        if len(domains) == 1:
            return Tensor(replace(facts[0], axis=facts[0].axis, shape=None, classes=None))
        if domains <= {Domain.UNIT_INTERVAL, Domain.PROBABILITIES, Domain.ONE_HOT, Domain.MULTI_HOT}:
            return Tensor(replace(facts[0], domain=Domain.UNIT_INTERVAL, axis=None, shape=None, classes=None))
    return Opaque("tensors of different meaning are joined")


def _under(value: Value, guard: Guard) -> Value:
    """The value as far as `guard` decides it."""
    if not isinstance(value, Union):
        return value
    return union([(other, single) for other, single in value.options if not conflicts(other, guard)])


def _reduced(value: Value) -> Value:
    if isinstance(value, Tensor):
        from lossadvisor.transfers import apply

        return Tensor(forms.extreme(apply(OPERATIONS["mean"], value.fact, {}), ()))
    return Opaque("a reduction of something unknown")


def _extreme(value: Value, arguments: Arguments) -> Value:
    """max(dim), topk, sort: values and indices."""
    from dataclasses import replace

    from lossadvisor.transfers import apply

    fact = value.fact if isinstance(value, Tensor) else UNKNOWN
    single = {Domain.PROBABILITIES: Domain.UNIT_INTERVAL, Domain.LOG_PROBABILITIES: Domain.LOG_UNIT_INTERVAL}
    shape = forms.extreme_shape(fact.shape, arguments.args, arguments.keywords)
    values = replace(fact, domain=single.get(fact.domain, fact.domain), axis=None, classes=None)
    indices = apply(OPERATIONS["argmax"], fact, {})
    return Seq([Tensor(forms.extreme(values, shape)), Tensor(replace(indices, shape=shape))], "tuple")


def _parts(machine: Machine, value: Value) -> Value:
    if isinstance(value, Tensor):
        from dataclasses import replace

        part = Tensor(replace(value.fact, classes=None, shape=None))
        return Seq([], "tuple", part)
    return Seq([], "tuple", Opaque("a part of something unknown"))


def _unbound_init(machine: Machine, name: str, arguments: Arguments) -> Value:
    """`nn.Module.__init__(self, ...)` and its like."""
    from lossadvisor.interpreter.calls import Arguments as Given

    if arguments.args and isinstance(arguments.args[0], Obj):
        given = Given(list(arguments.args[1:]), dict(arguments.keywords), arguments.star, arguments.double)
        layers.initialise(machine, name.removesuffix(".__init__"), arguments.args[0], given)
    return Known(None)


def method(machine: Machine, name: str, receiver: Value, arguments: Arguments, node: cst.Call | None) -> Value:
    """Call of a method of an external class, bound to a receiver."""
    owner, _, last = name.rpartition(".")
    match receiver:
        case Tensor():
            return tensor_method(machine, receiver, last, arguments, node)
        case Obj():
            return _object_method(machine, owner, last, receiver, arguments, node)
        case Layer():
            return _layer_method(machine, last, receiver, arguments, node)
        case Known(value=bool()) if last in METHODS:
            # Python's truth values have no such methods: a comparison of something unknown is a mask.
            mask = Tensor(Fact(Domain.MULTI_HOT, dtype=Dtype.BOOL, reason="a comparison"))
            return tensor_method(machine, mask, last, arguments, node)
        case Seq() | Dict() | Known():
            handled = pythonlib.container_method(machine, receiver, last, arguments, node)
            return handled
        case Opaque():
            return _unknown_method(machine, owner, last, receiver, arguments, node)
        case Super() | External() | Cls() | Mod() | Func() | Bound() | Partial():
            return Opaque(f"{last} of something that is not followed")
        case _:
            return Opaque(f"{last} of several things")


def tensor_method(machine: Machine, receiver: Value, last: str, arguments: Arguments, node: cst.Call | None) -> Value:
    """x.method(...) on a tensor."""
    operation = METHODS.get(last)
    if operation is not None:
        given = {
            parameter: value
            for position, parameter in enumerate(operation.parameters[1:])
            if (value := arguments.get(position, parameter)) is not None
        }
        if last == "type" and arguments.args:
            given = {"dtype": arguments.args[0]}
        raw = forms.Raw(arguments.args, arguments.keywords, arguments.star)
        return layers.operate(machine, operation, receiver, given, _place(machine, node), node, raw)
    match last:
        case "max" | "min" if not arguments.args and not arguments.keywords:
            return _reduced(receiver)
        case "amax":
            fact = receiver.fact if isinstance(receiver, Tensor) else UNKNOWN
            return Tensor(forms.extreme(fact, forms.extreme_shape(fact.shape, arguments.args, arguments.keywords)))
        case "max" | "min" | "topk" | "sort" | "median":
            return _extreme(receiver, arguments)
        case "split" | "chunk" | "unbind":
            return _parts(machine, receiver)
        case "add" | "add_" | "sub" | "sub_" | "mul" | "mul_" | "div" | "div_":
            from lossadvisor.interpreter import operators

            kind = {"add": cst.Add, "sub": cst.Subtract, "mul": cst.Multiply, "div": cst.Divide}[last.rstrip("_")]
            other = arguments.args[0] if arguments.args else Opaque("no operand")
            return operators.binary(machine, receiver, kind, other, node or cst.Pass())
        case "masked_fill" | "masked_fill_" | "scatter" | "scatter_" | "index_fill_":
            return _scattered(receiver)
        case "item" | "tolist" | "numpy":
            return layers.operate(machine, METHODS["detach"], receiver, {}, _place(machine, node), node)
        case "size" | "dim" | "numel" | "backward" | "register_hook":
            return Opaque(f"the {last} of a tensor")
        case _:
            return Opaque(f"Tensor.{last} is not in the table")


def _scattered(receiver: Value) -> Value:
    if isinstance(receiver, Tensor) and receiver.fact.domain is not Domain.SCORES:
        from dataclasses import replace

        return Tensor(replace(receiver.fact, domain=Domain.UNKNOWN, axis=None, reason="elements are overwritten"))
    return receiver


def _object_method(
    machine: Machine, owner: str, last: str, obj: Obj, arguments: Arguments, node: cst.Call | None
) -> Value:
    match last:
        case "__init__":
            layers.initialise(machine, owner, obj, arguments)
            return Known(None)
        case "__call__" | "forward":
            from lossadvisor.interpreter.calls import call_object  # noqa: PLC0415

            if last == "__call__":
                return call_object(machine, obj, arguments, node)
            return layers.call_as(machine, owner, obj, arguments, node)
        case "train" | "eval":
            mode = arguments.args[0] if last == "train" and arguments.args else Known(last == "train")
            set_mode(obj, mode)
            return obj
        case "add_module" | "register_module" | "register_buffer" | "register_parameter" | "__setattr__":
            key = arguments.get(0, "name")
            value = arguments.get(1, "module") or arguments.get(1, "tensor")
            if isinstance(key, Known) and value is not None:
                obj.attrs[str(key.value)] = value
                stored = obj.attrs.get("<modules>")
                if isinstance(stored, Seq):
                    stored.items.append(value)
            return Known(None)
        case "children" | "modules":
            return _children(obj)
        case "append" | "extend" | "insert":
            stored = obj.attrs.get("<modules>")
            if isinstance(stored, Seq):
                return pythonlib.container_method(machine, stored, last, arguments, node)
            return Opaque(f"{last} of an object")
        case "compile" | _ if last in _MODULE_METHODS_SELF:
            return obj
        case _:
            handed(machine, f"{owner}.{last}", arguments, node)
            asked = Opaque(f"{owner}.{last} is not known", ("attribute", id(obj)), None, Origin.CONFIG)
            return _keyed_method(asked, last, arguments)


def _children(obj: Obj) -> Value:
    stored = obj.attrs.get("<modules>")
    if isinstance(stored, Seq):
        return stored
    found = [value for name, value in obj.attrs.items() if isinstance(value, Layer | Obj | Seq) and name[:1] != "<"]
    return Seq(list(found), "list")


def set_mode(value: Value, mode: Value, depth: int = 0) -> None:
    """train()/eval(): the module and its children."""
    if depth > 6:
        return
    if isinstance(value, Obj):
        if "training" in value.attrs and value.attrs["training"] == mode:
            return
        value.attrs["training"] = mode
        for child in list(value.attrs.values()):
            set_mode(child, mode, depth + 1)
    elif isinstance(value, Seq):
        for child in value.items:
            set_mode(child, mode, depth + 1)


def _layer_method(machine: Machine, last: str, layer: Layer, arguments: Arguments, node: cst.Call | None) -> Value:
    if layer.name.startswith("argparse."):
        handler = pythonlib.ARGPARSE.get(last)
        if handler is not None:
            return handler(machine, layer, arguments, node)
    match last:
        case "forward" | "__call__":
            return layers.apply_layer(machine, layer, arguments, node, False)
        case "prepare" if layer.name.startswith("accelerate."):
            return arguments.args[0] if len(arguments.args) == 1 else Seq(list(arguments.args), "tuple")
        case "unwrap_model" | "prepare_model" if arguments.args:
            return arguments.args[0]
        case "train" | "eval" | "compile":
            return layer
        case _ if last in _MODULE_METHODS_SELF:
            return layer
        case _:
            handed(machine, f"{layer.name}.{last}", arguments, node)
            return Opaque(f"{layer.name}.{last} is not known")


def _unknown_method(
    machine: Machine, owner: str, last: str, receiver: Opaque, arguments: Arguments, node: cst.Call | None
) -> Value:
    """A method of something unknown: tensor methods mean a tensor, moves and modes keep the thing."""
    if last in _MODULE_METHODS_SELF | {"train", "eval", "contiguous", "clone", "detach"} and not arguments.star:
        if last in METHODS and last not in ("cuda", "cpu", "train", "eval"):
            result = tensor_method(machine, receiver, last, arguments, node)
            return result if isinstance(result, Tensor) and result.fact.dtype is not Dtype.UNKNOWN else receiver
        return receiver
    if last in METHODS or (last in ("max", "amax") and (arguments.args or arguments.keywords)):
        return tensor_method(machine, receiver, last, arguments, node)
    return _keyed_method(receiver, last, arguments)


def _keyed_method(receiver: Opaque, last: str, arguments: Arguments) -> Value:
    """The same question asked of the same unknown has the same answer: `cfg.get("type")`, `cfg.pop("type")`."""
    given = [value.value for value in arguments.args if isinstance(value, Known)]
    if last == "copy" and not arguments.args:
        return receiver
    if receiver.key is None or len(given) != len(arguments.args) or len(given) > 2 or arguments.keywords:
        return Opaque(f"{receiver.reason}.{last}()")
    default = arguments.args[1] if last in ("get", "pop", "getattr") and len(arguments.args) == 2 else None
    word = "[]" if last in ("get", "pop", "__getitem__") else last
    return Opaque(f"{receiver.reason}.{last}({', '.join(map(repr, given))})", (receiver.key, word, *given[:1]), default,
                  receiver.origin)


def unknown_call(machine: Machine, callee: Opaque, arguments: Arguments, node: cst.Call | None) -> Value:
    """A call of something unknown."""
    handed(machine, callee.reason, arguments, node)
    return Opaque(f"{callee.reason} is called" if callee.reason else "an unknown call")


def handed(machine: Machine, name: str, arguments: Arguments, node: cst.Call | None) -> None:
    """Values handed to something that is not followed: a model and a criterion among them belong together."""
    from lossadvisor.interpreter import trainers

    trainers.pair(machine, name, arguments, node)
