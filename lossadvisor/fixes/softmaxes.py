"""The axis of a softmax, written out (LA301)."""

from __future__ import annotations

import ast

from lossadvisor.findings import Fix
from lossadvisor.fixes.calls import appended, option
from lossadvisor.fixes.causes import cause
from lossadvisor.fixes.naming import keyword, plain_arguments
from lossadvisor.fixes.site import Site, safe, unsafe


def implicit_dim(dimensions: int) -> int:
    """The axis that torch.nn.functional._get_softmax_dim chooses for a tensor of so many dimensions."""
    return 0 if dimensions in (0, 1, 3) else 1


def implicit_softmax_dim(site: Site) -> Fix | None:
    """`dim` as PyTorch chooses it today, where the number of dimensions is known; else the likely one, unsafe."""
    call = site.node
    if not isinstance(call, ast.Call) or not plain_arguments(call) or not _spelled(site, call):
        return None
    known = (site.finding.evidence or {}).get("dimensions")
    if len(call.args) > 1 or (call.args and isinstance(call.args[0], ast.Constant)):
        return None
    axis = implicit_dim(known) if isinstance(known, int) else -1 if _after_linear(site, call) else 1
    edit = option(site.sheet, call, "dim", str(axis)) if keyword(call, "dim") else appended(
        site.sheet, call, f"dim={axis}"
    )
    if isinstance(known, int):
        return safe(f"Write dim={axis}, the axis that PyTorch chooses today", edit)
    if axis == -1:
        return unsafe("Write dim=-1, the axis of the linear layer in front", edit)
    return unsafe("Write dim=1, the axis that PyTorch chooses today unless there are 0, 1 or 3 dimensions", edit)


_NAMES = frozenset({"softmax", "log_softmax", "softmin", "Softmax", "LogSoftmax", "Softmin"})


def _spelled(site: Site, call: ast.Call) -> bool:
    """Whether the call names what it makes; a class that is handed in may be another one the next time."""
    return (site.names.meaning(call.func) or "").rsplit(".", 1)[-1] in _NAMES


def _after_linear(site: Site, call: ast.Call) -> bool:
    """Whether the module stands behind a linear layer in a container."""
    container = site.sheet.parents.get(call)
    if not isinstance(container, ast.Call) or site.names.meaning(container.func) != "torch.nn.Sequential":
        return False
    index = container.args.index(call) if call in container.args else 0
    before = container.args[index - 1] if index else None
    return isinstance(before, ast.Call) and site.names.meaning(before.func) == "torch.nn.Linear"


def softmax_over_batch(site: Site) -> Fix | None:
    """The axis of the classes in the place of the batch's: losses read it at 1; behind a linear layer it is the last,
    also of the single rows that the same policy may be asked about."""
    found = cause(site)
    if found is None:
        return None
    call = found.built or (found.made.whole if found.made is not None else None)
    if call is None:
        return None
    given = keyword(call, "dim")
    position = 0 if found.built is not None or (found.made is not None and found.made.method) else 1
    axis = given.value if given is not None else call.args[position] if len(call.args) > position else None
    if not isinstance(axis, ast.Constant) or axis.value != 0:
        return None
    right = "-1" if site.finding.loss is None else "1"
    edit = found.sheet.edit(found.sheet.start(axis), found.sheet.end(axis), right)
    return unsafe(f"Normalise over axis {right}", edit)
