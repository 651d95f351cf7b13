"""A model and a criterion handed together to something that is not followed: a trainer will call one on the other.

For the trainers of the table the pairing is documented; for anything else it is a guess, and said to be one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.contracts import by_name
from lossadvisor.interpreter.events import Argument, LossCall
from lossadvisor.interpreter.values import Cls, External, Layer, Obj, Opaque, Seq, Single, Value, options
from lossadvisor.late import dataclass
from lossadvisor.transfers import OPERATIONS
from lossadvisor.values import Place

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine


@dataclass(frozen=True, slots=True)
class Trainer:
    """A call that pairs a model with a criterion. `log_for` names contracts whose input it takes the log of."""

    name: str
    model: tuple[int, str]
    criterion: tuple[int, str]
    source: str
    default: str | None = None  # the criterion when none is given
    log_for: tuple[str, ...] = ()


_SKORCH = "https://skorch.readthedocs.io/en/stable/classifier.html"
TRAINERS: dict[str, Trainer] = {
    row.name: row
    for row in (
        Trainer("skorch.NeuralNetClassifier", (0, "module"), (1, "criterion"), _SKORCH, "torch.nn.NLLLoss", ("nll",)),
        Trainer("skorch.NeuralNetBinaryClassifier", (0, "module"), (1, "criterion"), _SKORCH,
                "torch.nn.BCEWithLogitsLoss"),
        Trainer("skorch.NeuralNet", (0, "module"), (1, "criterion"), _SKORCH),
        Trainer("skorch.classifier.NeuralNetClassifier", (0, "module"), (1, "criterion"), _SKORCH,
                "torch.nn.NLLLoss", ("nll",)),
        Trainer("ignite.engine.create_supervised_trainer", (0, "model"), (2, "loss_fn"),
                "https://docs.pytorch.org/ignite/generated/ignite.engine.create_supervised_trainer.html"),
        Trainer("fastai.learner.Learner", (1, "model"), (2, "loss_func"), "https://docs.fast.ai/learner.html"),
        Trainer("fastai.vision.all.Learner", (1, "model"), (2, "loss_func"), "https://docs.fast.ai/learner.html"),
        Trainer("fastai.basics.Learner", (1, "model"), (2, "loss_func"), "https://docs.fast.ai/learner.html"),
        Trainer("fastai.tabular.all.Learner", (1, "model"), (2, "loss_func"), "https://docs.fast.ai/learner.html"),
        Trainer("poutyne.Model", (0, "network"), (2, "loss_function"), "https://poutyne.org/model.html"),
        Trainer("torchbearer.Trial", (0, "model"), (2, "criterion"), "https://torchbearer.readthedocs.io/"),
    )
}

MOST_CALLS = 12
KNOWN, GUESSED = 1, 2
"""Points of doubt: a documented trainer, and any other receiver of a model and a criterion."""


def pair(machine: Machine, name: str, arguments: Arguments, node: cst.Call | None) -> None:
    """Judge the criterion on the model's output, as the trainer will."""
    if node is None or len(machine.calls) > MOST_CALLS:
        return
    place = machine.place(node)
    if name in TRAINERS:
        _documented(machine, TRAINERS[name], arguments, place)
        return
    values = [*arguments.args, *arguments.keywords.values()]
    models = [value for value in values if _is_model(value)]
    criteria = [value for value in values if _is_criterion(value)]
    if len(models) == 1 and len(criteria) == 1:
        _judge(machine, None, models[0], criteria[0], place, GUESSED)


def initialised(machine: Machine, base: str, obj: Obj, arguments: Arguments) -> None:
    """`super().__init__(module, criterion)` of a trainer that inherits from one of the table."""
    if base in TRAINERS and obj.place is not None and len(machine.calls) <= MOST_CALLS:
        _documented(machine, TRAINERS[base], arguments, obj.place)


def _documented(machine: Machine, row: Trainer, arguments: Arguments, place: Place) -> None:
    model = arguments.get(*row.model)
    given = arguments.get(*row.criterion)
    criterion: Value | None = given if given is not None else External(row.default) if row.default else None
    if model is not None and criterion is not None:
        _judge(machine, row, model, criterion, place, KNOWN)


def _is_model(value: Value) -> bool:
    match value:
        case Seq(kind="Sequential", items=items):
            return bool(items)
        case Obj(cls=cls):
            return any(isinstance(one, External) and one.name == "torch.nn.Module" for one in cls.linear or ())
        case _:
            return False


def _is_criterion(value: Value) -> bool:
    return isinstance(value, Layer) and value.name in by_name


def _judge(
    machine: Machine, row: Trainer | None, model: Value, criterion: Value, place: Place, doubt: int
) -> None:
    from lossadvisor.interpreter import calls, layers

    for _, loss in options(criterion):
        name = loss.name if isinstance(loss, Layer | External) else None
        contract = by_name.get(name) if name is not None else None
        if contract is None or name is None:
            continue
        instance = _instance(machine, model, place)
        output = calls.call(machine, instance, calls.Arguments([Opaque("a batch")], {}), None)
        if row is not None and contract.id in row.log_for:
            output = layers.operate(machine, replace(OPERATIONS["log"], name="skorch.taken_by_the_trainer"), output, {},
                                    place, None)
        port = next((port for port in contract.ports if port.role == "prediction"), None)
        if port is None:
            continue
        given = loss.keywords if isinstance(loss, Layer) else {}
        machine.events.append(
            LossCall(
                place=place,
                loss=name,
                contract=contract,
                options=layers.option_values(given),
                unknown_options=frozenset(),
                arguments={port.name: Argument(output, place)},
                path=machine.path,
                calls=tuple(machine.calls),
                assumed=False,
                made=loss.place if isinstance(loss, Layer) else None,
                doubt=doubt,
            )
        )


def _instance(machine: Machine, model: Value, place: Place) -> Single | Value:
    """skorch takes the class itself and builds it."""
    if isinstance(model, Cls):
        from lossadvisor.interpreter import calls, objects

        return objects.construct(machine, model, calls.Arguments([], {}, True, True), place)
    return model

