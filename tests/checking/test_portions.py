"""Portions of a large project: what they hold, and that it does not matter which process evaluates them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from lossadvisor.checking import Examination, conclusion, examine, portions
from lossadvisor.checking.conclusion import joined
from lossadvisor.config import Settings
from lossadvisor.findings import Confidence, Verdict
from lossadvisor.interpreter import plan
from lossadvisor.interpreter.plan import Plan, planned
from lossadvisor.project import Project
from lossadvisor.source import Document, load_text

MODEL = """\
import torch
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 4)

    def forward(self, x):
        return {returned}
"""
TRAIN = """\
import torch.nn.functional as F

from models{number}.net import Net


def step(x, y, net=Net()):
    return F.cross_entropy(net(x), y)
"""


def documents(number: int = 6) -> list[Document]:
    """As many models in folders of their own, each with its training; every second one is wrong."""
    made = []
    for at in range(number):
        returned = "F.softmax(self.fc(x), dim=1)" if at % 2 else "self.fc(x)"
        for name, text in (("net", MODEL.format(returned=returned)), ("train", TRAIN.format(number=at))):
            made.append(load_text(text, f"models{at}/{name}.py", Path(f"/p/models{at}/{name}.py")))
    made.append(load_text("def f(:\n", "models0/broken.py", Path("/p/models0/broken.py")))
    return made


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions for any project, and processes beside the threads that tests leave behind."""
    monkeypatch.setattr(plan, "_PORTION", 300)
    monkeypatch.setattr(portions, "possible", lambda: True)


def examined(jobs: int) -> Examination:
    return examine(documents(), Settings(jobs=jobs))


def folders(made: Plan) -> list[set[str]]:
    return [{unit.document.path.parent.name for unit in portion} for portion in made.portions]


def test_a_project_of_usual_size_is_one_portion() -> None:
    assert len(planned(Project(documents())).portions) == 1


@pytest.mark.usefixtures("small")
def test_a_portion_holds_whole_folders() -> None:
    found = folders(planned(Project(documents())))
    assert len(found) > 2
    assert sum(map(len, found)) == len(set().union(*found)) == 6  # no folder in two portions
    assert max(map(len, found)) - min(map(len, found)) <= 1


@pytest.mark.usefixtures("small")
def test_portions_do_not_depend_on_the_order_of_files() -> None:
    assert folders(planned(Project(documents()))) == folders(planned(Project(documents()[::-1])))


@pytest.mark.usefixtures("small")
def test_the_budgets_of_portions_are_those_of_the_whole() -> None:
    made = planned(Project(documents()))
    budgets = [made.budgets(portion) for portion in made.portions]
    for kind, whole in plan.BUDGETS.items():
        pools = [one[kind].pool for one in budgets]
        assert sum(pools) == 0 or whole.pool - len(pools) <= sum(pools) <= whole.pool
        assert {(one[kind].least, one[kind].most) for one in budgets} == {(whole.least, whole.most)}


def test_named_files_are_one_portion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "_PORTION", 1)
    made = documents()
    assert len(planned(Project(made), made[:1]).portions) == 1


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("jobs", [2, 3, 9])
def test_the_same_whatever_the_number_of_processes(jobs: int) -> None:
    alone = examined(1)
    assert {finding.code for finding in alone.findings} == {"LA101"} and len(alone.losses) == 6
    assert examined(jobs) == alone


def test_portions_find_what_the_whole_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = examined(1)
    monkeypatch.setattr(plan, "_PORTION", 300)
    split = examined(1)
    assert sorted(split.findings, key=lambda one: one.span.filename) == sorted(
        whole.findings, key=lambda one: one.span.filename
    )
    assert {(loss.span, loss.verdict) for loss in split.losses} == {(loss.span, loss.verdict) for loss in whole.losses}


@pytest.mark.usefixtures("small")
def test_what_a_dying_process_took_is_made_here(monkeypatch: pytest.MonkeyPatch) -> None:
    alone, here, conclude = examined(1), os.getpid(), conclusion.conclude

    def dies(*args: object) -> Examination:
        if os.getpid() != here:
            os._exit(1)
        return conclude(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(portions, "conclude", dies)
    assert examined(3) == alone


@pytest.mark.usefixtures("small")
def test_what_listens_may_end_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    here, conclude = os.getpid(), conclusion.conclude
    heard: list[tuple[int, int]] = []

    def hangs(*args: object) -> Examination:
        if os.getpid() != here:
            time.sleep(600)
        return conclude(*args)  # type: ignore[arg-type]

    def tell(done: int, total: int) -> None:
        heard.append((done, total))
        if total:
            raise KeyboardInterrupt

    monkeypatch.setattr(portions, "conclude", hangs)
    with pytest.raises(KeyboardInterrupt):
        examine(documents(), Settings(jobs=3), tell)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # no process is left
    assert heard[-1] == (0, planned(Project(documents())).turns)


@pytest.mark.usefixtures("small")
def test_files_that_only_have_to_be_checked_are_shared() -> None:
    made = documents() + [load_text(f"n = {at}\n", f"lib/m{at}.py", Path(f"/p/lib/m{at}.py")) for at in range(40)]
    examine(made, Settings(jobs=3))
    sound = [document for document in made if document.filename != "models0/broken.py"]
    assert len(sound) == len(made) - 1 and all(document.checked for document in sound)
    assert [document.filename for document in made if document.problems] == ["models0/broken.py"]


def test_the_surest_finding_and_the_verdict_that_says_most() -> None:
    whole = examined(1)
    finding, verdict = whole.findings[0], whole.losses[0]
    doubtful = replace(finding, confidence=Confidence.POSSIBLE)
    unknown = replace(verdict, verdict=Verdict.UNKNOWN, codes=())

    def told(*found: Examination) -> Sequence[object]:
        one = joined(found)
        return one.findings, one.losses

    mine, others = Examination((finding,), (verdict,)), Examination((doubtful,), (unknown,))
    assert told(mine, others) == told(others, mine) == ((finding,), (verdict,))
