"""Constructors given what belongs into the call, or options in the wrong place (LA501, LA505, LA508, LA512)."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lossadvisor.contracts import Contract, by_name
from lossadvisor.contracts.model import Parameter
from lossadvisor.findings import Edit, Fix
from lossadvisor.fixes.calls import opening, outer, removed
from lossadvisor.fixes.naming import in_order, keyword, last, plain_arguments
from lossadvisor.fixes.site import Site, display, safe, unsafe

_SOFTMAX = frozenset({"Softmax", "LogSoftmax", "Softmin"})
_ALWAYS_ON = frozenset({"Dropout", "Dropout2d"})


def loss_constructor_called(site: Site) -> Fix | None:
    """`nn.MSELoss(output, y)` becomes `nn.MSELoss()(output, y)`; options written by name stay in the constructor."""
    call, contract = site.node, _contract(site)
    if not isinstance(call, ast.Call) or contract is None or not plain_arguments(call) or len(call.args) != 2:
        return None
    options = {parameter.name for parameter in contract.constructor}
    if any(given.arg not in options for given in call.keywords):
        return None
    given = list(in_order(site.sheet, call))
    if given[:2] != call.args:
        return None
    at = opening(site.sheet, call)
    if not call.keywords:
        return safe("Build the loss, then call it", site.sheet.edit(at, at, ")("))
    texts = ", ".join(site.sheet.of(option) for option in call.keywords)
    edits = (site.sheet.edit(at, at, f"{texts})("), *removed(site.sheet, call, call.keywords))
    return safe("Build the loss, then call it", *edits)


def activation_constructor_called(site: Site) -> Fix | None:
    """`nn.ReLU(x)` becomes `nn.ReLU()(x)`; a softmax needs its axis, which is certain behind a linear layer."""
    call = site.node
    if not isinstance(call, ast.Call) or not plain_arguments(call) or len(call.args) != 1 or call.keywords:
        return None
    name = last(site.names.meaning(call.func))
    at = opening(site.sheet, call)
    if not name:
        return None
    if name not in _SOFTMAX:
        edit = site.sheet.edit(at, at, ")(")
        return (unsafe if name in _ALWAYS_ON else safe)("Build the module, then call it", edit)
    edit = site.sheet.edit(at, at, "dim=-1)(")
    cause = site.finding.trace[0].message if site.finding.trace else ""
    return (safe if cause.startswith("Linear makes") else display)("Build the module, then call it", edit)


def constructor_argument_order(site: Site) -> Fix | None:
    """A misplaced constant gets the name of the parameter that it fits: the word of a reduction, or the one number."""
    call, contract = site.node, _contract(site)
    if not isinstance(call, ast.Call) or contract is None or not plain_arguments(call):
        return None
    parameters = _parameters(contract, site.finding.loss or "")
    taken = {given.arg for given in call.keywords}
    for parameter, argument in zip(parameters, call.args, strict=False):
        wanted = _meant(site, parameter.name, argument, contract)
        if wanted is None or wanted in taken:
            continue
        position = call.args.index(argument)
        if position != len(call.args) - 1:
            return None
        start, _ = outer(site.sheet, argument)
        edits = [site.sheet.edit(start, start, f"{wanted}=")]
        edits += _fillers(site, call, position)
        return unsafe(f"Pass it as {wanted}", *edits)
    return None


def _fillers(site: Site, call: ast.Call, position: int) -> Iterator[Edit]:
    """`None` written only to reach a later position goes away."""
    gone: list[ast.expr | ast.keyword] = []
    for argument in reversed(call.args[:position]):
        if not isinstance(argument, ast.Constant) or argument.value is not None:
            break
        gone.append(argument)
    if gone:
        yield from removed(site.sheet, call, gone)


def _meant(site: Site, parameter: str, argument: ast.expr, contract: Contract) -> str | None:
    if not isinstance(argument, ast.Constant) or argument.value is None:
        return None
    names = {known.name for known in _parameters(contract, site.finding.loss or "")}
    value = argument.value
    if isinstance(value, str) and value in contract.reductions and parameter != "reduction":
        return "reduction" if "reduction" in names else None
    if isinstance(value, bool) or not isinstance(value, int | float) or parameter not in ("size_average", "reduce",
                                                                                          "reduction"):
        return None
    for candidate in ("beta", "delta", "margin"):
        if candidate in names:
            return candidate
    return "ignore_index" if "ignore_index" in names and isinstance(value, int) else None


def class_weight_type(site: Site) -> Fix | None:
    """A list or a number given as weight becomes a floating tensor."""
    call, contract = site.node, _contract(site)
    if not isinstance(call, ast.Call) or contract is None or not plain_arguments(call):
        return None
    for name in ("weight", "pos_weight"):
        given = keyword(call, name)
        value = given.value if given is not None else None
        if value is None:
            order = [parameter.name for parameter in _parameters(contract, site.finding.loss or "")]
            index = order.index(name) if name in order else len(call.args)
            value = call.args[index] if index < len(call.args) else None
        edits = _as_tensor(site, value) if value is not None else None
        if edits is not None:
            return unsafe("Pass a floating tensor", *edits)
    return None


def _as_tensor(site: Site, value: ast.expr) -> tuple[Edit, ...] | None:
    sheet = site.sheet
    start, end = sheet.start(value), sheet.end(value)
    match value:
        case ast.Call(func=function, args=[ast.List() as items], keywords=[]) if (
            site.names.meaning(function) == "torch.tensor" and _numbers(items) and not _floating(items)
        ):
            written = site.names.spelled("torch.float32")
            if written is None:
                return None
            at = sheet.end(items)
            return (sheet.edit(at, at, f", dtype={written[0]}"), *written[1])
        case ast.List() if _numbers(value):
            floating = _floating(value)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            floating = isinstance(number, float)
        case _:
            return None
    written = site.names.spelled("torch.tensor")
    if written is None:
        return None
    text, imports = written
    tail = ")" if floating else f", dtype={text.removesuffix('tensor')}float32)"
    if not floating and not text.endswith(".tensor"):
        return None
    return (sheet.edit(start, start, f"{text}("), sheet.edit(end, end, tail), *imports)


def _numbers(items: ast.List) -> bool:
    return bool(items.elts) and all(
        isinstance(item, ast.Constant) and isinstance(item.value, int | float) for item in items.elts
    )


def _floating(items: ast.List) -> bool:
    return any(isinstance(item, ast.Constant) and isinstance(item.value, float) for item in items.elts)


def _parameters(contract: Contract, loss: str) -> tuple[Parameter, ...]:
    return contract.constructor if loss in contract.classes else contract.parameters(loss)


def _contract(site: Site) -> Contract | None:
    return None if site.finding.loss is None else by_name.get(site.finding.loss)
