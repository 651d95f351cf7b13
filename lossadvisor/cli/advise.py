"""`lossadvisor advise`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from lossadvisor.advisor import Activation, Advice, FactError, Facts, Framework, Task, advise, checked
from lossadvisor.advisor import numeric as numeric_check
from lossadvisor.advisor.dialogue import TASK_WORDS, ask_all
from lossadvisor.advisor.facts import read_balance, read_dtype, read_range, read_shape
from lossadvisor.advisor.from_code import loss_at, read_loss, read_place
from lossadvisor.advisor.inference import infer
from lossadvisor.advisor.render import as_json, as_markdown, as_text
from lossadvisor.advisor.samples import read_sample
from lossadvisor.cli.options import Failure, settings_for

F = TypeVar("F", bound=Callable[..., Any])

_EPILOG = "Example:  lossadvisor advise --task binary --imbalance 0.02"


def _choice(kind: type[Task] | type[Framework] | type[Activation]) -> click.Choice[str]:
    return click.Choice([member.value for member in kind])


def _fact_options(function: F) -> F:
    for option in reversed(
        (
            click.option("--task", type=_choice(Task), help="What the model is trained for."),
            click.option("--classes", type=int, metavar="N", help="Number of classes, labels or words."),
            click.option("--output-shape", metavar="SHAPE", help="Shape of the model's output, such as N,3,H,W."),
            click.option("--output-activation", type=_choice(Activation), help="The last operation of the model."),
            click.option("--target-dtype", metavar="DTYPE", help="Element type of the target, such as int64."),
            click.option("--target-shape", metavar="SHAPE", help="Shape of the target."),
            click.option("--target-range", metavar="LOW,HIGH", help="Smallest and largest value of the target."),
            click.option("--imbalance", metavar="NUMBERS",
                         help="yes, the share of positives (0.02), a share per label, or counts (900,80,20)."),
            click.option("--soft-labels", is_flag=True, help="Targets are probabilities (mixup, several annotators)."),
            click.option("--label-noise", is_flag=True, help="Some labels are wrong."),
            click.option("--ignore-index", type=int, metavar="VALUE", help="A target value that does not count."),
            click.option("--mask", is_flag=True, help="A mask says which elements count."),
            click.option("--outliers", is_flag=True, help="Targets have outliers or heavy tails."),
            click.option("--uncertainty", is_flag=True, help="Predict an uncertainty as well."),
            click.option("--amp", is_flag=True, help="Mixed precision (autocast)."),
            click.option("--accumulate", is_flag=True, help="Gradients are accumulated over micro-batches."),
            click.option("--framework", type=_choice(Framework), default=Framework.PLAIN.value, show_default=True,
                         help="What runs the training loop."),
            click.option("--target", "target_sample", metavar="FILE",
                         help="Infer from a sample of targets: .pt, .npy or .csv."),
            click.option("--output", "output_sample", metavar="FILE",
                         help="Infer from a sample of the model's output: .pt, .npy or .csv."),
        )
    ):
        function = option(function)
    return function


@click.command(epilog=_EPILOG)
@click.argument("place", required=False, metavar="[FILE:ROW]")
@_fact_options
@click.option("--loss", "prefer", metavar="ID", help="Put this one of the proposals first.")
@click.option("--output-format", "form", type=click.Choice(["text", "json", "markdown"]), default="text",
              show_default=True)
@click.option("--script/--no-script", default=True, help="Show the complete script (text form).")
@click.option("--check/--no-check", "run_check", default=None,
              help="Run the proposed pair on a tiny problem. By default when torch is installed.")
def advise_command(
    place: str | None, prefer: str | None, form: str, script: bool, run_check: bool | None, **options: Any
) -> int:
    """From the task to the right loss.

    Facts come from options, from samples (--target, --output), from the loss call at FILE:ROW, or, in a terminal and
    without any of them, from questions.
    """
    try:
        facts, notices = _facts(place, options)
        advice = advise(facts, prefer)
    except FactError as error:
        raise Failure(str(error)) from None
    for notice in notices:
        print(notice, file=sys.stderr)
    _write(_checked(advice, run_check), form, script)
    return 0


def _checked(advice: Advice, wanted: bool | None) -> Advice:
    if wanted is True and not numeric_check.available():
        raise Failure("--check needs torch: pip install 'lossadvisor[runtime]', or leave the option out")
    return checked(advice) if wanted or (wanted is None and numeric_check.available()) else advice


def _write(advice: Advice, form: str, script: bool) -> None:
    if form == "json":
        sys.stdout.write(json.dumps(as_json(advice), indent=2, ensure_ascii=False) + "\n")
    elif form == "markdown":
        sys.stdout.write(as_markdown(advice))
    else:
        sys.stdout.write(as_text(advice, script))


def _facts(place: str | None, options: dict[str, Any]) -> tuple[Facts, tuple[str, ...]]:
    """The facts and the lines that say where the inferred ones come from."""
    target, output = options.pop("target_sample"), options.pop("output_sample")
    facts = _given(options)
    if place is None and target is None and output is None and facts == Facts() and sys.stdin.isatty():
        return _asked(), ()
    notices: tuple[str, ...] = ()
    if place is not None:
        facts, notices = _from_code(place, facts)
    if target is not None or output is not None:
        inferred = infer(
            facts,
            read_sample(target, "--target") if target is not None else None,
            read_sample(output, "--output") if output is not None else None,
        )
        facts, notices = inferred.facts, (*notices, *inferred.lines)
    return facts, notices


def _given(options: dict[str, Any]) -> Facts:
    low_high, balance = options["target_range"], options["imbalance"]
    return Facts(
        task=Task(options["task"]) if options["task"] else None,
        classes=options["classes"],
        output_shape=_shape(options, "output_shape"),
        output_activation=Activation(options["output_activation"]) if options["output_activation"] else None,
        target_shape=_shape(options, "target_shape"),
        target_dtype=read_dtype(options["target_dtype"]) if options["target_dtype"] else None,
        target_range=read_range(low_high) if low_high is not None else None,
        imbalance=read_balance(balance) if balance is not None else None,
        framework=Framework(options["framework"]),
        ignore_index=options["ignore_index"],
        **{name: options[name] for name in (
            "soft_labels", "label_noise", "mask", "outliers", "uncertainty", "amp", "accumulate"
        )},
    )


def _shape(options: dict[str, Any], name: str) -> Any:
    text = options[name]
    return None if text is None else read_shape(text, "--" + name.replace("_", "-"))


def _asked() -> Facts:
    for task in Task:
        click.echo(f"  {task.value:<15} {TASK_WORDS[task]}", err=True)
    task = Task(click.prompt("Task", type=_choice(Task), show_choices=False, err=True))
    return ask_all(Facts(task), lambda text, default: str(click.prompt(text, default=default, err=True)))


def _from_code(place: str, said: Facts) -> tuple[Facts, tuple[str, ...]]:
    """The facts of the loss call at a place; its file is analysed with the project around it."""
    from lossadvisor.config import ConfigError
    from lossadvisor.engine import analyse

    where = read_place(place)
    cwd = Path.cwd()
    try:
        report = analyse((where.file,), settings_for({}, cwd), cwd)
    except ConfigError as error:
        raise Failure(str(error)) from None
    for problem in report.problems:
        print(f"error: {problem}", file=sys.stderr)
    reading = read_loss(loss_at(where, report.losses), said)
    if reading.facts.task is None:
        raise FactError(f"{place}: the task does not follow from {reading.lines[0].split(': ')[1]}; add --task")
    return reading.facts, reading.lines
