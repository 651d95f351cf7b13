"""A tokenizer that forgives: it reads Python 2, Python 3 and broken text alike, and never raises.

From Python 3.12 on the standard `tokenize` refuses what the real tokenizer refuses (`0777`, unclosed brackets), which
is exactly the text that has to be read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern

_TOKEN = pattern(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>[uUbBrRfFtT]{0,2}(?:
        \"\"\"(?:\\.|[^\\])*?(?:\"\"\"|\Z)
      | '''(?:\\.|[^\\])*?(?:'''|\Z)
      | "(?:\\.|[^"\\\n])*(?:"|(?=\n)|\Z)
      | '(?:\\.|[^'\\\n])*(?:'|(?=\n)|\Z)
    ))
  | (?P<number>(?:\d|\.\d)[\w.]*)
  | (?P<name>\w+)
  | (?P<space>[ \t\f]+|\\\n)
  | (?P<newline>\n)
  | (?P<op><>|>>|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ONLY_AT_START = frozenset({"def", "class", "import", "from", "return", "while", "try", "with", "raise"})


@dataclass(frozen=True, slots=True)
class Token:
    """One token: what it is, its text and where it starts and ends in the text."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """All tokens of the text, blanks included; every character belongs to exactly one."""
    for match in _TOKEN.finditer(text):
        yield Token(match.lastgroup or "op", match.group(), match.start(), match.end())


def statements(text: str) -> Iterator[list[Token]]:
    """The tokens of each logical line, blanks and comments left out; the newline that ends it is left out too.

    A bracket left open would swallow the rest of the file, so a row that starts at its first column with a word that
    only starts statements ends the brackets before it.
    """
    line: list[Token] = []
    depth = 0
    fresh = True  # at the first column of a row
    for token in tokens(text):
        if fresh and depth and token.kind == "name" and token.text in _ONLY_AT_START:
            depth = 0
            if line:
                yield line
            line = []
        fresh = token.kind == "newline"
        if token.kind == "newline":
            if depth == 0:
                if line:
                    yield line
                line = []
            continue
        if token.kind in {"space", "comment"}:
            continue
        if token.kind == "op":
            if token.text in "([{":
                depth += 1
            elif token.text in ")]}":
                depth = max(0, depth - 1)
        line.append(token)
    if line:
        yield line
