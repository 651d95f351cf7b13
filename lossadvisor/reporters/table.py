"""The output formats by name. Each is imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from lossadvisor.engine import Analysis
from lossadvisor.reporters.model import Format, Medium

FORMATS: Mapping[str, str] = {
    "full": "lossadvisor.reporters.full:render",
    "concise": "lossadvisor.reporters.concise:render",
    "json": "lossadvisor.reporters.jsons:render",
    "json-lines": "lossadvisor.reporters.jsons:render_lines",
    "github": "lossadvisor.reporters.github:render",
    "gitlab": "lossadvisor.reporters.gitlab:render",
    "sarif": "lossadvisor.reporters.sarif:render",
    "junit": "lossadvisor.reporters.junit:render",
}


def render(name: str, analysis: Analysis, medium: Medium) -> str:
    """The report in the format of that name, ending in a newline unless empty. Raises KeyError for an unknown name."""
    module, attribute = FORMATS[name].split(":")
    form: Format = getattr(import_module(module), attribute)
    return form(analysis, medium)
