"""Facts in, advice out: rows are filtered by what holds, ranked by what fits, and made concrete."""

from __future__ import annotations

import re

from lossadvisor.advisor.conflicts import check
from lossadvisor.advisor.facts import FactError, Facts, Task
from lossadvisor.advisor.knowledge import NOTES, RECIPES
from lossadvisor.advisor.model import Advice, Note, Proposal, Recipe, Statement, Topic
from lossadvisor.advisor.observations import observe
from lossadvisor.advisor.settings import setting_of
from lossadvisor.advisor.snippets import TEMPLATES, Script, Setting, assemble
from lossadvisor.advisor.traits import traits

TOPICS = (Topic.REDUCTION, Topic.IMBALANCE, Topic.AVOID, Topic.SETTING, Topic.CHANGE)
"""The order of the sections."""


def candidates(facts: Facts) -> tuple[Recipe, ...]:
    """The recipes that apply, best first: more preferred traits that hold come first, then the order of the table."""
    holding = traits(facts)
    fitting = [
        recipe for recipe in RECIPES
        if recipe.task is facts.task and recipe.needs <= holding and not recipe.lacks & holding
    ]
    return tuple(sorted(fitting, key=lambda recipe: -len(recipe.prefers & holding)))


def advise(facts: Facts, prefer: str | None = None) -> Advice:
    """The answer for these facts. `prefer` is the id of an applicable recipe to put first.

    Raises FactError with one line when the task is missing, facts contradict each other, or no row applies.
    """
    if facts.task is None:
        tasks = ", ".join(task.value for task in Task)
        raise FactError(f"--task is missing: say what the model is trained for, one of {tasks}")
    check(facts)
    recipes = candidates(facts)
    if not recipes:
        known = "; ".join(trait.value for trait in sorted(traits(facts), key=lambda trait: trait.name))
        raise FactError(f"--task {facts.task.value}: no documented loss fits all of: {known}; drop one of them")
    if prefer is not None:
        recipes = _preferred(recipes, prefer)
    setting = setting_of(facts)
    best = recipes[0]
    return Advice(
        facts=facts,
        observations=observe(facts, best),
        proposals=tuple(_proposal(recipe, setting) for recipe in recipes),
        notes=_notes(facts, best),
        expectations=_expectations(best),
    )


def _preferred(recipes: tuple[Recipe, ...], prefer: str) -> tuple[Recipe, ...]:
    chosen = [recipe for recipe in recipes if recipe.id == prefer]
    if not chosen:
        raise FactError(f"--loss {prefer}: not among the losses that fit: {', '.join(r.id for r in recipes)}")
    return (*chosen, *(recipe for recipe in recipes if recipe.id != prefer))


def _proposal(recipe: Recipe, setting: Setting) -> Proposal:
    parts = TEMPLATES[recipe.id](setting)
    return Proposal(
        id=recipe.id, title=recipe.title, loss=_constructor(parts.criterion, recipe), contract=recipe.contract,
        why=recipe.why, last_layer=recipe.last_layer, target=recipe.target, inference=recipe.inference,
        snippet=assemble(parts, setting).text,
    )


def proposal_script(recipe: str, setting: Setting) -> Script:
    """The script of a proposal with the numbers that the check expects."""
    return assemble(TEMPLATES[recipe](setting), setting)


_ASSIGNED = re.compile(r"^(\w+) = (.*?)(?:  #.*)?$", re.MULTILINE)
_FUNCTION = re.compile(r"^def (\w+)\(", re.MULTILINE)


def _constructor(criterion: str, recipe: Recipe) -> str:
    """The constructors in a criterion's code, with known weights written in; functions by name."""
    assigned = dict(_ASSIGNED.findall(criterion))
    built = [value for value in assigned.values() if value.startswith("nn.")]
    computed = []
    for name in ("pos_weight", "class_weight"):
        value = assigned.get(name, "")
        if value.startswith("torch.tensor("):
            built = [code.replace(f"={name}", f"={value}") for code in built]
        elif value and any(f"={name}" in code for code in built):
            computed.append(f", {name} = {value}")
    built += [f"{name}(...)" for name in _FUNCTION.findall(criterion) if name.endswith("_loss")]
    return " + ".join(built) + "".join(computed) or f"{recipe.title}, a function of a few lines"


def _applies(note: Note, facts: Facts, best: Recipe) -> bool:
    return (
        (not note.tasks or facts.task in note.tasks)
        and note.needs <= traits(facts)
        and (not note.frameworks or facts.framework in note.frameworks)
        and (not note.contracts or best.contract in note.contracts)
    )


def _notes(facts: Facts, best: Recipe) -> tuple[tuple[Topic, tuple[Statement, ...]], ...]:
    sections = []
    for topic in TOPICS:
        says = tuple(note.says for note in NOTES if note.topic is topic and _applies(note, facts, best))
        if says:
            sections.append((topic, says))
    return tuple(sections)


def _expectations(best: Recipe) -> tuple[str, ...]:
    lines = ["the first loss is finite", "the gradient reaches the last layer"]
    if "negative" not in best.floor:
        lines.append("the loss is not negative" if best.id != "gan-wasserstein" else "the loss may be negative")
    if best.chance != "no claim":
        lines.append(f"with a last layer of zeros the loss is {best.chance}")
    return (*lines, f"a perfect prediction reaches {best.floor}")
