"""Each task has an answer, each question gets the documented one, and no row contradicts the contracts or the rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossadvisor.advisor import Balance, FactError, Facts, Framework, Task, Topic, advise
from lossadvisor.advisor.document import document
from lossadvisor.advisor.knowledge import NOTES, QUESTIONS, RECIPES
from lossadvisor.advisor.model import Question, Recipe, Statement
from lossadvisor.advisor.snippets import TEMPLATES
from lossadvisor.catalogue import rules
from lossadvisor.contracts import Relation, by_id, relation

ROOT = Path(__file__).resolve().parents[2]
OFFICIAL = "https://docs.pytorch.org/"


def statements(recipe: Recipe) -> tuple[Statement, ...]:
    return recipe.why, recipe.last_layer, recipe.target, recipe.inference


@pytest.mark.parametrize("task", Task, ids=lambda task: task.value)
def test_every_task_is_answered(task: Task) -> None:
    answer = advise(Facts(task))
    assert answer.best.snippet.startswith("import torch\n")
    topics = {topic for topic, _ in answer.notes}
    assert {Topic.REDUCTION, Topic.AVOID, Topic.CHANGE} <= topics
    assert len(answer.expectations) >= 3


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.question)
def test_questions_get_the_documented_answer(question: Question) -> None:
    offered = [proposal.id for proposal in advise(question.facts).proposals]
    assert offered[0] == question.recipe
    assert set(question.others) <= set(offered[1:])


def test_the_questions_cover_every_task() -> None:
    assert {question.facts.task for question in QUESTIONS} == set(Task)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)
def test_no_recipe_would_be_flagged_by_the_matrix(recipe: Recipe) -> None:
    if recipe.contract is None:
        return
    contract = by_id[recipe.contract]
    prediction = next((port for port in contract.ports if port.role == "prediction"), None)
    if prediction is not None:
        options = {"log_input": False} if recipe.id == "count-rate" else {}
        found = relation(contract.want(prediction, options), recipe.input_domain)
        assert found in (Relation.FITS, Relation.UNKNOWN), (prediction.name, found)
    target = contract.port("target")
    if target is not None:
        assert relation(target.want, recipe.target_domain) in (Relation.FITS, Relation.UNKNOWN)


def test_every_row_has_a_source_and_every_code_exists() -> None:
    codes = {rule.code for rule in rules()}
    said = [statement for recipe in RECIPES for statement in statements(recipe)] + [note.says for note in NOTES]
    for statement in said:
        assert statement.source.startswith("https://"), statement.text
        assert statement.code is None or statement.code in codes, statement
    for question in QUESTIONS:
        assert question.sources and all(source.startswith("https://") for source in question.sources)
    torch_losses = [recipe for recipe in RECIPES if recipe.contract is not None]
    assert all(any(s.source.startswith(OFFICIAL) for s in statements(recipe)) or recipe.task in (Task.GAN, Task.ORDINAL)
               for recipe in torch_losses)


def test_recipes_and_templates_belong_together() -> None:
    assert [recipe.id for recipe in RECIPES] == list(dict.fromkeys(recipe.id for recipe in RECIPES))
    assert {recipe.id for recipe in RECIPES} == set(TEMPLATES)


def test_weights_are_computed_from_what_is_known() -> None:
    assert "pos_weight=torch.tensor([49.0])" in advise(Facts(Task.BINARY, imbalance=Balance((0.02,)))).best.loss
    assert "torch.tensor([3.0])" in advise(Facts(Task.BINARY, imbalance=Balance((), (300, 100)))).best.loss
    assert "torch.tensor([9.0, 1.5])" in advise(Facts(Task.MULTILABEL, imbalance=Balance((0.1, 0.4)))).best.loss
    by_class = advise(Facts(Task.MULTICLASS, imbalance=Balance((), (900, 80, 20)))).best
    assert by_class.loss == "nn.CrossEntropyLoss(weight=torch.tensor([0.37037, 4.16667, 16.6667]))"
    unknown = advise(Facts(Task.BINARY, imbalance=Balance())).best
    assert "positives = labels.sum(dim=0)" in unknown.snippet


def test_dice_and_weights_are_not_stacked() -> None:
    answer = advise(Facts(Task.SEGMENTATION, classes=2, imbalance=Balance((0.02,))))
    assert "pos_weight" not in answer.best.snippet
    plain = answer.proposals[1]
    assert plain.id == "segmentation-binary-plain" and "pos_weight=torch.tensor([49.0])" in plain.loss


def test_a_chosen_loss_comes_first() -> None:
    answer = advise(Facts(Task.MULTICLASS), prefer="multiclass-nll")
    assert answer.best.id == "multiclass-nll" and answer.proposals[1].id == "multiclass"
    with pytest.raises(FactError, match="--loss nonsense: not among the losses that fit: multiclass, "):
        advise(Facts(Task.MULTICLASS), prefer="nonsense")


def test_frameworks_say_what_they_add() -> None:
    def setting(framework: Framework, task: Task = Task.MULTICLASS) -> str:
        return " ".join(s.text for topic, notes in advise(Facts(task, framework=framework)).notes for s in notes)

    assert "skorch takes the logarithm" in setting(Framework.SKORCH)
    assert "shifts the labels" in setting(Framework.TRANSFORMERS, Task.LANGUAGE_MODEL)
    assert "use_sigmoid=True" in setting(Framework.OPENMMLAB)
    assert "skorch" not in setting(Framework.PLAIN)


def test_the_document_is_current() -> None:
    written = (ROOT / "docs" / "advisor.md").read_text(encoding="utf-8")
    assert written == document(), "run python -m lossadvisor.advisor.document docs/advisor.md"
