"""Activations taken away from in front of a loss, or turned into what the loss expects (unsafe)."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable

from lossadvisor.findings import Edit, Finding, Fix
from lossadvisor.fixes.activations import activation, structural
from lossadvisor.fixes.calls import unwrapped
from lossadvisor.fixes.causes import Cause, Change, applied_to, cause, dropped, holder, in_logarithms
from lossadvisor.fixes.flows import End, Flow
from lossadvisor.fixes.locals import only_assignment
from lossadvisor.fixes.naming import last
from lossadvisor.fixes.site import Key, Site, display, unsafe

Extra = Callable[[Site], "tuple[Edit, ...] | None"]


def drop(site: Site) -> Fix | None:
    """The activation goes; whoever else reads the value must be known."""
    found = cause(site)
    if found is None:
        return None
    split = _split(site, found)
    return split if split is not None else _changed(site, found, dropped, f"Drop the {found.kind}")


def drop_with(extra: Extra, message: str) -> Callable[[Site], Fix | None]:
    """A fixer that drops the activation and makes a further change; both or none."""

    def fixer(site: Site) -> Fix | None:
        found, more = cause(site), extra(site)
        if found is None or more is None:
            return None
        return _changed(site, found, dropped, message, more)

    return fixer


def take_logarithm(site: Site) -> Fix | None:
    """A softmax in front of a loss that wants logarithms becomes a log-softmax."""
    found = cause(site)
    if found is None:
        return None
    return _changed(site, found, in_logarithms, "Use log_softmax")


def _changed(site: Site, found: Cause, change: Change, message: str, more: Iterable[Edit] = ()) -> Fix | None:
    edits = change(found)
    if edits is None:
        return None
    edits = (*edits, *more)
    flow, ends = _followed(site, found)
    if ends is None or flow.blind or End.LOSS not in ends or End.OTHER in ends:
        return display(f"{message}; see first who else reads the value", *edits)
    for sheet, names, call in flow.calls:
        around = applied_to(found, names) if change is dropped else ("", ".exp()", ())
        if around is None:
            return display(f"{message}, and apply it where the loss does not", *edits)
        before, after, imports = around
        edits = (
            *edits,
            *(sheet.edit(at, at, text) for at, text in ((sheet.start(call), before), (sheet.end(call), after)) if text),
            *imports,
        )
    return unsafe(f"{message}; apply it where the result is used otherwise" if flow.calls else message, *edits)


def _ends(flow: Flow, found: Cause) -> set[End] | None:
    if found.made is not None:
        return flow.ends(found.sheet, found.made.whole)
    held = holder(found)
    if held is not None:
        return flow.of_holder(found.sheet, held)
    container = found.sheet.parents.get(found.layer) if found.layer is not None else None
    return flow.of_instance(found.sheet, found.names, container) if isinstance(container, ast.expr) else None


def _followed(site: Site, found: Cause) -> tuple[Flow, set[End] | None]:
    """Where the value goes, with the other findings that the same operation causes in mind; found out once for all."""
    sheets = site.sheets
    if not sheets.by_cause:
        by_cause: dict[Key, list[Finding]] = defaultdict(list)
        for finding in sheets.findings:
            by_cause[_cause_of(finding)].append(finding)
        sheets.by_cause |= {key: tuple(same) for key, same in by_cause.items()}
    key = _cause_of(site.finding)
    operation = found.layer if found.made is None else found.made.whole
    if (key, operation) not in sheets.flows:
        flow = Flow(sheets, sheets.by_cause.get(key, ()))
        sheets.flows[key, operation] = (flow, _ends(flow, found))
    return sheets.flows[key, operation]


def _cause_of(finding: Finding) -> Key:
    return finding.code, tuple(entry.span for entry in finding.trace if not structural(entry.message))


def _split(site: Site, found: Cause) -> Fix | None:
    """`p = sigmoid(score)`, where others read `p`, too: the loss reads `score` instead.

    Where the operand is no name it becomes one, on a row of its own.
    """
    if found.made is None or found.sheet is not site.sheet:
        return None
    sheet, made = found.sheet, found.made
    statement = sheet.parents.get(made.whole)
    reads = [node for node in ast.walk(site.node) if isinstance(node, ast.Name)]
    if not isinstance(statement, ast.Assign) or not reads:
        return None
    bound = next((bound for name in reads if (bound := only_assignment(sheet, name)) is not None
                  and bound.statement is statement), None)
    if bound is None:
        return None
    if (_followed(site, found)[1] or set()) <= {End.LOSS, End.ORDER}:
        return None  # nobody else reads it: the activation can go
    mine = [load for load in bound.loads if any(load is name for name in reads)]
    operand = made.operand
    if isinstance(operand, ast.Name):
        name = operand.id
        edits: tuple[Edit, ...] = ()
        if not _unchanged(site, operand, made.whole):
            return None
    else:
        name = next((one for one in ("logits", f"{bound.name}_logits") if one not in site.names.used), "")
        row = sheet.starts[statement.lineno - 1]
        indent = sheet.text[row : sheet.start(statement)]
        if not name or indent.strip() or "\n" in sheet.of(operand):
            return None
        edits = (
            sheet.edit(row, row, f"{indent}{name} = {sheet.of(operand)}\n"),
            sheet.edit(sheet.start(operand), sheet.end(operand), name),
        )
    edits += tuple(sheet.edit(sheet.start(load), sheet.end(load), name) for load in mine)
    return unsafe(f"Give the loss {name}, as it was before the {found.kind}", *edits)


def _unchanged(site: Site, operand: ast.Name, whole: ast.Call) -> bool:
    """Whether a name still holds the same value where the loss is computed: it is not bound again after `whole`."""
    scope = site.sheet.scope(whole)
    stores = [
        node for node in ast.walk(scope)
        if isinstance(node, ast.Name) and node.id == operand.id and not isinstance(node.ctx, ast.Load)
    ]
    return all(site.sheet.end(store) < site.sheet.start(whole) for store in stores)


def under_autocast(twins: dict[str, str]) -> Callable[[Site], Fix | None]:
    """A fixer for a functional that is given an activation on the spot: both give way to the twin of the loss."""

    def fixer(site: Site) -> Fix | None:
        call = site.node
        if not isinstance(call, ast.Call) or not call.args:
            return None
        made = activation(call.args[0], site.names)
        meaning = site.names.meaning(call.func) or ""
        twin = twins.get(last(meaning))
        spelled = site.names.sibling(call.func, twin) if twin is not None else None
        if made is None or made.kind != "sigmoid" or spelled is None:
            return None
        sheet = site.sheet
        name = sheet.edit(sheet.start(call.func), sheet.end(call.func), spelled[0])
        return unsafe(f"Use {twin}", name, *unwrapped(sheet, made.whole, made.operand), *spelled[1])

    return fixer
