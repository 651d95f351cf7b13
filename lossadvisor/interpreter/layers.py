"""Applying layers, containers and losses to their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.contracts import Contract, by_name
from lossadvisor.contracts.model import Constant as Option
from lossadvisor.interpreter import (
    activated,
    contexts,
    crossing,
    driven,
    einops_patterns,
    forms,
    frameworks,
    freezing,
    likeness,
    mutation,
    products,
    recurrent,
    scattering,
    sharing,
    soft_targets,
    tokens,
    training,
)
from lossadvisor.interpreter.events import Applied, Argument, Constructed, LossCall, ModelCalled
from lossadvisor.interpreter.guards import ANY_MODE, Guard, Origin
from lossadvisor.interpreter.values import (
    Constant,
    Dict,
    External,
    Known,
    Layer,
    Obj,
    Opaque,
    Seq,
    Single,
    Tensor,
    Union,
    Value,
    union,
)
from lossadvisor.transfers import LAYERS, Operation, apply
from lossadvisor.transfers.model import Affine, Dropped, Reduced, Reshaped, Same
from lossadvisor.values import UNKNOWN, Domain, Dtype, Fact, Grad, Place, Step

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

_SEQUENTIAL = ("torch.nn.Sequential", "torch.nn.modules.container.Sequential", "torch.nn.modules.Sequential")
_LISTS = ("torch.nn.ModuleList", "torch.nn.modules.container.ModuleList")
_DICTS = ("torch.nn.ModuleDict", "torch.nn.modules.container.ModuleDict")


def constant(value: Value | None) -> Constant:
    """The constant that a value is, defaults of settings included; None for anything else."""
    if isinstance(value, Opaque):
        value = value.default
    if isinstance(value, Known):
        return value.value
    return value.name if isinstance(value, External) else None


def option_values(given: Mapping[str, Value]) -> dict[str, Option]:
    """Constant options by name; those that are not constant are left out, except an explicit None."""
    found: dict[str, Option] = {}
    for name, value in given.items():
        known = constant(value)
        if (known is not None or isinstance(value, Known)) and not isinstance(known, bytes):
            found[name] = known
    return found


def construct_external(machine: Machine, name: str, arguments: Arguments, place: Place) -> Value:
    """An instance of an external class."""
    if name in _SEQUENTIAL:
        return sequential(machine, arguments)
    if name in _LISTS:
        source = arguments.get(0, "modules")
        if isinstance(source, Seq):
            return Seq(list(source.items), "ModuleList", source.rest, machine.path, grown=source.grown)
        return Seq([], "ModuleList", None if source is None else Opaque("layers from something unknown"), machine.path)
    if name in _DICTS:
        source = arguments.get(0, "modules")
        items = dict(source.items) if isinstance(source, Dict) else {}
        rest = None if source is None or isinstance(source, Dict) else Opaque("layers from something unknown")
        return Dict(items, rest, machine.path, "ModuleDict")
    layer = Layer(name, list(arguments.args), dict(arguments.keywords), place, base=machine.path)
    machine.events.append(
        Constructed(place, name, tuple(arguments.args), dict(arguments.keywords), machine.path - machine.chosen,
                    machine.chosen, tuple(machine.calls))
    )
    return layer


def sequential(machine: Machine, arguments: Arguments) -> Seq:
    """nn.Sequential in its spellings: layers, or one OrderedDict."""
    if len(arguments.args) == 1 and isinstance(arguments.args[0], Dict):
        source = arguments.args[0]
        named = {str(key): child for key, child in source.items.items()}
        return Seq(list(named.values()), "Sequential", source.rest, machine.path, named)
    rest = Opaque("layers from something unknown") if arguments.star else None
    return Seq(list(arguments.args), "Sequential", rest, machine.path)


def initialise(machine: Machine, external: str, obj: Obj, arguments: Arguments) -> None:
    """What the external base class's __init__ leaves in the object."""
    if external in _SEQUENTIAL:
        obj.attrs["<modules>"] = sequential(machine, arguments)
    elif external in _LISTS + _DICTS:
        place = obj.place or (machine.frame.call_place if machine.frames else None)
        if place is not None:
            obj.attrs["<modules>"] = construct_external(machine, external, arguments, place)
    elif external in by_name or external in LAYERS:
        obj.attrs["<arguments>"] = Seq(list(arguments.args), "tuple")
        obj.attrs["<keywords>"] = Dict(dict(arguments.keywords.items()))
    else:
        from lossadvisor.interpreter import trainers

        driven.keep(external, obj, arguments)
        trainers.initialised(machine, external, obj, arguments)


def call_as(machine: Machine, external: str, obj: Obj, arguments: Arguments, node: cst.Call | None) -> Value:
    """Call an object of the project as its external base class would be called."""
    stored = obj.attrs.get("<modules>")
    if isinstance(stored, Seq):
        return apply_container(machine, stored, arguments, node)
    if external in by_name or external in LAYERS:
        args = obj.attrs.get("<arguments>")
        keywords = obj.attrs.get("<keywords>")
        place = obj.place or machine.place(node or machine.frame.fragment.statements()[0])
        layer = Layer(
            external,
            list(args.items) if isinstance(args, Seq) else [],
            {str(k): v for k, v in keywords.items.items()} if isinstance(keywords, Dict) else {},
            place,
        )
        return apply_layer(machine, layer, arguments, node, False)
    known = frameworks.output_of(external)
    if known is not None:
        return contexts.sealed(machine, known)
    return Opaque(f"{obj.cls.name} is called as {external}, which is not known")


def apply_container(machine: Machine, seq: Seq, arguments: Arguments, node: cst.Call | None) -> Value:
    """A Sequential: each layer in turn."""
    from lossadvisor.interpreter.calls import Arguments as Given
    from lossadvisor.interpreter.calls import call

    if seq.kind != "Sequential":
        return Opaque(f"a {seq.kind} is not called")
    if seq.rest is not None:
        return Opaque("a Sequential with layers that are not known")
    value: Value = arguments.args[0] if arguments.args else Opaque("the input of a Sequential")
    before: Value | None = None
    for at, child in enumerate(seq.items):
        if before is not None and likeness.middle(seq.items, at) and likeness.means(before, value):
            continue
        before = value
        # Layers of a container are pointed at where they are made; the call of the container says nothing of them.
        value = call(machine, child, Given([value], {}), None if isinstance(child, Layer) else node)
    return value


def apply_layer(
    machine: Machine, layer: Layer, arguments: Arguments, node: cst.Call | None, by_default: bool
) -> Value:
    """Call an instance of an external class."""
    forward = layer.attrs.get("forward")
    if forward is not None and not isinstance(forward, Layer | Obj):  # a module of that name is a part, no method
        from lossadvisor.interpreter.calls import call

        return call(machine, forward, arguments, node)
    contract = by_name.get(layer.name)
    if contract is not None:
        return loss_module(machine, layer, contract, arguments, node, by_default)
    row = LAYERS.get(layer.name)
    if row is not None:
        given = dict(zip(row.constructor, layer.args, strict=False))
        given.update(layer.keywords)
        given.update({name: value for name, value in layer.attrs.items() if name in row.constructor})
        value = arguments.args[0] if arguments.args else next(iter(arguments.keywords.values()), Opaque("no input"))
        if layer.name == "torch.nn.Softmax2d":
            given["dim"] = Known(-3)
        place = layer.place if node is None else machine.place(node)
        result = operate(machine, row.operation, value, given, place, node, forms.Raw(layer.args, layer.keywords))
        if isinstance(row.operation.effect, Same | Reshaped | Dropped):
            sharing.share(machine, value, result)  # Dropout hands on what it is given when it is switched off
        if mutation.asked(given.get("inplace")):
            mutation.rewrite(machine, value, result)
        return freezing.through(layer, value, result)
    found = einops_patterns.layer(machine, layer, arguments) or activated.applied(machine, layer, node)
    if found is not None:
        return found
    if recurrent.is_recurrent(layer):
        sequence = arguments.args[0] if arguments.args else Opaque("no input")
        started = len(arguments.args) > 1 or bool(arguments.keywords) or arguments.star or arguments.double
        return recurrent.applied(machine, layer, sequence, started)
    if layer.name == "torch.nn.MultiheadAttention":
        return Seq([Tensor(UNKNOWN), Tensor(UNKNOWN)], "tuple")
    if tokens.is_tokenizer(layer):
        return tokens.encoded(layer)
    known = frameworks.output_of(layer.name) or frameworks.loaded(layer)
    if known is not None:
        place = layer.place if node is None else machine.place(node)
        machine.events.append(
            ModelCalled(place, layer.name, tuple(arguments.args), dict(arguments.keywords),
                        machine.path - machine.chosen, machine.chosen)
        )
        head = frameworks.replaced_head(layer)
        if head is None:
            batch = arguments.args[0] if arguments.args else Opaque("no input")
            return contexts.sealed(machine, freezing.through(layer, batch, known))
        from lossadvisor.interpreter.calls import Arguments as Given
        from lossadvisor.interpreter.calls import call

        features = Tensor(Fact(Domain.REAL, dtype=Dtype.FLOAT, grad=Grad.FLOWS, reason=f"features of {layer.name}"))
        return call(machine, head, Given([features], {}), None if isinstance(head, Layer) else node)
    return Opaque(f"what {layer.name} returns is not known")


def operate(
    machine: Machine,
    operation: Operation,
    value: Value,
    given: dict[str, Value],
    place: Place,
    node: cst.CSTNode | None,
    raw: forms.Raw = forms.Raw(),  # noqa: B008 (frozen)
) -> Value:
    """Apply an operation of the transfer table to each alternative of its input."""
    rate = given.get("p")
    if isinstance(operation.effect, Dropped) and isinstance(rate, Union):  # a rate of zero drops nothing
        return union([
            (guard, operate(machine, operation, value, {**given, "p": single}, place, node, raw))
            for guard, single in machine.each(rate)
        ])
    chosen = option_values(given)
    found: list[tuple[Guard, Value]] = []
    for guard, single in machine.each(value):
        found.append((guard, _operate(machine, operation, single, chosen, given, place, guard, raw, node)))
    return union(found) if found else Opaque("an operation on nothing")


def _operate(
    machine: Machine, operation: Operation, single: Single, chosen: Mapping[str, object], given: dict[str, Value],
    place: Place, guard: Guard, raw: forms.Raw, node: cst.CSTNode | None,
) -> Value:
    match single:
        case Tensor(fact):
            before = fact
        case Opaque(default=Tensor(fact)):
            before = fact
        case Known(value=int() | float()):
            before = UNKNOWN
        case Opaque(reason=reason):
            before = replace(UNKNOWN, reason=reason)
        case _:
            before = replace(UNKNOWN, reason="an operation on something that is no tensor")
    after = contexts.fact_in(machine, apply(operation, before, chosen))
    after = contexts.fact_in(machine, forms.shaped(operation, before, after, raw, given))
    if products.weighted(operation.name.rsplit(".", 1)[-1], before, (*raw.args, *raw.keywords.values())):
        after = products.scores(after, place, operation.name)
    after = training.marked(machine, operation, before, after, chosen, node, place)
    after = training.twice(operation, before, after, place, guard - machine.path)
    after = soft_targets.normalised(operation, single, after)
    if isinstance(operation.effect, Reshaped):
        after = scattering.unsqueezed(operation, after, raw.args, raw.keywords)
    after = scattering.mixed(operation.name.rsplit(".", 1)[-1], before, scattering.operand(raw.args)) or after
    after = crossing.gathered(machine, operation, before, after, given, place, guard)
    says = _says(operation, after)
    if says is not None and (_changed(before, after) or after.domain in _MADE):
        after = _stepped(operation, after, Step(place, says, operation.name))
        modes = [c.key for c, polarity in machine.path if c.origin is Origin.MODE and not polarity]
        if modes:
            after = replace(after, evaluation=True, switched=any(key != ANY_MODE for key in modes))
    if _watched(operation):
        machine.events.append(
            Applied(place, operation.name, before, after, {**dict.fromkeys(given, "<given>"), **chosen},
                    machine.path - machine.chosen, guard | machine.chosen, tuple(machine.calls),
                    tuple(machine.contexts))
        )
    told = after.dtype is not Dtype.UNKNOWN or after.shape is not None or bool(after.marks)
    if isinstance(single, Opaque) and after.domain is Domain.UNKNOWN and not told:
        return single
    return Tensor(after)


def _says(operation: Operation, after: Fact) -> str | None:
    """The sentence for the trail. The mean of probabilities stands on it, for no fused form of a loss has one."""
    match operation.effect:
        case Affine():
            return f"{operation.name.rsplit('.', 1)[-1]} makes unconstrained scores"
        case Reduced() if after.domain is Domain.UNIT_INTERVAL:
            return "probabilities are averaged"
        case Reduced() if after.domain is Domain.PROBABILITIES:
            return "the mean of probabilities are probabilities"
        case _:
            return operation.says


_MADE = frozenset({
    Domain.PROBABILITIES, Domain.LOG_PROBABILITIES, Domain.UNIT_INTERVAL, Domain.SCORES, Domain.SIGNED_UNIT,
})


def _changed(before: Fact, after: Fact) -> bool:
    return after.domain is not before.domain or after.dtype is not before.dtype or after.grad is not before.grad


def _stepped(operation: Operation, fact: Fact, step: Step) -> Fact:
    """A learnt map starts a trail anew; other steps are added, the oldest dropped beyond a dozen."""
    trail = () if isinstance(operation.effect, Affine) else fact.trail[-12:]
    return replace(fact, trail=(*trail, step))


_WATCHED = frozenset({"softmax", "Softmax", "log_softmax", "LogSoftmax", "softmin", "Softmin", "log", "gumbel_softmax",
                      "mean", "sqrt", "sum"})


def _watched(operation: Operation) -> bool:
    return operation.name.rsplit(".", 1)[-1] in _WATCHED


def loss_module(
    machine: Machine, layer: Layer, contract: Contract, arguments: Arguments, node: cst.Call | None, by_default: bool
) -> Value:
    """A criterion is applied."""
    written = dict(zip((p.name for p in contract.constructor), layer.args, strict=False))
    written.update(layer.keywords)
    return record(machine, layer.name, contract, written, arguments, node, layer.place, by_default)


def loss_function(
    machine: Machine, name: str, contract: Contract, arguments: Arguments, node: cst.Call | None
) -> Value:
    """A functional loss is called."""
    written = {
        parameter.name: value
        for position, parameter in enumerate(contract.parameters(name))
        if (value := arguments.get(position, parameter.name)) is not None and contract.feeds(parameter) is None
    }
    return record(machine, name, contract, written, arguments, node, None, False)


def record(
    machine: Machine, name: str, contract: Contract, written: dict[str, Value], arguments: Arguments,
    node: cst.Call | None, made: Place | None, by_default: bool,
) -> Value:
    """Note a loss call with its arguments by port; the value is a loss."""
    place = machine.place(node) if node is not None else machine.calls[-1] if machine.calls else made
    if place is None:
        return Tensor(UNKNOWN)
    found: dict[str, Argument] = {}
    for position, parameter in enumerate(contract.parameters(name)):
        port = contract.feeds(parameter)
        value = arguments.get(position, parameter.name)
        if port is not None and value is not None:
            at = arguments.places.get(parameter.name) or arguments.places.get(position) or place
            found[port.name] = Argument(value, at)
    assumed = any(frame.assumed for frame in machine.frames)
    tokens.ignored(machine, written.get("ignore_index"), made or place)
    chosen = option_values(written)
    unknown = frozenset(written) - frozenset(chosen)
    machine.events.append(
        LossCall(place, name, contract, chosen, unknown, found, machine.path, tuple(machine.calls), assumed, made,
                 by_default, written, _positional(name, contract, arguments), tuple(machine.contexts),
                 chosen=machine.chosen, switch=machine.switch)
    )
    return training.loss_value(machine, place, name, contract, chosen, unknown)


def _positional(name: str, contract: Contract, arguments: Arguments) -> frozenset[str]:
    """The options of a functional that were given by position."""
    if name in contract.classes:
        return frozenset()
    return frozenset(parameter.name for parameter in contract.parameters(name)[: len(arguments.args)])
