"""`check --jobs`: the same report however many processes help, and none of them left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from lossadvisor.project import ahead
from lossadvisor.project.ahead import Ahead
from lossadvisor.project.index import build_index
from lossadvisor.project.packed import pack
from lossadvisor.source import Document, load_text

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]
MODEL = """\
from __future__ import annotations
import torch.nn as nn, os.path as p
import torch.nn.functional as F
from .helpers import *
try:
    from .other import thing
except ImportError:
    thing = None


@decorated(1, name="x")
class Net(nn.Module, metaclass=Meta):
    size: int = 3

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)


net, (criterion, *others) = Net(), (nn.CrossEntropyLoss(), 1); late = 2
loss = criterion(net(x), y)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Large enough for helpers; most of it is one string, so that it does not take long."""
    folder = tmp_path_factory.mktemp("large")
    shutil.copytree(ROOT / "fixtures", folder / "fixtures")
    table = f"TABLE = '{'0123456789' * 20_000}'\n"
    for number in range(12):
        (folder / f"part{number:02}.py").write_text(f"{MODEL}\n{table}")
    (folder / "part05.py").write_text("print 'x'\n" + table)
    (folder / "part10.py").write_text("def f(:\n    pass\n" + MODEL)
    return folder


@pytest.mark.parametrize(("command", "numbers"), [("check", "123"), ("losses", "12")], ids=["check", "losses"])
def test_the_same_report_whatever_the_number(lossadvisor: Run, project: Path, command: str, numbers: str) -> None:
    args = (command, "--no-cache", "--output-format", "json", ".", "--jobs")
    first, *others = (lossadvisor(*args, number, cwd=project) for number in numbers)
    assert first.stdout.count("LA101") > 10
    for other in others:
        assert (other.stdout, other.stderr, other.returncode) == (first.stdout, first.stderr, first.returncode)


def documents(number: int) -> list[Document]:
    made = [load_text(MODEL + f"\nn{at} = {at}\n", f"pkg/m{at}.py", Path(f"/p/pkg/m{at}.py")) for at in range(number)]
    made[number // 2] = load_text("def f(:\n", "pkg/broken.py", Path("/p/pkg/broken.py"))
    return made


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Helpers for any project, and beside the threads that tests leave behind."""
    monkeypatch.setattr(ahead, "_worth", lambda documents, jobs: jobs > 1)


def in_words(made: Sequence[Document]) -> list[object]:
    return [pack(build_index(document)) for document in made]


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("jobs", [2, 3, 5])
def test_indexes_of_helpers_are_those_made_here(jobs: int) -> None:
    expected = in_words(documents(90))
    mine = documents(90)
    with Ahead(mine, jobs, lambda document: "m7" not in document.filename) as helpers:
        made = [helpers.index(document) for document in mine]
        helpers.finish()
    sent = [at for at, index in enumerate(made) if index is not None]
    assert len(sent) > 30 and all("m7" not in mine[at].filename for at in sent)
    for at in sent:
        index = made[at]
        assert index is not None and index.document is mine[at] and pack(index) == expected[at]
        assert index.binders.keys() == build_index(mine[at]).binders.keys()
    assert [bool(document.problems) for document in mine] == [at == 45 for at in range(90)]


@pytest.mark.usefixtures("always")
def test_a_helper_that_dies_costs_nothing_but_time() -> None:
    mine = documents(90)
    with Ahead(mine, 2, lambda document: True) as helpers:
        for helper in helpers._helpers:
            os.kill(helper.process.number, signal.SIGKILL)
        made = [helpers.index(document) or build_index(document) for document in mine]
        helpers.finish()
    assert [pack(index) for index in made] == in_words(documents(90))


@pytest.mark.usefixtures("always")
def test_no_helper_outlives_an_error() -> None:
    with pytest.raises(KeyboardInterrupt), Ahead(documents(400), 3, lambda document: True) as helpers:
        processes = [helper.process.number for helper in helpers._helpers]
        raise KeyboardInterrupt
    assert len(processes) == 2
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


@pytest.fixture
def running(project: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "lossadvisor", "check", "--no-cache", "--jobs", "3", "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may ignore it
    try:
        with subprocess.Popen(
            command, cwd=project, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            yield process
            process.kill()
    finally:
        signal.signal(signal.SIGINT, before)


def alive(process: int) -> bool:
    """Whether a process still runs; one that has ended and that nobody has asked about does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def eventually(right: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not right() and time.monotonic() < end:
        time.sleep(0.01)
    return right()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are found in Linux's /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_no_helper_outlives_the_program(running: subprocess.Popen[bytes], number: signal.Signals) -> None:
    listed = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    assert eventually(lambda: running.poll() is not None or len(listed.read_text().split()) == 2)
    children = [int(word) for word in listed.read_text().split()]
    assert len(children) == 2, "the run was over before it could be interrupted"
    running.send_signal(number)
    status = running.wait(60)
    assert status == (130 if number is signal.SIGINT else -number)
    assert eventually(lambda: not any(map(alive, children)))
