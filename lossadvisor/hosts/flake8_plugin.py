"""The plugin of flake8 (https://flake8.pycqa.org/en/latest/plugin-development/).

flake8 shows its plugins one file at a time, perhaps in several processes. So only what stands in one file is judged
here: a model in one file and its loss in another need `lossadvisor check`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from lossadvisor import __version__
from lossadvisor.config import Settings, load_settings
from lossadvisor.engine import analysis
from lossadvisor.source import load_text

# flake8 reports broken files itself (E902, E999). A comment that is needless in this file alone may well suppress what
# only a run over the project sees (LA901).
_NOT_HERE = frozenset({"LA900", "LA901", "LA902"})


class Plugin:
    """One file, as flake8 hands it over."""

    name = "lossadvisor"
    version = __version__

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:
        self._filename = "stdin.py" if filename in {"-", "stdin"} else filename
        self._text = "".join(lines)

    def run(self) -> Iterator[tuple[int, int, str, type[Any]]]:
        """Row (from 1), column (from 0), text and type of every finding. Raises ConfigError."""
        path = Path(self._filename).resolve()
        settings = _settings(path.parent)
        document = load_text(self._text, path.name, path)
        found = analysis((), settings, path.parent, overlays=[document], alone=True)
        for finding in found.report.findings:
            if finding.code not in _NOT_HERE:
                start = finding.span.start
                yield start.row, start.column - 1, f"{finding.code} {finding.name}: {finding.message}", type(self)


@lru_cache(maxsize=256)
def _settings(folder: Path) -> Settings:
    return load_settings(folder)
