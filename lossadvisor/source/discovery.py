"""Which files to look at: the ones named, and what a walk through the folders named finds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING

from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.source import regular
from lossadvisor.source.reading import KINDS

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

DEFAULT_EXCLUDES = (
    ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints", ".lossadvisor_cache",
    ".mypy_cache", ".nox", ".pants.d", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv",
    ".vscode", "__pycache__", "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules",
    "site-packages", "venv",
)  # fmt: skip
"""Folder names that hold no code of the project itself."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file to look at: where it is and how it is called in reports."""

    path: Path
    filename: str
    explicit: bool = False  # named by the user, not found in a folder


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files in the order of their names, and one line for every path that could not be had.

    `given_up` says that there were more files than the limit; then there are none here.
    """

    files: tuple[Found, ...]
    problems: tuple[str, ...]
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class Excludes:
    """Patterns in the syntax of .gitignore, relative to `root`. With `force` they hold for named files too."""

    patterns: tuple[str, ...] = DEFAULT_EXCLUDES
    root: Path = field(default_factory=Path.cwd)
    force: bool = False


def discover(paths: Sequence[str], cwd: Path, excludes: Excludes, limit: int | None = None) -> Discovery:
    """Every file that the paths (relative to `cwd`) name or hold.

    Files that git ignores and excluded ones are left out of folders; a file or folder that was named is always looked
    at, unless `excludes.force`. Symbolic links inside folders are not followed: their targets are found where they
    are, and cycles and excursions out of the project cannot happen. With more than `limit` files the search is given
    up and the result is empty.
    """
    found: dict[str, Found] = {}
    problems: list[str] = []
    rules = _Rules.of(excludes)
    for given in paths:
        path = Path(os.path.normpath(cwd / given))
        if os.path.isdir(path):
            if excludes.force and rules.excluded(path, is_dir=True):
                continue
            for file in _walk(path, rules.below(path), problems):
                found.setdefault(str(file), Found(file, display_name(file, cwd)))
                if limit is not None and len(found) > limit:
                    return Discovery((), tuple(problems), given_up=True)
        elif os.path.isfile(path):
            if not (excludes.force and rules.excluded(path, is_dir=False)):
                found[str(path)] = Found(path, display_name(path, cwd), explicit=True)
        else:
            problems.append(f"{given}: no such file or directory")
    return Discovery(tuple(sorted(found.values(), key=lambda item: item.filename)), tuple(problems))


def excluded(path: Path, excludes: Excludes) -> bool:
    """Whether the patterns hold for a file that was named."""
    return _Rules.of(excludes).excluded(path, is_dir=False)


def display_name(path: Path, cwd: Path) -> str:
    """The name to report: relative to the working directory where the file is below it, with forward slashes."""
    try:
        return _readable(path.relative_to(cwd).as_posix())
    except ValueError:
        relative = os.path.relpath(path, cwd) if path.anchor == cwd.anchor else str(path)
        return _readable((relative if relative.count("..") <= 2 else str(path)).replace(os.sep, "/"))


def _readable(name: str) -> str:
    """A name that the system could not decode (an ASCII locale, a name in Latin-1) as text that can be written."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("utf-8", "backslashreplace")
    return name


@dataclass(frozen=True, slots=True)
class _Rules:
    """What decides about one entry: simple names, and ignore specifications with the folder each belongs to."""

    names: frozenset[str]
    root: str
    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()
    ignores: tuple[tuple[str, GitIgnoreSpec], ...] = ()  # .gitignore files, outermost first

    @staticmethod
    def of(excludes: Excludes) -> _Rules:
        special = set("*?[!/\\")
        names = frozenset(pattern for pattern in excludes.patterns if not special & set(pattern))
        others = [pattern for pattern in excludes.patterns if pattern not in names]
        root = str(excludes.root)
        return _Rules(names, root, ((root, _spec(others)),) if others else ())

    def excluded(self, path: Path, is_dir: bool) -> bool:
        """Whether a named path falls under the excludes (not under .gitignore); folders above the root do not count."""
        parts = path.parts[len(Path(self.root).parts) :] if path.is_relative_to(self.root) else path.parts
        return bool(self.names & set(parts)) or _matches(self.specs, str(path), is_dir) is True

    def below(self, folder: Path) -> _Rules:
        """With the .gitignore files of the folders above, up to the root of the git repository."""
        above: list[tuple[str, GitIgnoreSpec]] = []
        here = folder
        while not (here / ".git").exists():
            if here == here.parent:
                return self  # no repository: only the .gitignore files met on the walk count
            here = here.parent
            above[:0] = _gitignores(str(here))
        if _matches(above, str(folder), is_dir=True):
            return self  # the folder is ignored itself, but it was named
        return _Rules(self.names, self.root, self.specs, tuple(above))

    def inside(self, folder: str, ignores: Iterable[tuple[str, GitIgnoreSpec]]) -> _Rules:
        more = tuple(ignores)
        return _Rules(self.names, self.root, self.specs, (*self.ignores, *more)) if more else self

    def skips(self, name: str, path: str, is_dir: bool) -> bool:
        if name in self.names or _matches(self.specs, path, is_dir):
            return True
        return _matches(self.ignores, path, is_dir) is True


def _walk(folder: Path, rules: _Rules, problems: list[str]) -> Iterator[Path]:
    pending = [(str(folder), rules)]
    while pending:
        here, above = pending.pop()
        try:
            with os.scandir(here) as scan:
                entries = list(scan)
        except OSError as error:
            problems.append(f"{here}: {error.strerror or error}")
            continue
        names = {entry.name for entry in entries}
        inner = above.inside(here, _gitignores(here)) if names & {".gitignore", ".git"} else above
        for entry in entries:
            if entry.is_symlink():
                continue
            if entry.is_dir():
                if not inner.skips(entry.name, entry.path, is_dir=True):
                    pending.append((entry.path, inner))
                continue
            looked_at = os.path.splitext(entry.name)[1].lower() in KINDS and entry.is_file()
            if looked_at and not inner.skips(entry.name, entry.path, is_dir=False):
                yield Path(entry.path)


def _gitignores(folder: str) -> Iterator[tuple[str, GitIgnoreSpec]]:
    for name in (os.path.join(".git", "info", "exclude"), ".gitignore"):
        try:
            text = regular.read(os.path.join(folder, name)).decode("utf-8", "replace")
            lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        except OSError:
            continue
        if lines:
            yield folder, _spec(lines)


def _spec(lines: Iterable[str]) -> GitIgnoreSpec:
    """The patterns; one with more stars than anybody needs ignores nothing: each takes a power of the name's length."""
    from pathspec import GitIgnoreSpec  # costs some milliseconds, and often nothing is ignored

    return GitIgnoreSpec.from_lines(line for line in lines if len(_STARS.findall(line)) <= _MOST_STARS)


_STARS = pattern(r"\*\*?")
_MOST_STARS = 3


def _matches(specs: Iterable[tuple[str, GitIgnoreSpec]], path: str, is_dir: bool) -> bool | None:
    """What the innermost specification that has an opinion says: ignored, kept, or nothing (None)."""
    verdict: bool | None = None
    for root, spec in specs:
        relative = os.path.relpath(path, root).replace(os.sep, "/") if not path.startswith(root) else path[len(root) :]
        relative = relative.lstrip("/")
        if not relative or relative.startswith("../"):
            continue
        opinion = spec.check_file(relative + "/" if is_dir else relative).include
        verdict = opinion if opinion is not None else verdict
    return verdict
