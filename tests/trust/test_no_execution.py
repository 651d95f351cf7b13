# ruff: noqa: E501 (tables of program texts, one row each)
"""No command but `run` and `validate --import` executes anything of the checked repository, or writes beside its cache."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


class _Bomb:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def _plant(folder: Path, marks: Path) -> None:
    marks.mkdir()
    count = iter(range(100))

    def bomb() -> str:
        return f"open({str(marks / f'mark{next(count)}')!r}, 'w').close()\n"

    guilty = "import torch.nn.functional as F\nloss = F.cross_entropy(F.softmax(x, dim=1), y)\n"
    for name in ("conftest.py", "setup.py", "sitecustomize.py", "usercustomize.py", "torch.py", "libcst.py", "click.py",
                 "lossadvisor.py", "json.py", "ast.py", "train.py", "pkg/__init__.py", "pkg/__main__.py"):  # fmt: skip
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(bomb() + guilty)
    source = [bomb(), f"!touch {marks / 'shell'}\n", "%run train.py\n", guilty]
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []}]
    (folder / "lesson.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (folder / "README.md").write_text("```python\n" + bomb() + guilty + "```\n")
    default = f"def f(x=__import__('os').system('touch {marks / 'default'}')):\n    pass\n"
    decorated = f"@__import__('os').system('touch {marks / 'decorator'}')\ndef g():\n    pass\n"
    meta = f"class M(metaclass=eval(\"__import__('os').system('touch {marks / 'meta'}')\")):\n    pass\n"
    (folder / "sly.py").write_text(default + decorated + meta + f"exec({bomb()!r})\neval('1')\n" + guilty)
    (folder / "pyproject.toml").write_text(
        "[tool.lossadvisor]\nselect = ['ALL']\n[tool.pytest.ini_options]\naddopts = '-p train'\n[tool.mypy]\nplugins = ['train.py']\n"
    )
    (folder / "list.txt").write_text(".\n")
    for name in ("target.pkl", "target.pt", "target.pth", "target.npy"):
        (folder / name).write_bytes(pickle.dumps(_Bomb(marks / name)))


# The command, and the status with which it ends: it must have done its work, not have failed before it.
COMMANDS: dict[tuple[str, ...], int] = {
    ("check", "."): 1, ("check", "--no-cache", "--select", "ALL", "--min-confidence", "possible", "."): 1,
    ("check", "--output-format", "sarif", "."): 1, ("check", "train.py", "lesson.ipynb"): 1, ("check", "--jobs", "2", "."): 1,
    ("check", "--isolated", "."): 1, ("check", "--statistics", "."): 1, ("check", "--diff", "--unsafe-fixes", "."): 1, ("check", "-"): 0,
    ("losses", "."): 0, ("losses", "--output-format", "json", "."): 0, ("rule", "LA101"): 0, ("rule",): 0, ("clean", "."): 0,
    ("check", "--show-settings", "."): 0, ("check", "--show-files", "."): 0, ("advise", "train.py:3"): 0,
    ("advise", "--target", "target.pkl"): 2, ("advise", "--target", "target.pt"): 2, ("advise", "--target", "target.npy"): 2,
    ("advise", "--output", "target.pth"): 2, ("validate", "train.py"): 1, ("validate", "."): 1, ("--version",): 0, ("--help",): 0,
}  # fmt: skip
WRITING: dict[tuple[str, ...], tuple[int, frozenset[str]]] = {  # besides the cache, these files and no others
    ("check", "--output-file", "report.txt", "."): (1, frozenset({"report.txt"})),
    ("check", "--write-baseline", "base.json", "."): (0, frozenset({"base.json"})),
    ("check", "--fix", "--unsafe-fixes", "--select", "LA101", "train.py"): (0, frozenset({"train.py"})),
    ("check", "--add-noqa", "--select", "LA101", "train.py"): (0, frozenset({"train.py"})),
    ("audit", "--jobs", "1", "--output", "audit.jsonl", "list.txt"): (1, frozenset({"audit.jsonl"})),
}  # fmt: skip

# Runs the program as its installed script does, and writes down what it asks of the system, while it asks.
_WATCHED = """
import os, sys
log, project, *arguments = sys.argv[1:]
handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
CHANGING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
FILES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "os.symlink", "os.truncate", "shutil.move"}
PROCESSES = {"os.system", "subprocess.Popen", "os.exec", "os.posix_spawn", "os.spawn"}
def hook(event, args):
    told = None
    if event == "open":
        path, mode, flags = args
        if isinstance(path, (str, bytes)) and isinstance(flags, int) and flags & CHANGING:
            told = os.path.join(os.getcwd(), os.fsdecode(path))
    elif event in FILES:
        told = " ".join(os.path.join(os.getcwd(), os.fsdecode(a)) for a in args[:2] if isinstance(a, (str, bytes)))
    elif event in PROCESSES or event == "pickle.find_class":
        told = repr(args)
    elif event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.", "imaplib.", "poplib.", "telnetlib.")):
        told = repr(args)
    elif event == "exec" and args[0].co_filename.startswith(project):
        told = args[0].co_filename
    elif event == "import" and isinstance(args[1], str) and args[1].startswith(project):
        told = args[1]
    if told is not None:
        os.write(handle, (event + chr(9) + told.replace(chr(10), " ") + chr(10)).encode("utf-8", "replace"))
os.chdir(project)
sys.argv = ["lossadvisor", *arguments]
sys.path[:] = [entry for entry in sys.path if entry]
sys.addaudithook(hook)
from lossadvisor.cli.main import main
main()
"""


def _run(project: Path, home: Path, *command: str) -> tuple[subprocess.CompletedProcess[str], list[tuple[str, str]]]:
    """The finished process and what it asked of the system: (event, what)."""
    log = home / "events"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, str(log), str(project), *command], cwd=home, env=environment,
        capture_output=True, encoding="utf-8", timeout=180, input="import torch\n", check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    rows = [tuple(row.split("\t", 1)) for row in log.read_text("utf-8").splitlines()] if log.exists() else []
    return done, [(event, what) for event, what in rows]


_QUIET = frozenset({"/dev/null", "/dev/tty"})
_TEMPORARY = Path(tempfile.gettempdir())


def _of_torch(path: Path) -> bool:
    """Importing torch tries whether the folder for temporary files can be written."""
    return path.parent == _TEMPORARY or path.name.startswith("torchinductor")


def _asked(events: list[tuple[str, str]], project: Path, home: Path, allowed: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """What of it is not allowed: everything but changes to the cache, to the named files and their temporary twins."""
    wrong = []
    for event, what in events:
        paths = [Path(part) for part in what.split(" ")] if event == "open" or event.startswith("os.") else []
        fine = bool(paths) and all(
            str(path) in _QUIET
            or path == project
            or _of_torch(path)
            or path.is_relative_to(project / ".lossadvisor_cache")
            or (path.parent == project and (path.name in allowed or any(path.name.startswith(f".{one}.") for one in allowed)))
            for path in paths
        )
        if not fine:
            wrong.append((event, what))
    return wrong


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_is_executed(command: tuple[str, ...], tmp_path: Path) -> None:
    """No mark is left, no socket opened, no process started, nothing written but the cache."""
    if {"advise", "validate"} & set(command):
        pytest.importorskip("torch")
    project, marks = tmp_path / "project", tmp_path / "marks"
    project.mkdir()
    _plant(project, marks)
    before = _contents(project)
    done, events = _run(project, tmp_path, *command)
    assert done.returncode == COMMANDS[command], done.stderr
    assert sorted(path.name for path in marks.iterdir()) == []
    assert _asked(events, project, tmp_path) == []
    changed = {name for name, data in _contents(project).items() if before.get(name) != data}
    assert {name.split("/")[0] for name in changed} <= {".lossadvisor_cache"}
    assert set(before) <= set(_contents(project))


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_only_what_was_asked_for_is_written(command: tuple[str, ...], tmp_path: Path) -> None:
    project, marks = tmp_path / "project", tmp_path / "marks"
    project.mkdir()
    _plant(project, marks)
    before = _contents(project)
    status, files = WRITING[command]
    done, events = _run(project, tmp_path, *command)
    assert done.returncode == status, done.stderr
    assert sorted(path.name for path in marks.iterdir()) == []
    work = [one for one in _asked(events, project, tmp_path, files) if not (command[0] == "audit" and _of_workers(one))]
    assert work == []
    changed = {name for name, data in _contents(project).items() if before.get(name) != data}
    assert {name for name in changed if not name.startswith(".lossadvisor_cache")} == files


def _of_workers(event: tuple[str, str]) -> bool:
    """How the standard library starts processes of its own."""
    known = ("multiprocessing", "/dev/shm", "pymp-", "'concurrent.futures.process'", "'collections'")
    return any(word in event[1] for word in known)


def test_the_server_reads_only(tmp_path: Path) -> None:
    pytest.importorskip("pygls")
    project, marks = tmp_path / "project", tmp_path / "marks"
    project.mkdir()
    _plant(project, marks)
    before = _contents(project)
    text = (project / "train.py").read_text()
    uri = (project / "train.py").as_uri()
    messages = [
        {"id": 1, "method": "initialize", "params": {"processId": None, "rootUri": project.as_uri(), "capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": text}}},
        {"id": 2, "method": "textDocument/hover", "params": {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 12}}},
        {"id": 3, "method": "shutdown"}, {"method": "exit"},
    ]  # fmt: skip
    wire = b""
    for message in messages:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        wire += b"Content-Length: %d\r\n\r\n" % len(body) + body
    log = tmp_path / "events"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, str(log), str(project), "server"], cwd=tmp_path, env=environment,
        capture_output=True, timeout=180, input=wire, check=False,
    )  # fmt: skip
    assert b'"id":1' in done.stdout.replace(b" ", b"") and b"Traceback" not in done.stderr, done.stderr
    events = [tuple(row.split("\t", 1)) for row in log.read_text("utf-8").splitlines()]
    # The event loop wakes itself through a pair of sockets of its own; nothing is connected, bound or looked up.
    wrong = _asked([(event, what) for event, what in events if event not in ("socket.__new__",)], project, tmp_path)
    assert wrong == []
    assert sorted(path.name for path in marks.iterdir()) == []
    assert {name for name, data in _contents(project).items() if before.get(name) != data} <= {
        name for name in _contents(project) if name.startswith(".lossadvisor_cache")
    }


def test_modules_of_the_working_directory_are_not_imported(tmp_path: Path) -> None:
    """`python -m` looks there first; only a package called lossadvisor could still be taken for this one."""
    project, marks = tmp_path / "project", tmp_path / "marks"
    project.mkdir()
    _plant(project, marks)
    (project / "lossadvisor.py").unlink()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "lossadvisor", "check", "."], cwd=project, env=environment, capture_output=True,
        encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert list(marks.iterdir()) == []


@pytest.mark.parametrize("command", [("run", "sly.py"), ("validate", "--import", "own:Loss")], ids=" ".join)
def test_the_two_commands_that_execute_do(command: tuple[str, ...], tmp_path: Path) -> None:
    pytest.importorskip("torch")
    project, marks = tmp_path / "project", tmp_path / "marks"
    project.mkdir()
    marks.mkdir()
    text = f"open({str(marks / 'mark')!r}, 'w').close()\nfrom torch.nn import MSELoss as Loss\n"
    for name in ("sly.py", "own.py"):
        (project / name).write_text(text)
    done, _ = _run(project, tmp_path, *command)
    assert [path.name for path in marks.iterdir()] == ["mark"], done.stderr


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_bombs_work(tmp_path: Path) -> None:
    """The marks would be left: a file is run and a pickle is read on purpose."""
    project, marks = tmp_path / "project", tmp_path / "marks"
    project.mkdir()
    _plant(project, marks)
    subprocess.run([sys.executable, "setup.py"], cwd=project, capture_output=True, check=False)
    pickle.loads((project / "target.pkl").read_bytes())
    assert len(list(marks.iterdir())) >= 2
