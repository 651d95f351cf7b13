"""Methods that a framework calls with what the object was built from: `Trainer(model=net)`, `compute_loss(model)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import Constant, Dict, Func, Known, Obj, Opaque, Value
from lossadvisor.late import dataclass

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.interpreter.scopes import Frame


@dataclass(frozen=True, slots=True)
class Driver:
    """A base class: what its constructor keeps, by position and name, and what it hands to methods of subclasses.

    `hands` names, for a method, the attribute that stands at each position after `self`; None for anything else.
    """

    bases: tuple[str, ...]
    keeps: tuple[tuple[int, str], ...]
    hands: dict[str, tuple[str | None, ...]]
    source: str


DRIVERS: tuple[Driver, ...] = (
    Driver(
        ("transformers.Trainer", "transformers.Seq2SeqTrainer", "transformers.trainer.Trainer", "trl.SFTTrainer",
         "transformers.trainer_seq2seq.Seq2SeqTrainer", "sentence_transformers.SentenceTransformerTrainer",
         "adapters.AdapterTrainer", "optimum.habana.GaudiTrainer"),
        ((0, "model"), (1, "args")),
        {"compute_loss": ("model",), "training_step": ("model",), "prediction_step": ("model",)},
        "https://huggingface.co/docs/transformers/main_classes/trainer",
    ),
    Driver(
        ("catalyst.dl.Runner", "catalyst.runners.Runner", "catalyst.dl.SupervisedRunner"),
        ((0, "model"),),
        {},
        "https://catalyst-team.github.io/catalyst/api/runners.html",
    ),
)


# The base classes of Lightning, under the names that its releases have had.
_PLACES = tuple(
    f"{package}.{module}"
    for package in ("lightning", "lightning.pytorch", "pytorch_lightning")
    for module in ("", "core.", "core.module.", "core.lightning.", "core.datamodule.")
)
_LIGHTNING = frozenset(f"{place}LightningModule" for place in _PLACES)
SAVERS = _LIGHTNING | {f"{place}LightningDataModule" for place in _PLACES}
"""Classes that have `save_hyperparameters`."""


def driver_of(name: str) -> Driver | None:
    """The row of a base class."""
    return next((row for row in DRIVERS if name in row.bases), None)


def keep(external: str, obj: Obj, arguments: Arguments) -> None:
    """What the constructor of the base class leaves in the object."""
    row = driver_of(external)
    for position, name in () if row is None else row.keeps:
        value = arguments.get(position, name)
        if value is not None:
            obj.attrs[name] = value


def hand(machine: Machine, func: Func, receiver: Value | None, parameters: cst.Parameters, frame: Frame) -> None:
    """Fill the parameters that the framework fills, where nothing else has."""
    from lossadvisor.interpreter import classes

    if not isinstance(receiver, Obj) or func.owner is None:
        return
    for external in classes.external_bases(machine, receiver.cls):
        row = driver_of(external)
        for position, attribute in enumerate(() if row is None else row.hands.get(func.name, ()), start=1):
            value = None if attribute is None else receiver.attrs.get(attribute)
            names = [parameter.name.value for parameter in parameters.params]
            if value is not None and position < len(names) and isinstance(frame.names.get(names[position]), Opaque):
                frame.names[names[position]] = value


def sent_backward(machine: Machine, func: Func | None, receiver: Value | None) -> bool:
    """Whether Lightning calls backward, without a gradient, on what the method returns.

    It does for `training_step` unless the optimization is manual; before 2.0 `training_step_end` came in between.
    Source: https://lightning.ai/docs/pytorch/stable/common/lightning_module.html
    """
    from lossadvisor.interpreter import classes

    if func is None or func.name != "training_step" or not isinstance(receiver, Obj):
        return False
    if _LIGHTNING.isdisjoint(classes.external_bases(machine, receiver.cls)):
        return False
    chosen = receiver.attrs.get("automatic_optimization")
    if chosen is None:
        chosen = classes.class_member(machine, receiver.cls, "automatic_optimization")
    automatic = chosen is None or (isinstance(chosen, Known) and chosen.value is True)
    return automatic and classes.class_member(machine, receiver.cls, "training_step_end") is None


# Methods that frameworks call with the module in evaluation mode and no gradients recorded. Sources: the pages of
# LightningModule (hooks around the validation loop) and of transformers.Trainer (evaluation_loop).
_EVALUATES = (
    (_LIGHTNING, frozenset({"validation_step", "test_step"})),
    (frozenset(DRIVERS[0].bases), frozenset({"prediction_step"})),
)
_EVALUATING = frozenset().union(*(methods for _, methods in _EVALUATES))


def evaluating(machine: Machine, func: Func, receiver: Value | None) -> tuple[str, ...]:
    """The context of a method that a framework only calls in evaluation mode."""
    from lossadvisor.interpreter import classes, contexts

    if func.name not in _EVALUATING or not isinstance(receiver, Obj):
        return ()
    external = classes.external_bases(machine, receiver.cls)
    called = any(func.name in methods and not bases.isdisjoint(external) for bases, methods in _EVALUATES)
    return (contexts.EVALUATION,) if called else ()


def save(machine: Machine, obj: Obj, arguments: Arguments) -> None:
    """`self.save_hyperparameters()`: the arguments of `__init__`, or those that are named or given, as `self.hparams`.

    Source: https://lightning.ai/docs/pytorch/stable/common/hyperparameters.html
    """
    frames = [frame for frame in machine.frames if frame.receiver is obj and frame.function is not None]
    own = next((frame for frame in reversed(frames) if frame.function and frame.function.name == "__init__"), None)
    held = obj.attrs.get("hparams")
    items: dict[Constant, Value] = dict(held.items) if isinstance(held, Dict) else {}
    tree = own.function.tree() if own is not None and own.function is not None else None
    if own is not None and tree is not None:
        names = [one.name.value for one in (*tree.params.params, *tree.params.kwonly_params)][1:]
        words = {one.value for one in arguments.args if isinstance(one, Known)}
        items |= {name: own.names[name] for name in names if name in own.names and (not words or name in words)}
        extra = own.names.get(tree.params.star_kwarg.name.value) if tree.params.star_kwarg is not None else None
        items |= extra.items if isinstance(extra, Dict) else {}
    for given in arguments.args:
        if isinstance(given, Dict):
            items |= given.items
    obj.attrs["hparams"] = Dict(items, Opaque("a hyperparameter"), obj.base, "namespace")
