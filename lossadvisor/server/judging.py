"""From what is open to what is reported: one analysis for each project that has an open file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Any

from pygls.workspace import PositionCodec

from lossadvisor.config import ConfigError, Settings, load_settings
from lossadvisor.config.keys import SETTINGS_KEYS
from lossadvisor.config.loading import settings_of
from lossadvisor.engine import analysis
from lossadvisor.engine.focus import project_root
from lossadvisor.late import dataclass
from lossadvisor.server.buffers import Buffer
from lossadvisor.server.layout import Layout
from lossadvisor.source import load_text
from lossadvisor.source.discovery import Excludes, discover, display_name


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a judgement depends on but the files on the disk. `table` are the settings that the editor sent."""

    buffers: tuple[Buffer, ...]
    versions: Mapping[str, int | None]
    table: Mapping[str, Any]
    codec: PositionCodec


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found, one layout (with its analysis) for each project, and lines that the user should see."""

    layouts: tuple[Layout, ...] = ()
    complaints: tuple[str, ...] = ()
    versions: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """False for a first answer, for which only files near the open ones were read."""
        return all(layout.analysis.whole for layout in self.layouts)


class Overtaken(Exception):
    """The texts have changed meanwhile; nobody wants the answer any more."""


def judge(snapshot: Snapshot, overtaken: Callable[[], bool] = lambda: False, *, near: bool = False) -> Judgement:
    """Analyse the open files, each with the project around it. Reads files; takes as long as `check` does.

    With `near` only files a few imports away from the open ones are analysed. Raises Overtaken soon after `overtaken`
    has begun to say so.
    """
    complaints: list[str] = []
    layouts: list[Layout] = []

    def tell(done: int, total: int) -> None:
        if overtaken():
            raise Overtaken

    for settings, root, buffers in _grouped(snapshot, complaints):
        documents = [load_text(one.text, display_name(one.path, root), one.path) for one in buffers]
        try:
            found = analysis((), settings, root, overlays=documents, near=near, tell=tell)
        except ConfigError as error:  # the baseline cannot be read
            complaints.append(str(error))
            found = analysis((), replace(settings, baseline=None), root, overlays=documents, near=near, tell=tell)
        layouts.append(Layout(found, {one.path: one for one in buffers}, snapshot.codec))
    return Judgement(tuple(layouts), tuple(dict.fromkeys(complaints)), snapshot.versions)


def _grouped(snapshot: Snapshot, complaints: list[str]) -> Iterator[tuple[Settings, Path, list[Buffer]]]:
    """The files that belong to one project and obey one configuration."""
    groups: dict[tuple[Path, Path | None], list[Buffer]] = defaultdict(list)
    all_settings: dict[tuple[Path, Path | None], Settings] = {}
    for buffer in snapshot.buffers:
        settings = _settings(buffer.path.parent, snapshot.table, complaints)
        root = project_root([buffer.path]) or buffer.path.parent
        if settings.source is None:
            settings = replace(settings, root=root)
        if not _excluded(buffer.path, settings):
            key = (root, settings.source)
            groups[key].append(buffer)
            all_settings[key] = settings
    for key, buffers in groups.items():
        yield all_settings[key], key[0], buffers


def _settings(folder: Path, table: Mapping[str, Any], complaints: list[str]) -> Settings:
    """The configuration file nearest to the folder, then what the editor says; what is wrong is left out and told."""
    try:
        base = load_settings(folder)
    except ConfigError as error:
        complaints.append(str(error))
        base = Settings(root=folder)
    if not table:
        return base
    try:
        said = settings_of(table, folder / "settings of the editor")
    except ConfigError as error:
        complaints.append(str(error).removeprefix(f"{folder}/"))
        return base
    changes = {key.field: getattr(said, key.field) for key in SETTINGS_KEYS if key.name in table}
    return replace(base, layers=(*base.layers, *said.layers), **changes)


def _excluded(path: Path, settings: Settings) -> bool:
    """Whether an open file falls under the excludes: files of an environment that somebody only looks into."""
    if not path.exists():
        return False
    patterns = settings.excludes()
    return not discover([str(path)], path.parent, Excludes(patterns.patterns, patterns.root, force=True)).files
