"""Python 2 read as Python 3: the few things that changed, rewritten row by row so that every row stays in its place.

Only text that Python 3 refuses comes here. Rows and indentation are kept, and columns too wherever the new spelling is
as long as the old one. What is covered is the list of https://docs.python.org/3/whatsnew/3.0.html as far as the grammar
goes, and `async` used as a name (`tensor.cuda(async=True)`), a keyword since Python 3.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lossadvisor.patterns import pattern
from lossadvisor.source.tokens import Token, statements, tokens

Edit = tuple[int, int, str]

_COMPOUND = frozenset({"if", "elif", "else", "for", "while", "try", "except", "finally", "with", "def", "class"})
_BINARY_WORDS = frozenset({"in", "is", "and", "or", "if", "else", "for"})
_LEADING_BLANKS = pattern(r"^[ \t\f]+", re.MULTILINE)


def modernise(text: str) -> str:
    """The text with what only Python 2 understood put as Python 3 wants it; row count and indentation kept."""
    edits = [*_in_tokens(text)]
    for line in statements(text):
        for statement in _simple_statements(line):
            edits.extend(_in_statement(text, statement))
    edits.sort()
    pieces: list[str] = []
    at = 0
    for start, end, new in edits:
        if start < at:
            continue
        pieces += (text[at:start], new)
        at = end
    pieces.append(text[at:])
    return "".join(pieces)


def expand_indentation(text: str) -> str:
    """Tabs of the indentation as Python 2 counted them: up to the next multiple of eight."""
    return _LEADING_BLANKS.sub(lambda match: match.group().expandtabs(8), text)


def _in_tokens(text: str) -> Iterator[Edit]:
    """Changes that need no more than the token and its neighbour."""
    opening = True
    before: Token | None = None
    for token in tokens(text):
        match token.kind, token.text:
            case "op", "<>":
                yield token.start, token.end, "!="
            case "op", "`":
                yield token.start, token.end, "(" if opening else ")"
                opening = not opening
            case "number", number if re.fullmatch(r"0[xX][\da-fA-F]+[lL]|\d+[lL]", number):
                yield token.end - 1, token.end, " "
            case "number", number if re.fullmatch(r"0\d+", number) and number.strip("0"):
                yield token.start, token.end, "0o" + number[1:] if re.fullmatch(r"[0-7]+", number) else number[1:]
            case "string", string if string[:2].lower() == "ur":
                yield token.start, token.start + 1, " "
        if before is not None and token.kind != "space":
            if before.text == "async" and token.text not in {"def", "for", "with"}:
                yield before.start, before.end, "asynk"
            before = None
        if token.kind == "name" and token.text == "async":
            before = token


def _simple_statements(line: list[Token]) -> Iterator[list[Token]]:
    """The statements of one logical line: split at `;`, and at the colon after which a block begins on the row."""
    statement: list[Token] = []
    depth = lambdas = 0
    compound = line[0].text in _COMPOUND
    for token in line:
        if token.kind == "op" and token.text in "([{":
            depth += 1
        elif token.kind == "op" and token.text in ")]}":
            depth -= 1
        elif token.text == "lambda" and depth == 0:
            lambdas += 1
        if depth == 0 and token.text == ":" and lambdas:
            lambdas -= 1
        elif depth == 0 and (token.text == ";" or (token.text == ":" and compound)):
            compound = compound and token.text == ";"
            if statement:
                yield statement
            statement = []
            continue
        statement.append(token)
    if statement:
        yield statement


def _in_statement(text: str, statement: list[Token]) -> Iterator[Edit]:
    """Changes that depend on the word a statement starts with."""
    match statement[0].text:
        case "print" | "exec" if len(statement) > 1:
            yield from _call(text, statement)
        case "except":
            comma = _comma(statement)
            if comma is not None and comma + 2 == len(statement):
                yield statement[comma].start, statement[comma].end, " as"
        case "raise":
            comma = _comma(statement)
            if comma is not None:
                rest = text[statement[comma].start : statement[-1].end]
                yield statement[comma].start, statement[-1].end, re.sub(r"[^\n]", " ", rest.replace("\\\n", " \n"))
        case "def":
            yield from _flattened(statement, 2)
    for index, token in enumerate(statement[:-1]):
        if token.text == "lambda" and statement[index + 1].text == "(":
            yield from _flattened(statement, index)


def _call(text: str, statement: list[Token]) -> Iterator[Edit]:
    """`print a, b` and `exec a in b` as calls of the same width."""
    word, first, last = statement[0], statement[1], statement[-1]
    operator = first.kind == "op" and first.text not in {"[", "{", ">>", "`", "~"}
    if operator or first.text in _BINARY_WORDS:
        return
    if first.text == ">>":
        yield first.start, first.end, "( "
    elif first.start == word.end:
        yield word.start, word.end, "repr(" if word.text == "print" else "all("
    else:
        yield word.end, word.end + 1, "("
    yield last.end, last.end, ")"


def _comma(statement: list[Token]) -> int | None:
    """Where the first comma outside all brackets is."""
    depth = 0
    for index, token in enumerate(statement):
        if token.kind != "op":
            continue
        if token.text in "([{":
            depth += 1
        elif token.text in ")]}":
            depth -= 1
        elif token.text == "," and depth == 0:
            return index
    return None


def _flattened(statement: list[Token], start: int) -> Iterator[Edit]:
    """Tuple parameters, `def f(a, (b, c))` and `lambda (a, b): ...`, as plain ones."""
    depth = 0
    allowed = 1 if statement[0].text == "def" and start == 2 else 0
    before = ""
    inner: list[bool] = []
    for token in statement[start:]:
        if token.kind == "op" and token.text == "(":
            bare = depth >= allowed and before in {"(", ",", "lambda"}
            inner.append(bare)
            depth += 1
            if bare:
                yield token.start, token.end, " "
        elif token.kind == "op" and token.text == ")":
            depth -= 1
            if inner and inner.pop():
                yield token.start, token.end, " "
            if depth == 0 and allowed:
                return
        elif token.text == ":" and depth == 0:
            return
        before = token.text
