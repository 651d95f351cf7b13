"""Comments that suppress nothing, taken away (LA901)."""

from __future__ import annotations

import re

from lossadvisor.findings import Edit, Finding, Fix
from lossadvisor.fixes.sheet import Sheet
from lossadvisor.fixes.site import Sheets, safe
from lossadvisor.patterns import pattern

_NAMED = pattern(r"(?:nothing to suppress: )?(\S+) is (?:no rule|not reported)")
_CODES = pattern(r"(?:noqa\s*:|ignore(?:-file)?\s*\[)\s*(?P<codes>[^\]#]*)", re.IGNORECASE)


def unused_suppression(finding: Finding, sheets: Sheets) -> Fix | None:
    """The code goes out of the comment, and the comment with its last code."""
    found = sheets.of(finding.span.filename)
    if found is None:
        return None
    sheet, span = found[0], finding.span
    row = sheet.starts[sheet.document.row_of(span.cell, span.start.row) - 1]
    start, end = row + span.start.column - 1, row + span.end.column - 1
    comment = next((one for one in sheet.tokens if one.kind == "comment" and one.start <= start < one.end), None)
    if comment is None:
        return None
    listed = _CODES.search(sheet.text[start:end])
    named = _NAMED.match(finding.message)
    codes = re.findall(r"[\w-]+", listed["codes"]) if listed else []
    rest = [code for code in codes if named is not None and code.upper() != named[1].upper()]
    if listed is not None and named is not None and rest and len(rest) < len(codes):
        first = start + listed.start("codes")
        last = first + len(listed["codes"].rstrip())
        return safe(f"Take {named[1]} out of the comment", sheet.edit(first, last, ", ".join(rest)))
    if rest:
        return None
    return safe("Take the comment away", _without(sheet, comment.start, comment.end, start, end))


def _without(sheet: Sheet, first: int, last: int, start: int, end: int) -> Edit:
    """The edit that takes `start` to `end` out of the comment from `first` to `last`, and all of it when it was all."""
    text = sheet.text
    mark = text.rfind("#", first, start)
    if text[mark + 1 : start].strip():
        return sheet.edit(start, end, "")  # words of another kind stand in front
    following = text.find("#", end, last)
    own = "lossadvisor" in text[start:end].lower()
    stop = following if following >= 0 else last if own or not text[end:last].strip() else -1
    if stop < 0:
        return sheet.edit(start, end + len(text[end:last]) - len(text[end:last].lstrip()), "")
    if stop < last:
        return sheet.edit(mark, stop, "")
    line = text.rfind("\n", 0, mark) + 1
    if not text[line:mark].strip():
        return sheet.edit(line, min(last + 1, len(text)), "")
    return sheet.edit(line + len(text[line:mark].rstrip()), last, "")
