"""Writes the knowledge table as documentation: `python -m lossadvisor.advisor.document docs/advisor.md`.

Without a path the document goes to standard output. A test checks that the written file is current.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from lossadvisor.advisor.answer import advise
from lossadvisor.advisor.dialogue import TASK_WORDS
from lossadvisor.advisor.facts import Task
from lossadvisor.advisor.knowledge import NOTES, QUESTIONS, RECIPES
from lossadvisor.advisor.model import Note, Recipe, Statement, Topic
from lossadvisor.advisor.render import facts_as_words

_INTRODUCTION = """\
# The advisor

`lossadvisor advise` goes from the task to the loss: constructor arguments, last layer, target conversion, inference
rule, reduction, what to avoid, what would change the answer, a complete script, and, when torch is installed, a run of
the proposed pair on a tiny problem.

```console
$ lossadvisor advise --task binary --imbalance 0.02
$ lossadvisor advise --task multiclass --classes 3 --imbalance 900,80,20
$ lossadvisor advise --target masks.npy --output logits.pt
$ lossadvisor advise train.py:88
$ lossadvisor advise                      # asks, in a terminal
$ lossadvisor advise --task language-model --classes 50257 --output-format json
```

From Python the same answer comes as dataclasses:

```python
from lossadvisor.advisor import Facts, Task, advise

answer = advise(Facts(Task.MULTILABEL, classes=5))
print(answer.best.loss)       # nn.BCEWithLogitsLoss()
print(answer.best.snippet)    # a complete script
```

Facts that contradict each other end with one line that names both. Samples (`--target`, `--output`) are read from
`.pt` (with `weights_only=True`), `.npy` and `.csv` files.

Everything below is printed from the table that the advisor reads: do not edit it here, run
`python -m lossadvisor.advisor.document docs/advisor.md`.
"""


def document() -> str:
    """The whole page."""
    return "\n".join((_INTRODUCTION, *_questions(), *_recipes(), *_notes())) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _linked(statement: Statement) -> str:
    code = f" ({statement.code})" if statement.code else ""
    return f"{_cell(statement.text)}{code} [↗]({statement.source})"


def _questions() -> Iterator[str]:
    yield "## Questions, beside what the official pages say\n"
    yield "| question | facts | the advisor's answer | what the pages say | pages |"
    yield "| --- | --- | --- | --- | --- |"
    for question in QUESTIONS:
        facts = ", ".join(f"{name} {value}" for name, value in facts_as_words(question.facts))
        best = advise(question.facts).best
        pages = " ".join(f"[{number}]({page})" for number, page in enumerate(question.sources, 1))
        answer = f"{_cell(best.title)}: `{best.loss}`"
        yield f"| {question.question} | {facts} | {answer} | {_cell(question.documented)} | {pages} |"
    yield ""


def _conditions(recipe: Recipe) -> str:
    parts = [trait.value for trait in sorted(recipe.needs, key=lambda trait: trait.name)]
    parts += ["not if " + trait.value for trait in sorted(recipe.lacks, key=lambda trait: trait.name)]
    parts += ["first if " + trait.value for trait in sorted(recipe.prefers - recipe.needs, key=lambda t: t.name)]
    return "; ".join(parts) or "always"


def _recipes() -> Iterator[str]:
    yield "## Losses by task\n"
    yield "The first row that applies is the answer, the others are its alternatives.\n"
    for task in Task:
        yield f"### {task.value}: {TASK_WORDS[task]}\n"
        yield "| loss | applies | why | last layer | target | inference | chance | minimum |"
        yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
        for recipe in RECIPES:
            if recipe.task is task:
                pieces = (recipe.why, recipe.last_layer, recipe.target, recipe.inference)
                cells = (f"`{recipe.id}`: {_cell(recipe.title)}", _conditions(recipe), *map(_linked, pieces),
                         _cell(recipe.chance), _cell(recipe.floor))
                yield f"| {' | '.join(cells)} |"
        yield ""


def _scope(note: Note) -> str:
    parts = [", ".join(task.value for task in Task if task in note.tasks) if note.tasks else "all tasks"]
    parts += [trait.value for trait in sorted(note.needs, key=lambda trait: trait.name)]
    parts += sorted(framework.value for framework in note.frameworks)
    parts += ["on " + ", ".join(sorted(note.contracts))] if note.contracts else []
    return "; ".join(parts)


def _notes() -> Iterator[str]:
    for topic in Topic:
        yield f"## {topic.value}\n"
        yield "| statement | applies |"
        yield "| --- | --- |"
        yield from (f"| {_linked(note.says)} | {_scope(note)} |" for note in NOTES if note.topic is topic)
        yield ""


def main(arguments: list[str]) -> int:
    """Write the document to the named file, or to standard output."""
    if len(arguments) > 1:
        print("error: give one file to write, such as docs/advisor.md", file=sys.stderr)
        return 2
    if arguments:
        Path(arguments[0]).write_text(document(), encoding="utf-8")
    else:
        sys.stdout.write(document())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
