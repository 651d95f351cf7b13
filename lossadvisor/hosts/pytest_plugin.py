"""The plugin of pytest: `pytest --lossadvisor` makes a test of every file that holds a loss or a finding.

The files are judged together, once, as `lossadvisor check` would on the folders that pytest is given.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lossadvisor.engine import Analysis
    from lossadvisor.findings import Finding

_SUFFIXES = frozenset({".py", ".pyi", ".ipynb", ".md"})
_ANALYSIS = pytest.StashKey["Analysis"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one option; without it nothing happens."""
    group = parser.getgroup("lossadvisor")
    group.addoption("--lossadvisor", action="store_true", help="check the losses of the collected files")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, so that `-m lossadvisor` and `-m "not lossadvisor"` work."""
    config.addinivalue_line("markers", "lossadvisor: the losses of one file, checked without running it")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A collector for a file that was analysed and has something to say."""
    if file_path.suffix not in _SUFFIXES or not parent.config.getoption("--lossadvisor"):
        return None
    found = _analysis(parent.config)
    name = _name(parent.config, file_path)
    spans = [one.span for one in found.report.losses] + [one.span for one in found.report.findings]
    if not any(span.filename == name for span in spans):
        return None
    collector: pytest.Collector = LossFile.from_parent(parent, path=file_path)
    return collector


class LossFile(pytest.File):
    """A file with losses."""

    def collect(self) -> Iterator[pytest.Item]:
        yield LossItem.from_parent(self, name="lossadvisor")


class LossError(Exception):
    """The findings of one file."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


class LossItem(pytest.Item):
    """Fails when the file has a finding that would fail `lossadvisor check`."""

    def __init__(self, name: str, parent: LossFile) -> None:
        super().__init__(name, parent)
        self.add_marker("lossadvisor")

    def runtest(self) -> None:
        found = _analysis(self.config)
        name = _name(self.config, self.path)
        failing = [one for one in found.report.findings if one.span.filename == name and one.severity.value != "note"]
        if failing:
            raise LossError(failing)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        """The findings as `lossadvisor check` shows them."""
        if not isinstance(excinfo.value, LossError):
            return str(super().repr_failure(excinfo))
        from dataclasses import replace

        from lossadvisor.reporters import Medium, render

        found = _analysis(self.config)
        report = replace(found.report, findings=tuple(excinfo.value.findings))
        text = render("full", replace(found, report=report), Medium(folder=self.config.invocation_params.dir))
        return text.rpartition("\n\n")[0] or text  # the closing line counts files that are not this one

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"lossadvisor {self.nodeid.partition('::')[0]}"


def _analysis(config: pytest.Config) -> Analysis:
    """What `lossadvisor check` finds in the arguments of the run; made once. Raises pytest.UsageError."""
    if _ANALYSIS not in config.stash:
        from lossadvisor.config import ConfigError, load_settings
        from lossadvisor.engine import analysis

        cwd = config.invocation_params.dir
        paths = list(dict.fromkeys(argument.partition("::")[0] for argument in config.args))
        try:
            config.stash[_ANALYSIS] = analysis(paths, load_settings(config.rootpath), cwd)
        except ConfigError as error:
            raise pytest.UsageError(f"lossadvisor: {error}") from None
    return config.stash[_ANALYSIS]


def _name(config: pytest.Config, path: Path) -> str:
    """How the analysis calls a file."""
    from lossadvisor.source.discovery import display_name

    return display_name(path, config.invocation_params.dir)
