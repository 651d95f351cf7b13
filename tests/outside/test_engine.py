"""From paths to a report: which findings are told, in which order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from doubles import run
from scratch import write

from lossadvisor.config import ConfigError, Layer, Settings
from lossadvisor.engine import Analysis
from lossadvisor.engine.adding import add_comments
from lossadvisor.engine.baseline import write as write_baseline
from lossadvisor.findings import Confidence


def places(analysis: Analysis) -> list[str]:
    return [f"{finding.span.filename}:{finding.span.start.row} {finding.code}" for finding in analysis.report.findings]


def settings(folder: Path, **changes: object) -> Settings:
    return replace(Settings(root=folder), **changes)  # type: ignore[arg-type]


def test_order_and_selection(tmp_path: Path) -> None:
    write(tmp_path, {
        "b.py": "f(x) # report LA105\ng(x) # report LA101\n", "a.py": "f(x) # report LA102\n", "c.py": "f(  # x\n",
        "d.py": "f(x) # report LA101 possible\nf(x) # report LA210\n",
    })  # fmt: skip

    def found(*layers: Layer, **changes: object) -> list[str]:
        return places(run(tmp_path, settings=settings(tmp_path, layers=layers, **changes)))

    everything = ["a.py:1 LA102", "b.py:1 LA105", "b.py:2 LA101", "c.py:1 LA900"]
    assert found() == everything
    assert found(min_confidence=Confidence.POSSIBLE) == [*everything, "d.py:1 LA101"]
    assert found(Layer(select=("LA101",))) == ["b.py:2 LA101"]
    mixed = Layer(select=("la1",), ignore=("LA10",), extend_select=("LA105", "LA9"))
    assert found(mixed) == ["b.py:1 LA105", "c.py:1 LA900"]
    assert found(Layer(ignore=("LA1", "syntax-error"))) == []
    assert found(Layer(ignore=("ALL",))) == []
    assert found(Layer(ignore=("LA101",)), Layer(select=("LA101",))) == ["b.py:2 LA101"]
    assert found(Layer(select=("LA101",)), Layer(ignore=("LA1",))) == []
    assert found(per_file_ignores=(("b.py", ("LA105",)), ("c*", ("ALL",)))) == ["a.py:1 LA102", "b.py:2 LA101"]


def test_single_files_are_seen_within_their_project(tmp_path: Path) -> None:
    write(tmp_path, {
        "pyproject.toml": "", "net.py": "import x\n", "pkg/train.py": "f(x) # report LA101 certain from net.py\n",
        "other.py": "f(x) # report LA105\n", "broken.py": "f(\n",
    })  # fmt: skip
    assert places(run(tmp_path, "net.py")) == ["pkg/train.py:1 LA101"]
    assert places(run(tmp_path, "pkg/train.py")) == ["pkg/train.py:1 LA101"]
    assert places(run(tmp_path, "other.py")) == ["other.py:1 LA105"]
    assert len(run(tmp_path, "other.py").report.losses) == 1
    assert len(run(tmp_path, "net.py").documents) == 4
    assert run(tmp_path, "net.py").report.files == 1
    assert len(run(tmp_path, "pkg").documents) == 1
    wide = settings(tmp_path, project_root=tmp_path)
    assert len(run(tmp_path, "pkg", settings=wide).documents) == 4


def test_a_lone_file_is_seen_with_its_folder_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a/x.py": "", "a/y.py": "", "b/z.py": ""})
    monkeypatch.setattr("lossadvisor.engine.focus._MARKERS", ())
    assert sorted(run(tmp_path, "a/x.py").documents) == ["a/x.py", "a/y.py"]
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "a")
    assert sorted(run(tmp_path, "a/x.py").documents) == ["a/x.py"]


def test_a_huge_project_is_not_indexed_and_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"pyproject.toml": "", "a.py": "", "b.py": "", "c.py": ""})
    monkeypatch.setattr("lossadvisor.engine.run.LIMIT", 2)
    found = run(tmp_path, "a.py")
    assert sorted(found.documents) == ["a.py"]
    assert found.notices == (". has more than 2 files: only the named ones are analysed (see --project-root)",)


def test_files_that_cannot_be_read_are_problems(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "f(x) # report LA101\n", "big.py": "x = 1\n" * 20})
    report = run(tmp_path, ".", "gone", settings=settings(tmp_path, max_file_size=60)).report
    assert [problem.partition(":")[0] for problem in report.problems] == ["gone", "big.py"]
    assert [finding.code for finding in report.findings] == ["LA101"]
    assert report.files == 1


def test_nothing_to_check_is_noticed(tmp_path: Path) -> None:
    (notice,) = run(tmp_path).notices
    assert notice == "no Python files, notebooks or Markdown files under ."


def test_baseline(tmp_path: Path) -> None:
    file = tmp_path / "sub" / "baseline.json"
    file.parent.mkdir()
    write(tmp_path, {"a.py": "f(x) # report LA101\nf(x) # report LA101\n", "b.py": "g(x) # report LA105\n"})
    first = run(tmp_path)
    assert write_baseline(file, first.report.findings, first.documents) == 3
    known = settings(tmp_path, baseline=file)
    assert places(run(tmp_path, settings=known)) == []
    write(tmp_path, {"a.py": "import y\n\n\nf(x)   # report LA101\nnew(x) # report LA101\n"})
    again = run(tmp_path, settings=known)
    assert places(again) == ["a.py:5 LA101"]
    assert again.notices == ("baseline.json: stale entry: LA101 in ../a.py: f(x) # report LA101",)
    assert run(tmp_path, "b.py", settings=known).notices == ()


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2, "entries": []}', '{"version": 1, "entries": [{}]}'])
def test_a_file_that_is_no_baseline(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a.py": "", "base.json": text})
    with pytest.raises(ConfigError, match="not a baseline"):
        run(tmp_path, settings=settings(tmp_path, baseline=tmp_path / "base.json"))
    with pytest.raises(ConfigError, match="--write-baseline"):
        run(tmp_path, settings=settings(tmp_path, baseline=tmp_path / "none.json"))


def test_added_comments_silence(tmp_path: Path) -> None:
    rows = [
        "# coding: latin-1", "s = 'é'", "f(x) # report LA101", "y = (", "    g(x) # report LA105", ")",
        "h(x) # report LA101  # noqa: E501 long", "print('x')",
    ]  # fmt: skip
    (tmp_path / "a.py").write_bytes("\r\n".join(rows).encode("latin-1"))
    write(tmp_path, {"b.py": "f(x) # report LA101\nprint 'x'\n"})
    added = add_comments(run(tmp_path), lambda _: tmp_path)
    assert (added.number, added.files) == (3, 1)
    assert [line.partition(":")[0] for line in added.left] == ["b.py"]
    rows[2] += "  # noqa: LA101"
    rows[5] += "  # noqa: LA105"
    rows[6] = "h(x) # report LA101  # noqa: E501, LA101 long"
    assert (tmp_path / "a.py").read_bytes().decode("latin-1").split("\r\n") == rows
    assert places(run(tmp_path, "a.py", settings=settings(tmp_path, project_root=tmp_path / "none"))) == []
