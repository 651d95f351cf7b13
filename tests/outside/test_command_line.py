"""The commands as their users call them, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from scratch import notebook, write

from lossadvisor import __version__

Run = Callable[..., "subprocess.CompletedProcess[str]"]
FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "two_files"

NET = """import torch.nn as nn
import torch.nn.functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        return F.softmax(self.head(x), dim=1)
"""
TRAIN = """import torch.nn as nn
from net import Net

model = Net()
criterion = nn.CrossEntropyLoss()

def step(x, y):
    return criterion(model(x), y)
"""
PROJECT = {"pyproject.toml": "", "net.py": NET, "train.py": TRAIN}


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found


def test_a_finding_across_files(lossadvisor: Run) -> None:
    done = lossadvisor("check", cwd=FIXTURE)
    assert done.returncode == 1
    assert "src/garden/train.py:20:30: LA101 softmax-before-cross-entropy" in done.stdout
    assert "src/garden/net.py:21:16" in done.stdout
    assert "return F.softmax(x, dim=1)" in done.stdout
    assert done.stderr == ""


def test_exit_statuses(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, PROJECT)
    assert lossadvisor("check").returncode == 1
    assert lossadvisor("check", "--exit-zero").returncode == 0
    assert lossadvisor("check", "--ignore", "LA1").returncode == 0
    assert lossadvisor("check", "gone").returncode == 2
    assert lossadvisor("check", "gone", "--exit-zero").returncode == 2
    assert lossadvisor("check", "net.py", "gone").stderr == "error: gone: no such file or directory\n"


def test_notes_fail_only_when_asked(lossadvisor: Run, tmp_path: Path) -> None:
    note = TRAIN.replace("criterion(model(x), y)", "criterion(F.log_softmax(model(x), 1), y)")
    logits = NET.replace("F.softmax(self.head(x), dim=1)", "self.head(x)")
    write(tmp_path, {"net.py": logits, "train.py": "import torch.nn.functional as F\n" + note})
    done = lossadvisor("check", "-f", "json")
    assert [(row["code"], row["severity"]) for row in rows(done)] == [("LA102", "note")]
    assert done.returncode == 0
    assert lossadvisor("check", "--fail-on", "note").returncode == 1
    write(tmp_path, {"lossadvisor.toml": "fail-on = 'note'\n"})
    assert lossadvisor("check").returncode == 1
    assert lossadvisor("check", "--isolated").returncode == 0


def test_a_folder_without_python(lossadvisor: Run, tmp_path: Path) -> None:
    done = lossadvisor("check")
    assert (done.returncode, done.stdout) == (0, "No findings in 0 files.\n")
    assert done.stderr == "warning: no Python files, notebooks or Markdown files under .\n"
    assert rows(lossadvisor("check", "--output-format", "json")) == []


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["check", "--select", "LA999"], "error: --select: unknown rule 'LA999' (did you mean"),
        (["check", "--ignore", "softmax-before-ce"], "'softmax-before-ce' (did you mean \"softmax-before-"),
        (["check", "--output-format", "jsn"], "'jsn' is not one of"),
        (["check", "--baseline", "gone.json"], "error: gone.json: No such file or directory (write one with"),
        (["check", "--config", "gone.toml"], "error: gone.toml: No such file or directory"),
        (["check", "--select", "LA1O1"], "unknown rule 'LA1O1' (did you mean \"LA101\"?)"),
        (["check", "--isolated", "--config", "x.toml"], "give it or --config, not both"),
        (["check", "--add-noqa", "--diff"], "give it or --diff, not both"),
        (["check", "--add-noqa", "--fix"], "give it or --fix, not both"),
        (["check", "--project-root", "gone"], "error: --project-root: gone: no such folder"),
        (["check", "--add-noqa", "-"], "name one instead of standard input"),
        (["check", "--stdin-filename", "a.py", "b.py"], "give '-' instead of the paths"),
        (["chek"], "error: no command 'chek' (did you mean \"check\"?)"),
        (["check", "--selct", "LA1"], "No such option"),
        (["rule", "LA999"], "error: no rule is called 'LA999'; did you mean LA"),
        (["check", "-o", "net.py/x"], "error: net.py/x: "),
    ],
)
def test_wrong_usage(lossadvisor: Run, tmp_path: Path, args: list[str], told: str) -> None:
    write(tmp_path, PROJECT)
    done = lossadvisor(*args)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_a_wrong_configuration(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {**PROJECT, "pyproject.toml": "[tool.lossadvisor]\nselct = ['LA1']\n"})
    done = lossadvisor("check")
    assert done.returncode == 2
    assert done.stderr == f"error: {tmp_path / 'pyproject.toml'}: unknown key 'selct' (did you mean \"select\"?)\n"
    assert lossadvisor("check", "--isolated").returncode == 1


def test_the_configuration_nearest_to_the_paths_holds(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {f"p/{name}": text for name, text in PROJECT.items()})
    write(tmp_path, {"p/lossadvisor.toml": "ignore = ['LA1']\n", "lossadvisor.toml": "", "q/x.py": "x = 1\n"})
    assert lossadvisor("check", "p").returncode == 0
    assert lossadvisor("check", "p/train.py", "p/net.py").returncode == 0
    assert lossadvisor("check", "p", "q").returncode == 1
    assert lossadvisor("check").returncode == 1


def test_one_broken_file_stops_no_other(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {**PROJECT, "broken.py": "def f(:\n", "old.py": "print 'x'\n", "bad.ipynb": "{"})
    (tmp_path / "bytes.py").write_bytes(b"x = '\xff'\n")
    (tmp_path / "null.py").write_bytes(b"x = 1\0\n")
    done = lossadvisor("check", "--output-format", "json")
    assert done.returncode == 1
    assert [(row["code"], row["filename"]) for row in rows(done)] == [
        ("LA902", "bad.ipynb"), ("LA900", "broken.py"), ("LA902", "bytes.py"), ("LA902", "null.py"),
        ("LA900", "old.py"), ("LA101", "train.py"),
    ]  # fmt: skip


def test_python2_is_still_analysed(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {"net.py": NET, "train.py": TRAIN + "\nprint 'loss', step(1, 2)\n"})
    found = rows(lossadvisor("check", "--output-format", "json"))
    assert [(row["code"], row["location"]) for row in found] == [
        ("LA101", {"row": 8, "column": 22}), ("LA900", {"row": 10, "column": 1}),
    ]  # fmt: skip


def test_selecting(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {**PROJECT, "broken.py": "def f(:\n"})

    def codes(*args: str) -> list[object]:
        return [row["code"] for row in rows(lossadvisor("check", "--output-format", "json", *args))]

    assert codes() == ["LA900", "LA101"]
    assert codes("--select", "LA1") == ["LA101"]
    assert codes("--select", "syntax-error") == ["LA900"]
    assert codes("--select", "LA9,LA102") == ["LA900"]
    assert codes("--select", "LA9", "--extend-select", "softmax-before-cross-entropy") == ["LA900", "LA101"]
    assert codes("--ignore", "LA101") == ["LA900"]
    write(tmp_path, {"lossadvisor.toml": "[per-file-ignores]\n'broken.py' = ['LA900']\n"})
    assert codes() == ["LA101"]


def test_suppressing(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, PROJECT)
    assert lossadvisor("check", "--add-noqa").returncode == 0
    assert (tmp_path / "train.py").read_text().endswith("    return criterion(model(x), y)  # noqa: LA101\n")
    assert lossadvisor("check").returncode == 0
    write(tmp_path, {"net.py": NET.replace("F.softmax(self.head(x), dim=1)", "self.head(x)")})
    found = rows(lossadvisor("check", "--output-format", "json"))
    assert [(row["code"], row["location"]) for row in found] == [("LA901", {"row": 8, "column": 38})]


def test_notebooks(lossadvisor: Run, tmp_path: Path) -> None:
    cells = (("markdown", "# A"), "%matplotlib inline\n" + NET, "!ls\n\n" + TRAIN.replace("from net import Net\n", ""))
    write(tmp_path, {"lesson.ipynb": notebook(*cells)})
    (row,) = rows(lossadvisor("check", "--output-format", "json"))
    assert (row["code"], row["filename"], row["cell"]) == ("LA101", "lesson.ipynb", 3)
    assert row["location"] == {"row": 9, "column": 22}
    trace = row["trace"]
    assert isinstance(trace, list)
    assert (trace[-1]["cell"], trace[-1]["location"]["row"]) == (2, 11)
    assert "lesson.ipynb:cell 3:9:22: LA101" in lossadvisor("check", "-f", "concise").stdout


def test_markdown(lossadvisor: Run, tmp_path: Path) -> None:
    both = NET + TRAIN.replace("from net import Net\n", "")
    write(tmp_path, {"README.md": f"# T\n\n```python\n{both}```\n\n```python\nbroken(\n```\n"})
    (row,) = rows(lossadvisor("check", "--output-format", "json"))
    assert (row["code"], row["cell"], row["location"]) == ("LA101", 1, {"row": 17, "column": 22})


def test_standard_input(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "net.py": NET})
    done = lossadvisor("check", "-", "--stdin-filename", "train.py", "-f", "concise", stdin=TRAIN)
    assert done.stdout.startswith("train.py:8:22: LA101 ")
    assert done.returncode == 1
    assert lossadvisor("check", "-", stdin="x = 1\n").stdout == "No findings in 1 file.\n"
    (row,) = rows(lossadvisor("check", "-", "--stdin-filename", "a.ipynb", "-f", "json", stdin="{"))
    assert (row["code"], row["filename"]) == ("LA902", "a.ipynb")


def test_a_name_for_standard_input_is_enough(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "net.py": NET, "other.py": "broken("})
    done = lossadvisor("check", "--stdin-filename", "train.py", "-f", "concise", stdin=TRAIN)
    assert [line[:20] for line in done.stdout.splitlines()] == ["train.py:8:22: LA101", "1 finding (1 error) "]


def test_the_name_of_standard_input_finds_its_configuration(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "", "lib/lossadvisor.toml": "ignore = ['LA101']\n", "lib/net.py": NET})
    assert lossadvisor("check", "-", "--stdin-filename", "lib/train.py", stdin=TRAIN).returncode == 0
    assert lossadvisor("check", "-", "--stdin-filename", "lib/train.py", "--isolated", stdin=TRAIN).returncode == 1


def test_an_excluded_text_on_standard_input(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": ""})
    text = NET + TRAIN.replace("from net import Net\n", "")
    args = ("check", "-", "--stdin-filename", "build/train.py", "-f", "json")
    assert [row["code"] for row in rows(lossadvisor(*args, stdin=text))] == ["LA101"]
    assert rows(lossadvisor(*args, "--force-exclude", stdin=text)) == []
    done = lossadvisor(*args, "--force-exclude", "--fix", "--unsafe-fixes", stdin=text)
    assert "warning" not in done.stderr
    assert (done.returncode, done.stdout) == (0, text)  # an editor would replace its text by nothing


def test_comments_that_suppress_nothing_get_no_comment(lossadvisor: Run, tmp_path: Path) -> None:
    text = "x = 1  # noqa: LA101\ny = 2  # lossadvisor: ignore[LA101] why\n"
    write(tmp_path, {"a.py": text})
    done = lossadvisor("check", "--add-noqa")
    assert "2 LA901 left: --fix takes" in done.stderr
    assert (tmp_path / "a.py").read_text() == text


def test_single_files_as_pre_commit_passes_them(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {**PROJECT, "other.py": "x = 1\n", "broken.py": "def f(:\n"})
    for given, codes in (("train.py", ["LA101"]), ("net.py", ["LA101"]), ("other.py", []), ("broken.py", ["LA900"])):
        assert [row["code"] for row in rows(lossadvisor("check", "-f", "json", given))] == codes


def test_the_same_from_every_folder_and_hash_seed(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, {f"p/{name}": text for name, text in PROJECT.items()})
    inside = lossadvisor("check", "-f", "json", cwd=tmp_path / "p", PYTHONHASHSEED="1").stdout
    outside = lossadvisor("check", "-f", "json", "p", PYTHONHASHSEED="2", LC_ALL="C").stdout
    assert outside.replace('"p/', '"') == inside
    assert '"LA101"' in inside


def test_baseline(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, PROJECT)
    assert lossadvisor("check", "--write-baseline", "base.json").returncode == 0
    assert lossadvisor("check", "--baseline", "base.json").returncode == 0
    write(tmp_path, {"lossadvisor.toml": "baseline = 'base.json'\n"})
    assert lossadvisor("check").returncode == 0
    write(tmp_path, {"train.py": TRAIN.replace("model(x), y", "model(x * 2), y")})
    done = lossadvisor("check")
    assert done.returncode == 1
    assert "warning: base.json: stale entry: LA101 in train.py" in done.stderr


def test_other_outputs(lossadvisor: Run, tmp_path: Path) -> None:
    write(tmp_path, PROJECT)
    done = lossadvisor("check", "--output-file", "out/report.json", "--output-format", "json")
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads((tmp_path / "out/report.json").read_text())[0]["code"] == "LA101"
    assert lossadvisor("check", "--statistics").stdout == "1\tLA101\t[ ] softmax-before-cross-entropy\n"
    assert rows(lossadvisor("check", "--statistics", "-f", "json"))[0]["count"] == 1
    assert lossadvisor("check", "--show-files").stdout == "net.py\ntrain.py\n"
    shown = lossadvisor("check", "--show-settings", "--select", "LA101", "--min-confidence", "possible").stdout
    assert 'select = ["LA101"]\nmin-confidence = "possible"\n' in shown
    assert "\x1b[" in lossadvisor("check", FORCE_COLOR="1").stdout
    assert "\x1b[" not in lossadvisor("check", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_losses(lossadvisor: Run, tmp_path: Path) -> None:
    more = "\nimport torch.nn.functional as F\n\ndef other(x, y):\n    return F.mse_loss(x, y)\n"
    write(tmp_path, {**PROJECT, "train.py": TRAIN + more})
    done = lossadvisor("losses")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("2 loss calls: ")
    assert ": finding LA101 torch.nn.CrossEntropyLoss: input probabilities" in done.stdout
    found = rows(lossadvisor("losses", "--output-format", "json"))
    assert [row["codes"] for row in found] == [["LA101"], []]
    keys = {"filename", "location", "cell", "loss", "verdict", "codes", "input", "target", "reason", "trace"}
    assert all(keys <= set(row) for row in found)


def test_sizes_of_losses_are_numbers_or_unknown(lossadvisor: Run, tmp_path: Path) -> None:
    text = """
    import torch
    from torch import nn

    criterion = nn.MSELoss()

    def step(outputs):
        return criterion(torch.zeros(outputs.shape[0], 3), torch.ones(len(outputs), 3))
    """
    write(tmp_path, {"sizes.py": dedent(text)})
    (found,) = rows(lossadvisor("losses", "--output-format", "json"))
    assert (found["input"]["shape"], found["target"]["shape"]) == ([None, 3], [None, 3])


def test_rule(lossadvisor: Run) -> None:
    page = lossadvisor("rule", "LA101").stdout
    assert page.startswith("# softmax-before-cross-entropy (LA101)")
    assert lossadvisor("rule", "softmax-before-cross-entropy").stdout == page
    found = json.loads(lossadvisor("rule", "LA101", "--output-format", "json").stdout)
    assert (found["code"], found["severity"]) == ("LA101", "error")
    assert "Why it is bad" in found["sections"]
    prefix = lossadvisor("rule", "LA9").stdout.splitlines()
    assert [line.split()[0] for line in prefix] == ["LA900", "LA901", "LA902"]
    assert len(rows(lossadvisor("rule", "LA9", "-f", "json"))) == 3
    listed = lossadvisor("rule").stdout.splitlines()
    assert listed[0].startswith("LA101 ")
    assert len(listed) >= 18


def test_help_and_version(lossadvisor: Run) -> None:
    assert lossadvisor("--version").stdout == f"lossadvisor {__version__}\n"
    for args in ((), ("check",), ("losses",), ("rule",)):
        done = lossadvisor(*args, "--help")
        assert done.returncode == 0
        assert "Example:" in done.stdout
        assert len(done.stdout.splitlines()) <= 60


def test_no_command_shows_the_help(lossadvisor: Run) -> None:
    done = lossadvisor()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == lossadvisor("--help").stdout
    assert len(done.stderr.splitlines()) <= 24
    assert max(map(len, done.stderr.splitlines())) <= 80


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_no_crash(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "lossadvisor", "rule"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True,
            env={"PYTHONPATH": str(root), "PATH": ""}, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "error: No space left on device\n")


def test_a_closed_pipe_is_no_crash(tmp_path: Path) -> None:
    write(tmp_path, {f"{number}.py": "print 'x'\n" for number in range(200)})
    command = [sys.executable, "-m", "lossadvisor", "check"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PYTHONPATH": str(root), "PATH": ""}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        told = process.stderr.read()
    assert told == b""


def test_a_stream_that_was_never_open_is_no_crash(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "print 'x'\n"})
    root = Path(__file__).resolve().parents[2]
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        done = subprocess.run(
            ["/bin/sh", "-c", f'"$0" -m lossadvisor check {closed}', sys.executable], cwd=tmp_path, capture_output=True,
            env={"PYTHONPATH": str(root)}, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (1, b"")
        assert (b"LA900" in done.stdout) is (">&-" not in closed.replace("2>&-", ""))


def test_nothing_of_the_checked_code_runs(lossadvisor: Run, tmp_path: Path) -> None:
    code = "import torch\nopen('made', 'w')\nraise SystemExit(9)\n"
    write(tmp_path, {"a.py": code, "torch.py": code, "conftest.py": code, "setup.py": code})
    assert lossadvisor("check").returncode == 0
    assert not (tmp_path / "made").exists()
