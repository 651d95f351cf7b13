"""What a user can tell about a task, as one frozen dataclass, and the readers of its written forms."""

from __future__ import annotations

import math
from enum import Enum

from lossadvisor.late import dataclass
from lossadvisor.values import Shape


class FactError(ValueError):
    """Facts that cannot be read or cannot be true together; the message is one line that names them."""


class Task(Enum):
    """What the model is trained for."""

    BINARY = "binary"
    MULTICLASS = "multiclass"
    MULTILABEL = "multilabel"
    ORDINAL = "ordinal"
    SEGMENTATION = "segmentation"
    REGRESSION = "regression"
    COUNT = "count"
    QUANTILE = "quantile"
    SEQUENCE = "sequence"
    CTC = "ctc"
    RANKING = "ranking"
    METRIC = "metric"
    CONTRASTIVE = "contrastive"
    DISTILLATION = "distillation"
    DETECTION = "detection"
    LANGUAGE_MODEL = "language-model"
    VAE = "vae"
    GAN = "gan"


class Framework(Enum):
    """What runs the training loop; some of them add an activation, a logarithm, a shift or a reduction."""

    PLAIN = "plain"
    LIGHTNING = "lightning"
    TRANSFORMERS = "transformers"
    SKORCH = "skorch"
    FASTAI = "fastai"
    OPENMMLAB = "openmmlab"


class Activation(Enum):
    """The last operation of the model, where it is known."""

    NONE = "none"
    SOFTMAX = "softmax"
    LOG_SOFTMAX = "log-softmax"
    SIGMOID = "sigmoid"
    RELU = "relu"
    TANH = "tanh"


@dataclass(frozen=True, slots=True)
class Balance:
    """How uneven the classes are: shares of positives (one, or one per label), counts per class, or neither known."""

    shares: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known of the task; None and False mean that nothing was said.

    Shapes hold sizes or the letters that stand for them, for instance ("N", 3, "H", "W"). `target_dtype` is the name
    of the torch dtype ("float32", "int64", "uint8", "bool"). `target_range` is (smallest, largest value).
    """

    task: Task | None = None
    classes: int | None = None
    output_shape: Shape = None
    output_activation: Activation | None = None
    target_shape: Shape = None
    target_dtype: str | None = None
    target_range: tuple[float, float] | None = None
    imbalance: Balance | None = None
    soft_labels: bool = False
    label_noise: bool = False
    ignore_index: int | None = None
    mask: bool = False
    outliers: bool = False
    uncertainty: bool = False
    amp: bool = False
    accumulate: bool = False
    framework: Framework = Framework.PLAIN


DTYPES = ("float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool")
_DTYPE_WORDS = {"float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32"}


def read_dtype(text: str) -> str:
    """The name of a dtype: `float32`, `torch.long`, `int64` and their like."""
    name = text.strip().lower().removeprefix("torch.")
    name = _DTYPE_WORDS.get(name, name)
    if name not in DTYPES:
        raise FactError(f"--target-dtype {text}: not a dtype; choose one of {', '.join(DTYPES)}")
    return name


def read_shape(text: str, option: str) -> Shape:
    """A shape such as `N,3,H,W` or `32x10`: letters stand for sizes that vary."""
    cleaned = text.strip().strip("()[]").replace("x", ",")
    parts = [part.strip() for part in cleaned.split(",") if part.strip()]
    shape: list[int | str | None] = []
    for part in parts:
        if part.isdigit() and int(part) > 0:
            shape.append(int(part))
        elif part.isidentifier():
            shape.append(part)
        else:
            raise FactError(f"{option} {text}: '{part}' is no size; write sizes and letters, such as N,3,H,W")
    return tuple(shape)


def read_range(text: str) -> tuple[float, float]:
    """Two numbers, smallest first: `0,255`, `0..1`, `-1:1`."""
    parts = text.strip().strip("()[]").replace("..", ",").replace(":", ",").split(",")
    try:
        low, high = (float(part) for part in parts)
    except ValueError:
        raise FactError(f"--target-range {text}: write the smallest and the largest value, such as 0,255") from None
    if not (math.isfinite(low) and math.isfinite(high)):
        raise FactError(f"--target-range {text}: both ends must be finite numbers; clean the targets first")
    if low > high:
        raise FactError(f"--target-range {text}: the smallest value {low:g} is above the largest value {high:g}")
    return low, high


def read_balance(text: str) -> Balance:
    """`yes`; a share of positives `0.02`; shares per label `0.1,0.3`; or counts per class `900,80,20`."""
    if text.strip().lower() in ("yes", "true"):
        return Balance()
    try:
        numbers = [float(part) for part in text.strip().strip("()[]").split(",")]
    except ValueError:
        numbers = []
    if numbers and all(0 < number < 1 for number in numbers):
        return Balance(shares=tuple(numbers))
    if len(numbers) > 1 and all(number.is_integer() and number > 0 for number in numbers):
        return Balance(counts=tuple(int(number) for number in numbers))
    raise FactError(
        f"--imbalance {text}: write yes, the share of positives (0.02), one share per label (0.1,0.3) "
        "or the count of every class (900,80,20), all above zero"
    )
