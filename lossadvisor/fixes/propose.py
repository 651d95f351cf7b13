"""Which fixer mends which rule, and the fixes of a run's findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from lossadvisor.catalogue import rule
from lossadvisor.findings import Edit, Finding, Fix, FixApplicability
from lossadvisor.fixes import (
    arguments,
    constructors,
    formulas,
    reductions,
    relocate,
    remarks,
    softmaxes,
    stability,
    twins,
)
from lossadvisor.fixes.sheet import Unfit
from lossadvisor.fixes.site import Fixer, Sheets, Site
from lossadvisor.source import Document

_WITH_LOGITS = relocate.drop_with(twins.swapped(twins.WITH_LOGITS), "Let BCEWithLogitsLoss compute the sigmoid")
_LOG_SOFTMAX = twins.wrap("log_softmax", "torch.log_softmax", "torch.nn.functional.log_softmax")
_SOFTMAX = twins.wrap("softmax", "torch.softmax", "torch.nn.functional.softmax")
_NO_LABEL_SMOOTHING = frozenset({"label_smoothing"})

FIXERS: Mapping[str, tuple[Fixer, ...]] = {
    "LA101": (relocate.drop,),
    "LA102": (twins.swap(twins.OF_LOGARITHMS, _NO_LABEL_SMOOTHING), relocate.drop),
    "LA103": (relocate.drop,),
    "LA104": (relocate.drop,),
    "LA105": (relocate.drop,),
    "LA106": (_WITH_LOGITS, relocate.drop),
    "LA107": (twins.swap(twins.WITH_LOGITS),),
    "LA108": (relocate.take_logarithm,),
    "LA109": (twins.swap(twins.OF_LOGITS),),
    "LA110": (relocate.take_logarithm, _LOG_SOFTMAX),
    "LA111": (twins.log_target, _SOFTMAX),
    "LA112": (relocate.take_logarithm, _LOG_SOFTMAX),
    "LA113": (relocate.drop,),
    "LA115": (twins.log_input,),
    "LA120": (relocate.drop,),
    "LA201": (twins.cast("long", "float"),),
    "LA206": (twins.swap(twins.MULTI_LABEL, frozenset({"weight", "ignore_index", "label_smoothing"})),),
    "LA207": (arguments.target_not_detached,),
    "LA203": (twins.cast("float", "long"),),
    "LA301": (softmaxes.implicit_softmax_dim,),
    "LA302": (softmaxes.softmax_over_batch,),
    "LA401": (stability.log_of_softmax,),
    "LA402": (stability.log_of_sigmoid,),
    "LA403": (_WITH_LOGITS,),
    "LA404": (formulas.handwritten_softmax,),
    "LA406": (_WITH_LOGITS, relocate.under_autocast(twins.WITH_LOGITS)),
    "LA501": (constructors.loss_constructor_called,),
    "LA502": (arguments.swapped_arguments,),
    "LA503": (reductions.deprecated_reduction,),
    "LA504": (reductions.kl_div_mean_reduction,),
    "LA505": (constructors.activation_constructor_called,),
    "LA507": (arguments.weight_for_pos_weight,),
    "LA508": (constructors.class_weight_type,),
    "LA511": (formulas.masked_mean,),
    "LA512": (constructors.constructor_argument_order,),
    "LA701": (formulas.threshold_mismatch,),
}
"""The fixers of a rule; the first that has an answer decides."""

STATEMENT_FIXERS: Mapping[str, Callable[[Finding, Sheets], Fix | None]] = {
    "LA604": formulas.accumulated_loss,
    "LA901": remarks.unused_suppression,
}
"""The fixers of rules whose findings stand on no expression."""

_STRENGTH = {FixApplicability.DISPLAY: 0, FixApplicability.UNSAFE: 1, FixApplicability.SAFE: 2}


def with_fixes(findings: Iterable[Finding], documents: Mapping[str, Document]) -> tuple[Finding, ...]:
    """The findings, each with its fix where there is one. `documents` are those of the whole project, by name."""
    known = tuple(findings)
    sheets = Sheets(documents, known)
    return tuple(_with_fix(finding, sheets) for finding in known)


def _with_fix(finding: Finding, sheets: Sheets) -> Finding:
    if finding.fix is not None:
        return finding
    try:
        fix = _proposed(finding, sheets)
    except (Unfit, RecursionError):  # an expression too deep to be followed is left as it is
        return finding
    if fix is None or not fix.edits:
        return finding
    if finding.code != "LA901" and not _keeps_comments(fix.edits, sheets):
        return finding
    most = rule(finding.code).fix
    if most is None:
        return finding
    applicability = min(fix.applicability, most, key=_STRENGTH.__getitem__)
    if not all(_is_plain(edit, sheets) for edit in fix.edits):
        applicability = FixApplicability.DISPLAY
    return replace(finding, fix=replace(fix, applicability=applicability))


def _proposed(finding: Finding, sheets: Sheets) -> Fix | None:
    if finding.code in STATEMENT_FIXERS:
        return STATEMENT_FIXERS[finding.code](finding, sheets)
    fixers = FIXERS.get(finding.code, ())
    found = sheets.of(finding.span.filename) if fixers else None
    node = None if found is None else found[0].at(finding.span)
    if found is None or node is None:
        return None
    site = Site(finding, node, *found, sheets)
    return next((fix for fixer in fixers if (fix := fixer(site)) is not None), None)


def _is_plain(edit: Edit, sheets: Sheets) -> bool:
    """Whether the edit can be made: anywhere in a program, within one fence of a Markdown file or row of a notebook."""
    document = sheets.documents[edit.span.filename]
    rows = edit.span.end.row - edit.span.start.row
    match document.kind:
        case "notebook":
            return rows == 0
        case "markdown":
            return rows >= 0
        case _:
            return True


def _keeps_comments(edits: Iterable[Edit], sheets: Sheets) -> bool:
    """False for edits that would take a comment with them; only LA901 is about comments."""
    for edit in edits:
        found = sheets.of(edit.span.filename)
        if found is None:
            return False
        sheet, span = found[0], edit.span
        start = sheet.starts[sheet.document.row_of(span.cell, span.start.row) - 1] + span.start.column - 1
        end = sheet.starts[sheet.document.row_of(span.cell, span.end.row) - 1] + span.end.column - 1
        if sheet.comments_in(start, end):
            return False
    return True
