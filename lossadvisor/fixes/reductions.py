"""The old words for the reduction (LA503), and the divergence averaged over too much (LA504)."""

from __future__ import annotations

import ast

from lossadvisor.findings import Edit, Fix
from lossadvisor.fixes.calls import appended, option, quote, removed
from lossadvisor.fixes.naming import keyword, last, plain_arguments
from lossadvisor.fixes.site import Site, display, safe, unsafe

_FLAGS = ("size_average", "reduce")
_RENAMED = {"NLLLoss2d": "NLLLoss", "nll_loss2d": "nll_loss"}


def deprecated_reduction(site: Site) -> Fix | None:
    """`size_average` and `reduce` become the `reduction` that PyTorch makes of them; old names become the new ones."""
    call = site.node
    if not isinstance(call, ast.Call) or not plain_arguments(call):
        return None
    edits = [*_renamed(site, call)]
    word = _word(call)
    old = [given for given in call.keywords if given.arg in _FLAGS]
    if old:
        if word is None:
            return None
        edits += _replaced(site, call, old, word)
    else:
        given = keyword(call, "reduction")
        if given is not None and isinstance(given.value, ast.Constant) and given.value.value == "elementwise_mean":
            word = "mean"
            edits.append(option(site.sheet, call, "reduction", _quoted(site, "mean")))
    if not edits:
        return None
    averaged = word == "mean" and last(site.finding.loss).lower() in ("kl_div", "kldivloss")
    message = "Use reduction" if word is not None else "Use the new name"
    # Spelled out, the mean of a divergence is what LA504 warns of: which of the two is meant, its author must say.
    return (display if averaged else safe)(message, *edits)


def _renamed(site: Site, call: ast.Call) -> tuple[Edit, ...]:
    meaning = site.names.meaning(call.func)
    if meaning is None or last(meaning) not in _RENAMED:
        return ()
    written = site.names.sibling(call.func, _RENAMED[last(meaning)])
    if written is None:
        return ()
    return (site.sheet.edit(site.sheet.start(call.func), site.sheet.end(call.func), written[0]), *written[1])


def _word(call: ast.Call) -> str | None:
    """What torch.nn._reduction.legacy_get_string makes of the flags; None when one of them is no constant."""
    flags = {"size_average": True, "reduce": True}
    for name in _FLAGS:
        given = keyword(call, name)
        if given is None:
            continue
        if not isinstance(given.value, ast.Constant) or not isinstance(given.value.value, bool | None):
            return None
        flags[name] = True if given.value.value is None else given.value.value
    if not flags["reduce"]:
        return "none"
    return "mean" if flags["size_average"] else "sum"


def _replaced(site: Site, call: ast.Call, old: list[ast.keyword], word: str) -> list[Edit]:
    """One keyword takes the new word, the others go."""
    stays = keyword(call, "reduction") or old[0]
    mark = site.sheet.of(stays.value)[:1] if stays.arg == "reduction" else ""
    text = f"{mark}{word}{mark}" if mark in ("'", '"') and mark else _quoted(site, word)
    edits = [site.sheet.edit(site.sheet.start(stays), site.sheet.end(stays), f"reduction={text}")]
    gone = [given for given in old if given is not stays]
    if gone:
        edits += removed(site.sheet, call, gone)
    return edits


def kl_div_mean_reduction(site: Site) -> Fix | None:
    """`reduction="batchmean"`, which is the divergence; it is larger by the number of classes."""
    call = site.node
    if not isinstance(call, ast.Call) or not plain_arguments(call):
        return None
    word = _quoted(site, "batchmean")
    if keyword(call, "reduction") is None:
        return unsafe("Use batchmean", appended(site.sheet, call, f"reduction={word}"))
    return unsafe("Use batchmean", option(site.sheet, call, "reduction", word))


def _quoted(site: Site, word: str) -> str:
    mark = quote(site.sheet)
    return f"{mark}{word}{mark}"
