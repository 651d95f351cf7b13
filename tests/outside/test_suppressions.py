"""Comments that silence findings, and comments that silence nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from doubles import run
from scratch import notebook, write

from lossadvisor.config import Layer, Settings
from lossadvisor.engine.adding import add_comments
from lossadvisor.findings import Confidence
from lossadvisor.reporters.summary import closing

BASE = "loss(x)  # report LA101"


def codes(folder: Path, text: str, **changes: object) -> list[tuple[str, int]]:
    write(folder, {"a.py": text})
    settings = replace(Settings(root=folder), **changes)  # type: ignore[arg-type]
    return [(finding.code, finding.span.start.row) for finding in run(folder, settings=settings).report.findings]


@pytest.mark.parametrize(
    "comment",
    [
        "noqa", "NOQA", "noqa: LA101", "noqa:LA101,E501", "noqa: E501, LA1", "noqa : la101",
        "type: ignore # noqa: LA101",
        "lossadvisor: ignore[LA101]", "lossadvisor: ignore[LA101] the labels are soft", "lossadvisor:ignore[LA1, LA2]",
        "lossadvisor: ignore[softmax-before-cross-entropy]",
        "lossadvisor: ignore-file", "lossadvisor: ignore-file[LA101]",
        "lossadvisor: ignore[LA102] why # noqa: LA101", "lossadvisor: ignore  # noqa: LA101, E501",
        "noqa: LA101  # lossadvisor: ignore[LA102] why",
    ],
)  # fmt: skip
def test_silenced(tmp_path: Path, comment: str) -> None:
    found = codes(tmp_path, f"{BASE} # {comment}\n")
    assert [code for code, _ in found if code != "LA901"] == []


@pytest.mark.parametrize(
    "comment", ["noqa: LA102", "noqa: E501", "noqa: because", "lossadvisor: ignore[LA102]", "lossadvisor: ignore",
     "lossadvisor: ignore[LA102] noqa", "lossadvisor: ignore[LA102] why # not noqa: LA101"],
)
def test_not_silenced(tmp_path: Path, comment: str) -> None:
    assert ("LA101", 1) in codes(tmp_path, f"{BASE} # {comment}\n")


def test_silenced_findings_are_not_called_none(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f"{BASE} # noqa: LA101\n"})
    found = run(tmp_path)
    assert closing(found) == (
        "No findings in 1 file; 1 loss call: 0 consistent, 1 finding, 0 unknown"
        " (the findings are suppressed, in the baseline or not selected)."
    )


def test_a_file_that_cannot_be_written_gets_no_comment(tmp_path: Path) -> None:
    found = run(write(tmp_path, {"a.py": BASE, "b.py": BASE}))
    (tmp_path / "a.py").unlink()
    added = add_comments(found, lambda _: tmp_path)
    assert (added.number, added.files) == (1, 1)
    assert added.left == ("a.py: left as it is: No such file or directory",)


def test_only_comments_count(tmp_path: Path) -> None:
    text = 's = "# lossadvisor: ignore-file"\n"""\n# lossadvisor: ignore-file[LA101]\n"""\n'
    assert codes(tmp_path, text + BASE) == [("LA101", 5)]


def test_first_and_last_row_of_a_statement(tmp_path: Path) -> None:
    body = "    out,\n    loss(x)  # report LA101\n    , y\n"
    assert codes(tmp_path, f"total = (  # noqa: LA101\n{body})\n") == []
    assert codes(tmp_path, f"total = (\n{body})  # noqa: LA101\n") == []
    assert codes(tmp_path, f"total = (\n    z,  # noqa: LA101\n{body})\n") == [("LA901", 2), ("LA101", 4)]


def test_a_comment_of_its_own_row_covers_the_next_statement(tmp_path: Path) -> None:
    assert codes(tmp_path, f"# lossadvisor: ignore[LA101]\n\n{BASE}\n{BASE}\n") == [("LA101", 4)]
    assert codes(tmp_path, f"a = (\n    # lossadvisor: ignore[LA101]\n    {BASE}\n)\n") == []
    assert codes(tmp_path, f"# noqa: LA101\n{BASE}\n") == [("LA901", 1), ("LA101", 2)]


def test_unused(tmp_path: Path) -> None:
    text = "x = 1  # lossadvisor: ignore[LA101, LA555] why\ny = 1  # noqa: E501, LA102\nz = 1  # noqa\n"
    write(tmp_path, {"a.py": text})
    findings = run(tmp_path).report.findings
    assert [(finding.code, finding.span.start.row, finding.span.start.column) for finding in findings] == [
        ("LA901", 1, 10), ("LA901", 1, 10), ("LA901", 2, 10),
    ]  # fmt: skip
    assert [finding.message.partition(" (")[0] for finding in findings] == [
        "LA555 is no rule, so nothing is suppressed",
        "nothing to suppress: LA101 is not reported here",
        "nothing to suppress: LA102 is not reported here",
    ]


def test_unused_is_not_told_of_rules_that_do_not_run(tmp_path: Path) -> None:
    text = "x = 1  # lossadvisor: ignore[LA101]\n"
    assert codes(tmp_path, text, layers=(Layer(ignore=("LA101",)),)) == []
    assert codes(tmp_path, text, layers=(Layer(ignore=("LA901",)),)) == []


def test_a_silenced_finding_of_low_confidence_counts_as_used(tmp_path: Path) -> None:
    text = "loss(x)  # report LA101 possible # lossadvisor: ignore[LA101]\n"
    assert codes(tmp_path, text) == []
    assert codes(tmp_path, text, min_confidence=Confidence.POSSIBLE) == []


def test_in_notebooks(tmp_path: Path) -> None:
    cells = ("import x", f"{BASE} # noqa: LA101\n{BASE}", "y # lossadvisor: ignore[LA101]")
    write(tmp_path, {"a.ipynb": notebook(*cells)})
    findings = run(tmp_path).report.findings
    assert [(finding.code, finding.span.cell, finding.span.start.row) for finding in findings] == [
        ("LA101", 2, 2), ("LA901", 3, 1),
    ]  # fmt: skip


def test_unused_is_not_told_of_markdown(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": f"```python\n{BASE} # noqa: LA101\nx = 1  # lossadvisor: ignore[LA101]\n```\n"})
    assert run(tmp_path).report.findings == ()


def test_what_is_silenced_is_kept_apart(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f"{BASE} # noqa\n"})
    assert [finding.code for finding in run(tmp_path).suppressed] == ["LA101"]


def test_a_syntax_error_can_be_silenced(tmp_path: Path) -> None:
    assert codes(tmp_path, "print 'x'\n") == [("LA900", 1)]
    assert codes(tmp_path, "# lossadvisor: ignore-file[LA900]\nprint 'x'\n") == []
