"""Arguments in the wrong place or under the wrong name (LA502, LA507), and targets with a gradient (LA207)."""

from __future__ import annotations

import ast

from lossadvisor.findings import Fix
from lossadvisor.fixes.calls import ATOMS, outer
from lossadvisor.fixes.naming import keyword, plain_arguments
from lossadvisor.fixes.site import Site, unsafe


def swapped_arguments(site: Site) -> Fix | None:
    """Prediction and target change places; nothing else moves."""
    sheet = site.sheet
    call = sheet.parents.get(site.node)
    if not isinstance(call, ast.Call) or not plain_arguments(call) or len(call.args) < 2:
        return None
    if site.node not in call.args[:2]:
        return None
    (first, first_end), (second, second_end) = (outer(sheet, argument) for argument in call.args[:2])
    return unsafe(
        "Swap prediction and target",
        sheet.edit(first, first_end, sheet.text[second:second_end]),
        sheet.edit(second, second_end, sheet.text[first:first_end]),
    )


def weight_for_pos_weight(site: Site) -> Fix | None:
    """The weight of the positive class under its name."""
    call = site.node
    if not isinstance(call, ast.Call) or not plain_arguments(call) or keyword(call, "pos_weight") is not None:
        return None
    given = keyword(call, "weight")
    if given is not None:
        start = site.sheet.start(given)
        return unsafe("Pass it as pos_weight", site.sheet.edit(start, start + len("weight"), "pos_weight"))
    if len(call.args) == 1:
        start, _ = outer(site.sheet, call.args[0])
        return unsafe("Pass it as pos_weight", site.sheet.edit(start, start, "pos_weight="))
    return None


def target_not_detached(site: Site) -> Fix | None:
    """No gradient flows into the target any more."""
    if not isinstance(site.node, ATOMS):
        return None
    end = site.sheet.end(site.node)
    return unsafe("Detach the target", site.sheet.edit(end, end, ".detach()"))
