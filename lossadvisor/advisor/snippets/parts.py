"""The parts of a snippet and the one skeleton that puts them together.

Every snippet is a complete script on a tiny synthetic problem: data, model, criterion, `compute_loss`, `training_step`,
`losses` (the value of every step) and `predict`. Its last lines report the first and last loss and a `quality` that is
1 for a perfect prediction. The numeric check and the tests read these names.
"""

from __future__ import annotations

import textwrap

from lossadvisor.late import dataclass

MICRO_BATCHES = 4


@dataclass(frozen=True, slots=True)
class Setting:
    """What templates need to know of the facts, with sizes filled in."""

    classes: int
    pos_weight: tuple[float, ...] = ()  # empty: unknown
    class_weight: tuple[float, ...] = ()
    imbalanced: bool = False
    soft_labels: bool = False
    ignore_index: int | None = None
    mask: bool = False
    amp: bool = False
    accumulate: bool = False

    @property
    def elements(self) -> str:
        """The reduction of a criterion on whole tensors: what a mask or accumulation asks for."""
        return "none" if self.mask else "sum" if self.accumulate else "mean"

    @property
    def reduction(self) -> str:
        """The reduction of a criterion that needs no mask of its own."""
        return "sum" if self.accumulate else "mean"


@dataclass(frozen=True, slots=True)
class Parts:
    """The pieces of one script.

    `arguments` are the tensors of a batch. `count` is the expression that a summed loss is divided by under
    accumulation (None: micro-batches of equal size are averaged). `chance` is the loss of a model whose last layer
    outputs zeros and `floor` the smallest loss the data allow, both expressions over the names of the script; an
    empty `chance` claims nothing.
    """

    data: str
    model: str
    criterion: str
    loss: str
    predict: str
    quality: str
    floor: str
    chance: str = ""
    arguments: str = "features, labels"
    inputs: str = "features"
    extra_inputs: str = ""  # arguments of predict that are not inputs of the model
    count: str | None = None
    signed: bool = False  # the loss may be negative
    steps: int = 200
    rate: float = 0.02
    parameters: str = "model.parameters()"
    training: str = ""  # replaces compute_loss and training_step altogether
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A snippet in two halves, so that a check can look in before training; `text` is the whole."""

    setup: str
    loop: str
    chance: str
    floor: str
    signed: bool
    arguments: str

    @property
    def text(self) -> str:
        """The script as a user runs it."""
        return self.setup + "\n\n\n" + self.loop


def options(**values: object) -> str:
    """The written keyword arguments of a constructor; None stands for the default and is left out."""
    return ", ".join(f"{name}={_literal(name, value)}" for name, value in values.items() if value is not None)


def numbers(values: tuple[float, ...]) -> str:
    """The elements of a floating tensor: always with a point, or torch would make integers of them."""
    written = (f"{value:.6g}" for value in values)
    return ", ".join(text if "." in text or "e" in text else f"{text}.0" for text in written)


def _literal(name: str, value: object) -> str:
    return f'"{value}"' if name == "reduction" else str(value)


def reduced(setting: Setting, value: str) -> str:
    """The line that turns an element-wise loss into the number to minimise, under a mask or accumulation."""
    if not setting.mask:
        return f"return {value}"
    total = f"({value} * mask).sum()"
    return f"return {total}" if setting.accumulate else f"return {total} / mask.sum()"


def with_mask(setting: Setting, arguments: str) -> str:
    """The batch with its mask, where there is one."""
    return f"{arguments}, mask" if setting.mask else arguments


def mask_data(setting: Setting, like: str) -> str:
    """The line that makes the example's mask."""
    return f"\nmask = (torch.rand({like}.shape) < 0.8).float()  # 1 where the target counts" if setting.mask else ""


def element_count(setting: Setting, target: str) -> str:
    """How many elements a summed element-wise loss adds up."""
    return "mask.sum()" if setting.mask else f"{target}.numel()"


def _indent(text: str, by: int = 4) -> str:
    return textwrap.indent(text.strip("\n"), " " * by)


def _compute(parts: Parts, setting: Setting) -> str:
    body = parts.loss
    if setting.amp:
        first = parts.arguments.split(",")[0].strip()
        body = f"with torch.autocast({first}.device.type, dtype=torch.bfloat16):\n{_indent(body)}"
    return f"def compute_loss({parts.arguments}):\n{_indent(body)}"


_STEP = """def training_step({arguments}):
    optimizer.zero_grad()
    loss = compute_loss({arguments})
    loss.backward()
    optimizer.step()
    return loss.item()"""

_STEP_ACCUMULATED = """def training_step({arguments}):
    optimizer.zero_grad()
    total = 0.0
    {count_line}
    for part in zip({chunks}):
        loss = compute_loss(*part) / count
        loss.backward()  # gradients add up over the micro-batches
        total += loss.item()
    optimizer.step()
    return total"""


def _step(parts: Parts, setting: Setting) -> str:
    if not setting.accumulate:
        return _STEP.format(arguments=parts.arguments)
    chunks = ", ".join(f"{name.strip()}.chunk({MICRO_BATCHES})" for name in parts.arguments.split(","))
    if parts.count is None:
        count = f"count = {MICRO_BATCHES}  # micro-batches of equal size: the mean of their means is exact"
    else:
        count = f"count = {parts.count}  # of the whole batch, not of the micro-batch"
    return _STEP_ACCUMULATED.format(arguments=parts.arguments, chunks=chunks, count_line=count)


def assemble(parts: Parts, setting: Setting) -> Script:
    """The script of these parts."""
    imports = "\n".join(("import torch", *parts.imports, "from torch import nn"))
    if "F." in "".join((parts.criterion, parts.loss, parts.predict, parts.data, parts.model, parts.training)):
        imports += "\nfrom torch.nn import functional as F"
    optimizer = f"optimizer = torch.optim.Adam({parts.parameters}, lr={parts.rate})"
    training = parts.training.strip("\n") or "\n\n\n".join((_compute(parts, setting), _step(parts, setting)))
    head = [imports, "torch.manual_seed(0)", parts.data.strip("\n"), parts.model.strip("\n")]
    head += [] if parts.training else [parts.criterion.strip("\n") + "\n" + optimizer]
    arguments = ", ".join((parts.inputs, *([parts.extra_inputs] if parts.extra_inputs else [])))
    predict = f"@torch.no_grad()\ndef predict({arguments}):\n    model.eval()\n{_indent(parts.predict)}"
    setup = "\n\n".join(head) + "\n\n\n" + training + "\n\n\n" + predict
    loop = (
        f"losses = [training_step({parts.arguments}) for _ in range({parts.steps})]\n"
        f"quality = {parts.quality}\n"
        'print(f"loss {losses[0]:.4f} -> {losses[-1]:.4f}, quality {float(quality):.3f}")\n'
    )
    return Script(setup, loop, parts.chance, parts.floor, parts.signed, parts.arguments)
