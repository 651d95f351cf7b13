"""The project around files that were named one by one (pre-commit, editors), so that other files can be followed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", "lossadvisor.toml")
LIMIT = 5_000
"""Files of a project that are indexed around the named ones; above it only the named files are analysed."""


def project_root(files: Sequence[Path]) -> Path | None:
    """The nearest folder of a project that holds all files, else their common folder; None when that is no project.

    The home folder and the root of a file system are nobody's project, even with a marker in them.
    """
    folder = Path(os.path.commonpath([str(file.parent) for file in files]))
    for candidate in (folder, *folder.parents):
        if any((candidate / marker).exists() for marker in _MARKERS):
            return None if _too_wide(candidate) else candidate
    return None if _too_wide(folder) else folder


def _too_wide(folder: Path) -> bool:
    return folder == folder.parent or folder == Path.home()
