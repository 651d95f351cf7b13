"""Every script is run: it starts where chance is, trains to near its minimum and predicts what it should."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from lossadvisor.advisor import Balance, Facts, Task, advise, checked  # noqa: E402
from lossadvisor.advisor.answer import proposal_script  # noqa: E402
from lossadvisor.advisor.knowledge import QUESTIONS, RECIPES, by_id  # noqa: E402
from lossadvisor.advisor.settings import setting_of  # noqa: E402
from lossadvisor.advisor.traits import Trait, traits  # noqa: E402
from lossadvisor.runtime.pair import PairLine, PairScript, check_pair  # noqa: E402

VARIANTS: dict[str, dict[str, object]] = {
    "mask": {"mask": True},
    "accumulate": {"accumulate": True},
    "mask and accumulate": {"mask": True, "accumulate": True},
    "amp": {"amp": True},
    "soft": {"soft_labels": True},
    "ignore": {"ignore_index": 255},
    "ignore and accumulate": {"ignore_index": 255, "accumulate": True},
    "imbalance": {"imbalance": Balance()},
    "noise": {"label_noise": True},
    "outliers": {"outliers": True},
    "uncertainty": {"uncertainty": True},
    "signs": {"target_range": (-1.0, 1.0)},
    "large": {"classes": 10_000},
}


@pytest.fixture(autouse=True, scope="module")
def _one_thread():  # type: ignore[no-untyped-def]
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def cases() -> list[tuple[str, Facts]]:
    """Every recipe, in the plainest facts under which it is offered, and each variant that is possible."""
    from lossadvisor.advisor.conflicts import check

    found: list[tuple[str, Facts]] = []
    seen: set[str] = set()
    for recipe in RECIPES:
        for change in ({}, *VARIANTS.values()):
            facts = replace(Facts(recipe.task), **change)
            if recipe.task is Task.SEGMENTATION and "binary" in recipe.id:
                facts = replace(facts, classes=2)
            try:
                check(facts)
            except ValueError:
                continue
            if "classes" in change and Trait.MANY_CLASSES not in recipe.needs:
                continue
            if recipe.needs <= traits(facts) and not recipe.lacks & traits(facts):
                text = recipe.id + proposal_script(recipe.id, setting_of(facts)).text
                if text not in seen:
                    seen.add(text)
                    found.append((recipe.id, facts))
    return found


CASES = cases()


def _id(value: object) -> str:
    if isinstance(value, str):
        return value
    return "+".join(name for name, change in VARIANTS.items() if all(getattr(value, k) == v for k, v in change.items()))


def test_every_recipe_is_among_the_cases() -> None:
    assert {recipe for recipe, _ in CASES} == set(by_id)


@pytest.mark.parametrize(("recipe", "facts"), CASES, ids=_id)
def test_scripts_train_to_near_their_minimum(recipe: str, facts: Facts) -> None:
    answer = checked(advise(facts, prefer=recipe))
    assert answer.best.id == recipe
    assert all(line.holds for line in answer.check), answer.check
    assert {"finite", "gradient", "minimum", "agreement"} <= {line.name for line in answer.check}


@pytest.mark.parametrize("classes", [2, 10, 32])
@pytest.mark.parametrize("task", [Task.ORDINAL, Task.MULTICLASS, Task.SEGMENTATION], ids=lambda task: task.value)
def test_the_number_of_classes_does_not_matter(task: Task, classes: int) -> None:
    assert all(line.holds for line in checked(advise(Facts(task, classes=classes))).check)


def test_every_question_has_a_script_among_the_cases() -> None:
    assert {question.recipe for question in QUESTIONS} <= {recipe for recipe, _ in CASES}


def broken(recipe: str, old: str, new: str) -> tuple[PairLine, ...]:
    """The outcome of the check on a script with a mistake in it."""
    script = proposal_script(recipe, setting_of(Facts(by_id[recipe].task)))
    setup = script.setup.replace(old, new)
    assert setup != script.setup
    return check_pair(PairScript(setup, script.loop, script.chance, script.floor, script.signed, script.arguments))


@pytest.mark.parametrize(
    ("recipe", "old", "new", "fails"),
    [
        ("multiclass", "(model(features), labels)", "(model(features).softmax(1), labels)", "minimum"),
        ("binary-one-logit", "criterion(logits, labels)", "criterion(logits.sigmoid(), labels)", "minimum"),
        ("multiclass-nll", "nn.LogSoftmax(dim=1)", "nn.Softmax(dim=1)", "sign"),
        ("regression-mse", ".squeeze(1)  # (N,)", "  # (N, 1)", "minimum"),
        ("distillation-kl", "batchmean", "mean", "chance"),
        ("multilabel", "torch.randn(128, 8)", "torch.randn(128, 8) * float('nan')", "finite"),
        ("ranking-margin", "torch.ones(128)", "torch.zeros(128)", "gradient"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_the_check_catches_mistakes(recipe: str, old: str, new: str, fails: str) -> None:
    lines = broken(recipe, old, new)
    assert not next(line for line in lines if line.name == fails).holds, lines


def test_a_script_runs_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(advise(Facts(Task.MULTICLASS)).best.snippet)
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.startswith("loss ") and done.stderr == ""


def test_the_check_leaves_the_random_state() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    checked(advise(Facts(Task.BINARY)))
    assert torch.equal(torch.rand(3), expected)
