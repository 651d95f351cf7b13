"""Which files are looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from scratch import write

from lossadvisor.source.discovery import DEFAULT_EXCLUDES, Excludes, discover

TREE = {
    "a.py": "", "b.pyi": "", "c.ipynb": "", "d.md": "", "e.txt": "", "sub/z.py": "", "sub/a.py": "",
    "venv/lib/x.py": "", "node_modules/x.py": "", "__pycache__/x.py": "", "build/x.py": "", ".git/hook.py": "",
}  # fmt: skip


def names(folder: Path, *paths: str, excludes: Excludes | None = None) -> list[str]:
    return [file.filename for file in discover(paths or (".",), folder, excludes or Excludes(root=folder)).files]


def test_kinds_order_and_default_excludes(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    assert names(tmp_path) == ["a.py", "b.pyi", "c.ipynb", "d.md", "sub/a.py", "sub/z.py"]


def test_what_is_named_is_looked_at_once(tmp_path: Path) -> None:
    write(tmp_path, {**TREE, "script": "x = 1"})
    assert names(tmp_path, "build", "script", "venv/lib/x.py") == ["build/x.py", "script", "venv/lib/x.py"]
    assert names(tmp_path, "a.py", "./a.py", str(tmp_path / "a.py"), "sub/../a.py") == ["a.py"]
    forced = Excludes(root=tmp_path, force=True)
    assert names(tmp_path, "build", "a.py", "venv/lib/x.py", excludes=forced) == ["a.py"]


def test_missing_paths_are_told_and_the_others_found(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    found = discover(("nope", "a.py"), tmp_path, Excludes(root=tmp_path))
    assert found.problems == ("nope: no such file or directory",)
    assert [file.filename for file in found.files] == ["a.py"]


def test_patterns(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "", "gen/a.py": "", "x/gen/b.py": "", "x/keep.py": "", "x/skip_me.py": ""})
    excludes = Excludes((*DEFAULT_EXCLUDES, "/gen", "skip_*.py"), tmp_path)
    assert names(tmp_path, excludes=excludes) == ["a.py", "x/gen/b.py", "x/keep.py"]
    excludes = Excludes((*DEFAULT_EXCLUDES, "x/gen/*.py", "gen"), tmp_path)
    assert names(tmp_path, excludes=excludes) == ["a.py", "x/keep.py", "x/skip_me.py"]


def test_gitignore(tmp_path: Path) -> None:
    write(tmp_path, {
        ".gitignore": "out/\n*.gen.py\n!keep.gen.py\n/top.py\n", ".git/info/exclude": "secret.py\n",
        "a.py": "", "a.gen.py": "", "keep.gen.py": "", "out/x.py": "", "top.py": "", "secret.py": "",
        "sub/top.py": "", "sub/.gitignore": "inner.py\n", "sub/inner.py": "", "inner.py": "",
    })  # fmt: skip
    expected = ["a.py", "inner.py", "keep.gen.py", "sub/top.py"]
    assert names(tmp_path) == expected
    assert names(tmp_path, "sub") == ["sub/top.py"]
    assert names(tmp_path / "sub", ".") == ["top.py"]
    assert names(tmp_path, "out") == ["out/x.py"]
    assert names(tmp_path, "a.gen.py") == ["a.gen.py"]


def test_a_gitignore_above_counts_up_to_the_repository(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "b.py\n", "repo/.git/HEAD": "", "repo/b.py": "", "repo/in/b.py": ""})
    assert names(tmp_path / "repo", "in") == ["in/b.py"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"project/pkg/a.py": "", "outside/b.py": ""})
    project = tmp_path / "project"
    (project / "pkg" / "loop").symlink_to(project)
    (project / "away").symlink_to(tmp_path / "outside")
    (project / "gone.py").symlink_to(tmp_path / "nothing.py")
    assert names(project) == ["pkg/a.py"]
    assert names(project, "away") == ["away/b.py"]


def test_names_outside_the_working_directory(tmp_path: Path) -> None:
    write(tmp_path, {"here/x.txt": "", "there/b.py": ""})
    assert names(tmp_path / "here", "../there") == ["../there/b.py"]
    assert names(tmp_path / "here", str(tmp_path / "there")) == ["../there/b.py"]


def test_a_forbidden_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": "", "locked/b.py": ""})
    scan = os.scandir

    def guarded(folder: str) -> object:  # the superuser, who often runs tests, may read a folder of mode 0
        if folder.endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    found = discover((".",), tmp_path, Excludes(root=tmp_path))
    assert [file.filename for file in found.files] == ["a.py"]
    assert found.problems == (f"{tmp_path / 'locked'}: Permission denied",)


def test_a_limit_gives_up(tmp_path: Path) -> None:
    write(tmp_path, {f"{number}.py": "" for number in range(5)})
    assert discover((".",), tmp_path, Excludes(root=tmp_path), limit=4).files == ()
    assert len(discover((".",), tmp_path, Excludes(root=tmp_path), limit=5).files) == 5
