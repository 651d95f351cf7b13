"""Losses exchanged for the one that computes the activation itself, and options that say what the input is (unsafe)."""

from __future__ import annotations

import ast
from collections.abc import Callable

from lossadvisor.findings import Edit, Fix
from lossadvisor.fixes.calls import option, removed
from lossadvisor.fixes.naming import Names, keyword, last, plain_arguments
from lossadvisor.fixes.relocate import Extra
from lossadvisor.fixes.sheet import Sheet
from lossadvisor.fixes.site import Site, unsafe

WITH_LOGITS = {"BCELoss": "BCEWithLogitsLoss", "binary_cross_entropy": "binary_cross_entropy_with_logits"}
OF_LOGITS = {"NLLLoss": "CrossEntropyLoss", "nll_loss": "cross_entropy"}
MULTI_LABEL = {
    "CrossEntropyLoss": "BCEWithLogitsLoss", "cross_entropy": "binary_cross_entropy_with_logits",
}  # fmt: skip
OF_LOGARITHMS = {"CrossEntropyLoss": "NLLLoss", "cross_entropy": "nll_loss"}


def written(site: Site) -> tuple[Sheet, Names, ast.Call] | None:
    """The call that has the options of the loss: the one that builds it, or that of the functional itself."""
    if site.finding.loss is None:
        return None
    if last(site.finding.loss)[:1].isupper():
        for entry in site.finding.trace:
            if entry.message.endswith("is made here"):
                found = site.expression(entry.span)
                if found is not None and isinstance(found[2], ast.Call) and _is(site, found[1], found[2]):
                    return found[0], found[1], found[2]
        return None
    call: ast.AST | None = site.node
    while call is not None and not (isinstance(call, ast.Call) and _is(site, site.names, call)):
        call = site.sheet.parents.get(call)
    return (site.sheet, site.names, call) if isinstance(call, ast.Call) else None


def _is(site: Site, names: Names, call: ast.Call) -> bool:
    return names.meaning(call.func) == site.finding.loss and plain_arguments(call)


def swapped(twins: dict[str, str], without: frozenset[str] = frozenset()) -> Extra:
    """The edits that write the twin of the loss; None when it is not there or has options that the twin lacks."""

    def edits(site: Site) -> tuple[Edit, ...] | None:
        found = written(site)
        if found is None or last(site.finding.loss) not in twins:
            return None
        sheet, names, call = found
        if any(given.arg in without for given in call.keywords):
            return None
        spelled = names.sibling(call.func, twins[last(site.finding.loss)])
        if spelled is None:
            return None
        return (sheet.edit(sheet.start(call.func), sheet.end(call.func), spelled[0]), *spelled[1])

    return edits


def swap(twins: dict[str, str], without: frozenset[str] = frozenset()) -> Callable[[Site], Fix | None]:
    """A fixer that writes the twin of the loss."""

    def fixer(site: Site) -> Fix | None:
        edits = swapped(twins, without)(site)
        if edits is None:
            return None
        return unsafe(f"Use {twins[last(site.finding.loss)]}", *edits)

    return fixer


def wrap(function: str, *qualified: str) -> Callable[[Site], Fix | None]:
    """A fixer that applies a function over the last axis to the argument, where it holds plain scores."""

    def fixer(site: Site) -> Fix | None:
        if not any(entry.message.endswith("makes unconstrained scores") for entry in site.finding.trace):
            return None
        spelled = site.names.spelled(*qualified)
        if spelled is None:
            return None
        start, end = site.sheet.start(site.node), site.sheet.end(site.node)
        return unsafe(
            f"Apply {function} over the last axis",
            site.sheet.edit(start, start, f"{spelled[0]}("),
            site.sheet.edit(end, end, ", dim=-1)"),
            *spelled[1],
        )

    return fixer


def log_target(site: Site) -> Fix | None:
    """KLDivLoss is told that its target is in logarithms, or no longer told so."""
    found = written(site)
    if found is None:
        return None
    sheet, _, call = found
    given = keyword(call, "log_target")
    cause = site.finding.trace[-1].message.partition(" ")[0] if site.finding.trace else ""
    if given is None and cause == "log_softmax":
        return unsafe("Set log_target", option(sheet, call, "log_target", "True"))
    if given is not None and cause == "softmax":
        return unsafe("Remove log_target", *removed(sheet, call, [given]))
    return None


def log_input(site: Site) -> Fix | None:
    """PoissonNLLLoss is told what its input is."""
    found = written(site)
    if found is None:
        return None
    sheet, _, call = found
    given = keyword(call, "log_input")
    positional = len(call.args) > (0 if last(site.finding.loss)[:1].isupper() else 2)
    if positional:
        return None
    scores = any(entry.message.endswith("makes unconstrained scores") for entry in site.finding.trace)
    if given is not None:
        return unsafe("Remove log_input=False", *removed(sheet, call, [given])) if scores else None
    return None if scores else unsafe("Set log_input=False", option(sheet, call, "log_input", "False"))


def cast(method: str, opposite: str) -> Callable[[Site], Fix | None]:
    """A fixer that casts the argument; a cast to the opposite that is written there is replaced."""

    def fixer(site: Site) -> Fix | None:
        sheet, node = site.sheet, site.node
        match node:
            case ast.Call(func=ast.Attribute() as function, args=[], keywords=[]) if function.attr == opposite:
                at = sheet.end(function)
                return unsafe(f"Use {method}()", sheet.edit(at - len(opposite), at, method))
            case ast.Name() | ast.Call() | ast.Attribute() | ast.Subscript():
                return unsafe(f"Add {method}()", sheet.edit(sheet.end(node), sheet.end(node), f".{method}()"))
            case _:
                return None

    return fixer
