"""The output formats on findings of every kind."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from doubles import run
from scratch import notebook, write

from lossadvisor.engine import Analysis
from lossadvisor.reporters import FORMATS, Medium, render
from lossadvisor.reporters.frames import columns

ODD = {
    "net.py": "import torch\n",
    "train.py": "def f():\n\treturn loss('日本', x)  # report LA101 certain from net.py\n",
    "note.py": "loss(x)  # report LA102\n",
    "lesson.ipynb": notebook("import x", "\nloss(x)  # report LA101 likely"),
    "old.py": "print 'x'\n",
    "a b,c:d.py": "loss(x)  # report LA105\nloss(x)  # report LA105\n",
}


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    return run(write(tmp_path, ODD))


def text(analysis: Analysis, form: str, tmp_path: Path, **medium: object) -> str:
    return render(form, analysis, Medium(folder=tmp_path, **medium))  # type: ignore[arg-type]


def test_full(analysis: Analysis, tmp_path: Path) -> None:
    blocks = text(analysis, "full", tmp_path).split("\n\n")
    (block,) = [block for block in blocks if block.startswith("train.py")]
    assert block.split("\n") == [
        "train.py:2:2: LA101 softmax-before-cross-entropy: probabilities reach CrossEntropyLoss, which expects logits",
        "    |",
        "  2 |     return loss('日本', x)  # report LA101 certain from net.py",
        "    |     " + "^" * len("return loss('日本', x)") + "^^",
        "   --> net.py:1:1: softmax over axis 1",
        "    |",
        "  1 | import torch",
        "    | ^^^^^^",
        "    = because: net.py:1 softmax over axis 1; train.py:2 called here",
        "    = evidence: classes 10, lowest loss 1.461",
        "    = help: return the logits",
    ]
    (cell,) = [block for block in blocks if block.startswith("lesson.ipynb")]
    assert cell.startswith("lesson.ipynb:cell 2:2:1: LA101")
    assert "  2 | loss(x)" in cell
    assert "= confidence: likely" in cell
    assert blocks[-1] == (
        "6 findings (5 errors, 1 note) in 6 files; 5 loss calls: 0 consistent, 5 findings, 0 unknown.\n"
    )


def test_no_findings(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = 1\n"})
    empty = run(tmp_path)
    assert text(empty, "full", tmp_path) == "No findings in 1 file.\n"
    assert text(empty, "concise", tmp_path) == "No findings in 1 file.\n"
    assert json.loads(text(empty, "json", tmp_path)) == []
    assert json.loads(text(empty, "gitlab", tmp_path)) == []
    assert text(empty, "json-lines", tmp_path) == text(empty, "github", tmp_path) == ""
    assert json.loads(text(empty, "sarif", tmp_path))["runs"][0]["results"] == []
    assert ElementTree.fromstring(text(empty, "junit", tmp_path)).get("failures") == "0"


def test_colours_only_when_wanted(analysis: Analysis, tmp_path: Path) -> None:
    for form in FORMATS:
        assert "\x1b" not in text(analysis, form, tmp_path)
    assert "\x1b[1;31mLA101\x1b[0m" in text(analysis, "full", tmp_path, colour=True)
    assert "\x1b[1;36mLA102\x1b[0m" in text(analysis, "concise", tmp_path, colour=True)


def test_long_lines_are_cut_around_the_mark(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": f"{'x' * 300};\\\n  {'y' * 90}, loss(z) # report LA101 # {'z' * 300}\n"})
    lines = text(run(tmp_path), "full", tmp_path, width=80).split("\n")
    assert all(columns(line) <= 80 for line in lines[1:4])
    assert lines[3].rstrip().endswith("^")


def test_escape_sequences_in_code_stay_harmless(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "loss('\x1b[31m')  # report LA101\n"})
    found = run(tmp_path)
    assert "\x1b" not in text(found, "full", tmp_path)
    ElementTree.fromstring(text(found, "junit", tmp_path))


def test_concise(analysis: Analysis, tmp_path: Path) -> None:
    lines = text(analysis, "concise", tmp_path).splitlines()
    assert lines[0].startswith("a b,c:d.py:1:1: LA105 sigmoid-before-bce-with-logits: ")
    assert [line.split(": ")[0] for line in lines[:-1]] == [
        "a b,c:d.py:1:1", "a b,c:d.py:2:1", "lesson.ipynb:cell 2:2:1", "note.py:1:1", "old.py:1:1", "train.py:2:2",
    ]  # fmt: skip


def test_json(analysis: Analysis, tmp_path: Path) -> None:
    rows = json.loads(text(analysis, "json", tmp_path))
    (row,) = [row for row in rows if row["filename"] == "train.py"]
    assert row == {
        "code": "LA101",
        "name": "softmax-before-cross-entropy",
        "message": "probabilities reach CrossEntropyLoss, which expects logits",
        "severity": "error",
        "confidence": "certain",
        "filename": "train.py",
        "location": {"row": 2, "column": 2},
        "end_location": {"row": 2, "column": 22},
        "cell": None,
        "loss": "torch.nn.CrossEntropyLoss",
        "trace": [
            {"filename": "train.py", "location": {"row": 2, "column": 2}, "cell": None, "message": "called here"},
            {"filename": "net.py", "location": {"row": 1, "column": 1}, "cell": None, "message": "softmax over axis 1"},
        ],
        "evidence": {"classes": 10, "lowest_loss": 1.4611501717565118},
        "help": "return the logits",
        "fix": None,
        "url": "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html",
    }
    assert [row["cell"] for row in rows if row["filename"] == "lesson.ipynb"] == [2]
    lines = text(analysis, "json-lines", tmp_path).splitlines()
    assert [json.loads(line) for line in lines] == rows


def test_github(analysis: Analysis, tmp_path: Path) -> None:
    lines = text(analysis, "github", tmp_path).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error"] * 5 + ["::notice"]
    assert lines[0].startswith("::error file=a b%2Cc%3Ad.py,line=1,col=1,endLine=1,endColumn=8,title=lossadvisor LA105")
    assert "%0Abecause: net.py:1:1 softmax over axis 1%0Ahelp: return the logits" in lines[4]


def test_gitlab(analysis: Analysis, tmp_path: Path) -> None:
    rows = json.loads(text(analysis, "gitlab", tmp_path))
    assert len({row["fingerprint"] for row in rows}) == len(rows) == 6
    assert {row["severity"] for row in rows} == {"major", "info"}
    assert rows[0]["location"] == {"path": "a b,c:d.py", "lines": {"begin": 1, "end": 1}}


def test_rows_of_a_markdown_file(tmp_path: Path) -> None:
    found = run(write(tmp_path, {"a.md": "# T\n\n```python\nx = 1\nloss(x)  # report LA101\n```\n"}))
    assert text(found, "github", tmp_path).startswith("::error file=a.md,line=5,endLine=5,title=")
    (row,) = json.loads(text(found, "gitlab", tmp_path))
    assert row["location"]["lines"] == {"begin": 5, "end": 5}
    (result,) = json.loads(text(found, "sarif", tmp_path))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 5


def test_fingerprints_survive_changes_elsewhere(analysis: Analysis, tmp_path: Path) -> None:
    def fingerprints(found: Analysis) -> set[str]:
        return {row["fingerprint"] for row in json.loads(text(found, "gitlab", tmp_path))}

    before = fingerprints(analysis)
    write(tmp_path, {"note.py": "import x\n\n\n" + ODD["note.py"], "train.py": "#\n" + ODD["train.py"]})
    assert fingerprints(run(tmp_path)) == before


def test_sarif(analysis: Analysis, tmp_path: Path) -> None:
    log = json.loads(text(analysis, "sarif", tmp_path))
    (run_,) = log["runs"]
    rules = run_["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["LA101", "LA102", "LA105", "LA900"]
    assert all(rule["helpUri"].startswith("https://") for rule in rules)
    for result in run_["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert len(result["partialFingerprints"]["lossadvisor/v1"]) == 64
    uris = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run_["results"]]
    assert uris[0] == "a%20b%2Cc%3Ad.py"
    (result,) = [result for result in run_["results"] if "net.py" in json.dumps(result)]
    way = [step["location"]["message"]["text"] for step in result["codeFlows"][0]["threadFlows"][0]["locations"]]
    assert way[0] == "softmax over axis 1"
    assert way[-1].startswith("probabilities reach")
    assert len(result["relatedLocations"]) == 2


def test_junit(analysis: Analysis, tmp_path: Path) -> None:
    root = ElementTree.fromstring(text(analysis, "junit", tmp_path))
    assert (root.get("tests"), root.get("failures")) == ("6", "6")
    assert [suite.get("name") for suite in root] == ["a b,c:d.py", "lesson.ipynb", "note.py", "old.py", "train.py"]
    assert all(case.find("failure") is not None for case in root.iter("testcase"))
