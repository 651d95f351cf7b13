"""What a run is told: one frozen value, made from defaults, a configuration file and the command line."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path

from lossadvisor.findings import Confidence, Severity
from lossadvisor.late import dataclass
from lossadvisor.source import DEFAULT_SIZE_LIMIT
from lossadvisor.source.discovery import DEFAULT_EXCLUDES, Excludes
from lossadvisor.source.memory import DEFAULT_LIMIT

OUTPUT_FORMATS = ("full", "concise", "json", "json-lines", "github", "gitlab", "sarif", "junit")


@dataclass(frozen=True, slots=True)
class Layer:
    """The rule selectors of one place. `select` of None means: what the layer below selected."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one run. Relative patterns are relative to `root`, the folder of the configuration file.

    `layers` are the rule selectors, the configuration file's first, the command line's after it. `jobs` of 0 means as
    many as there are processors. `max_file_size` is in bytes, `max_memory` in
    megabytes for the whole process; 0 is no limit.
    """

    root: Path = field(default_factory=Path.cwd)
    source: Path | None = None
    layers: tuple[Layer, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    min_confidence: Confidence = Confidence.LIKELY
    fail_on: Severity = Severity.WARNING
    exclude: tuple[str, ...] = DEFAULT_EXCLUDES
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    output_format: str = "full"
    max_file_size: int = DEFAULT_SIZE_LIMIT
    max_memory: int = DEFAULT_LIMIT
    cache: bool = True
    cache_dir: Path | None = None
    jobs: int = 0
    baseline: Path | None = None
    project_root: Path | None = None

    def excludes(self) -> Excludes:
        """The exclusion patterns as file discovery wants them."""
        return Excludes((*self.exclude, *self.extend_exclude), self.root, self.force_exclude)
