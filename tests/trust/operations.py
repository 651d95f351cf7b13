
"""The tensor operations that random programs are made of: how each is spelt, and what it does to shape and kind.

A step takes the name of a tensor and gives the text of an expression with the shape and kind of its value, or None
when the operation does not suit that tensor. Shapes are concrete sizes, so that nearly every program runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Sizes = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """A tensor in a variable (or any expression without side effects)."""

    text: str
    shape: Sizes
    kind: str = "float"  # float, integer or bool


Step = Callable[[Random, Held], Held | None]

ELEMENTWISE = (
    "relu",
    "sigmoid",
    "tanh",
    "softplus",
    "elu",
    "leaky_relu",
    "gelu",
    "silu",
    "logsigmoid",
    "hardsigmoid",
    "hardtanh",
    "softsign",
    "relu6",
    "mish",
    "selu",
)
"""Functions of torch.nn.functional that act on each element."""

CLASSES = {
    "relu": "ReLU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softplus": "Softplus",
    "elu": "ELU",
    "leaky_relu": "LeakyReLU",
    "gelu": "GELU",
    "silu": "SiLU",
    "logsigmoid": "LogSigmoid",
    "hardsigmoid": "Hardsigmoid",
    "hardtanh": "Hardtanh",
    "softsign": "Softsign",
    "relu6": "ReLU6",
    "mish": "Mish",
    "selu": "SELU",
    "softmax": "Softmax",
    "log_softmax": "LogSoftmax",
    "softmin": "Softmin",
}
_METHODS = (
    "relu",
    "sigmoid",
    "tanh",
    "exp",
    "log1p",
    "square",
    "abs",
    "neg",
    "sin",
    "cos",
    "expm1",
    "sign",
    "round",
    "floor",
    "sqrt",
    "log",
    "clone",
    "contiguous",
    "detach",
    "float",
    "double",
    "erf",
    "reciprocal",
    "logit",
    "trunc",
    "rsqrt",
    "half",
    "ceil",
    "frac",
    "nan_to_num",
    "sinh",
    "atan",
    "exp2",
    "positive",
)
_TORCH = (
    "relu",
    "sigmoid",
    "tanh",
    "exp",
    "log1p",
    "square",
    "abs",
    "neg",
    "sin",
    "cos",
    "expm1",
    "sqrt",
    "log",
    "clone",
    "sign",
    "erf",
    "special.expit",
    "negative",
    "round",
    "absolute",
    "log2",
    "atan",
)


def elementwise(rng: Random, held: Held) -> Held | None:
    if held.kind != "float":
        return None
    name = rng.choice(ELEMENTWISE)
    return Held(f"F.{name}({held.text})", held.shape)


def method(rng: Random, held: Held) -> Held | None:
    if held.kind != "float":
        return None
    return Held(f"{held.text}.{rng.choice(_METHODS)}()", held.shape)


def function(rng: Random, held: Held) -> Held | None:
    if held.kind != "float":
        return None
    return Held(f"torch.{rng.choice(_TORCH)}({held.text})", held.shape)


def _axis(rng: Random, held: Held) -> int:
    rank = len(held.shape)
    return rng.choice((1, 1, -1, -1, rng.randrange(-rank, rank))) if rank > 1 else rng.choice((0, -1))


def normalised(rng: Random, held: Held) -> Held | None:
    if held.kind != "float" or not held.shape:
        return None
    axis = _axis(rng, held)
    name = rng.choice(("softmax", "softmax", "log_softmax"))
    text = rng.choice(
        (
            f"F.{name}({held.text}, dim={axis})",
            f"F.{name}({held.text}, {axis})",
            f"torch.{name}({held.text}, dim={axis})",
            f"{held.text}.{name}({axis})",
            f"{held.text}.{name}(dim={axis})",
            f"nn.{CLASSES[name]}(dim={axis})({held.text})",
            f"F.softmin({held.text}, dim={axis})",
            f"F.{name}({held.text}.double(), dim={axis}).float()",
            f"F.gumbel_softmax({held.text}, dim={axis})",
            f"F.gumbel_softmax({held.text}, hard=True, dim={axis})",
        )
    )
    return Held(text, held.shape)


def arithmetic(rng: Random, held: Held) -> Held | None:
    number = rng.choice((0.5, 2, 2.0, 10.0, 1, 0.1, -1, 1e-3, 1e-8, 3))
    h = held.text
    if held.kind == "bool":
        return None
    forms = [
        f"{h} * {number}",
        f"{number} * {h}",
        f"{h} + {number}",
        f"{h} - {number}",
        f"{number} - {h}",
        f"-{h}",
        f"1 - {h}",
        f"1.0 - {h}",
        f"2 * {h} - 1",
        f"{h} * {h}",
        f"{h} + {h}",
        f"{h} - {h}.mean()",
        f"{h}.add({number})",
        f"{h}.mul({number})",
        f"torch.mul({h}, {number})",
        f"torch.add({h}, {number})",
        f"{h} * (1 - {h})",
        f"{h} - {h}",
        f"{h} + 1e-7",
        f"{h}.sub({number})",
        f"torch.sub({number}, {h})",
        f"{h} - 1e-7",
        f"{h} + (-0.02)",
        f"1e-6 - {h}",
    ]
    if held.kind == "float":
        forms += [
            f"{h} / {number}",
            f"{h} ** 2",
            f"{h}.pow(2)",
            f"{h} / {h}.abs().max()",
            f"{h} * {h}.sigmoid()",
            f"{h} / {h}.sum()",
            f"{h}.div({number})",
            f"torch.pow({h}, 3)",
            f"{h} % 1",
            f"{h} // 1",
            f"{h} - {h}.max()",
            f"{h} * torch.rand_like({h})",
            f"{h} + torch.randn_like({h})",
            f"1 / (1 + {h})",
            f"1 / (1 + torch.exp(-{h}))",
            f"{h} ** 0",
            f"0.5 ** {h}",
            f"{h} ** -1",
            f"{h}.sigmoid() - {h}",
            f"torch.where({h} > 0, {h}, torch.zeros_like({h}))",
            f"torch.where({h} > 0, {h}, {number})",
            f"torch.lerp({h}, torch.zeros_like({h}), 0.5)",
            f"torch.maximum({h}, torch.zeros_like({h}))",
            f"torch.sigmoid({h}) + torch.sigmoid(-{h})",
            f"torch.sigmoid({h}) * {h}",
            f"torch.relu({h}) - torch.relu(-{h})",
            f"torch.exp({h}) - {h}",
        ]
        if len(held.shape) > 1:
            axis = _axis(rng, held)
            forms += [
                f"{h} / {h}.sum({axis}, keepdim=True)",
                f"{h} - {h}.logsumexp({axis}, keepdim=True)",
                f"{h} - torch.max({h}, dim={axis}, keepdim=True)[0]",
                f"{h}.exp() / {h}.exp().sum({axis}, keepdim=True)",
                f"F.normalize({h}, dim={axis})",
                f"F.normalize({h}, p=1, dim={axis})",
                f"F.softmax({h}, {axis}) - F.softmax(-{h}, {axis})",
                f"F.softmax({h}, {axis}) * F.softmax(-{h}, {axis})",
                f"{h}.cumsum({axis})",
                f"(F.softmax({h}, {axis}) + F.softmax(-{h}, {axis})) / 2",
                f"{h}.cumprod({axis})",
                f"F.softmax({h}, {axis}) + F.log_softmax({h}, {axis})",
                f"torch.cumsum({h}, {axis})",
                f"F.log_softmax({h}, {axis}) + F.log_softmax(-{h}, {axis})",
            ]
    kind = "float" if "." in text_of(number) or held.kind == "float" else held.kind
    chosen = rng.choice(forms)
    return Held(f"({chosen})", held.shape, kind if held.kind == "float" else "float" if "." in chosen else held.kind)


def text_of(number: float) -> str:
    return repr(number)


def clamped(rng: Random, held: Held) -> Held | None:
    if held.kind != "float":
        return None
    h = held.text
    form = rng.choice(
        (
            f"{h}.clamp(0, 1)",
            f"{h}.clamp(min=0)",
            f"{h}.clamp(min=1e-7)",
            f"torch.clamp({h}, -1, 1)",
            f"{h}.clamp(max=0)",
            f"{h}.clamp(1e-6, 1 - 1e-6)",
            f"{h}.clamp(min=-10, max=10)",
            f"{h}.clip(2, 5)",
            f"{h}.clamp_min(0)",
            f"torch.clamp({h}, min=0.5)",
            f"{h}.clamp_max(1.0)",
            f"{h}.clamp(-5, -1)",
            f"{h}.masked_fill({h} > 1, 0.0)",
            f"{h}.masked_fill({h} < 0, float('-inf'))",
            f"{h}.clamp(1, 3)",
            f"F.threshold({h}, 0.1, 20)",
            f"F.hardshrink({h})",
            f"F.dropout({h}, 0.5)",
            f"F.dropout({h}, p=0.2, training=True)",
            f"F.dropout({h}, 0.5, False)",
        )
    )
    return Held(form, held.shape)


def cast(rng: Random, held: Held) -> Held | None:
    h = held.text
    kind, form = rng.choice(
        (
            ("float", f"{h}.float()"),
            ("float", f"{h}.to(torch.float32)"),
            ("float", f"{h}.to('cpu')"),
            ("float", f"{h}.double()"),
            ("integer", f"{h}.long()"),
            ("bool", f"{h}.bool()"),
            ("float", f"{h}.type(torch.float32)"),
            ("integer", f"{h}.to(torch.int64)"),
            ("bool", f"({h} > 0.5)"),
            ("float", f"({h} > 0.5).float()"),
            ("bool", f"{h}.gt(0)"),
            ("float", f"{h}.float().to(dtype=torch.float64)"),
            ("integer", f"{h}.int()"),
            ("float", f"({h} == {h}).float()"),
            ("float", f"{h}.type_as(torch.zeros(1))"),
            ("float", f"{h}.to(torch.zeros(1))"),
            ("float", f"({h} >= 0).float() * 2 - 1"),
        )
    )
    if "'cpu'" in form:
        kind = held.kind
    return Held(form, held.shape, kind)


def detached(rng: Random, held: Held) -> Held | None:
    h = held.text
    return Held(
        rng.choice(
            (
                f"{h}.detach()",
                f"{h}.data",
                f"{h}.clone()",
                f"{h}.clone().detach()",
                f"torch.tensor({h}.tolist())",
                f"torch.from_numpy({h}.detach().numpy())",
                f"torch.as_tensor({h})",
                f"{h}.requires_grad_()" if held.kind == "float" else h,
            )
        ),
        held.shape,
        held.kind,
    )


KEEPING: tuple[tuple[int, Step], ...] = (
    (6, elementwise),
    (3, method),
    (3, function),
    (6, normalised),
    (6, arithmetic),
    (2, clamped),
    (1, detached),
)
"""Steps that keep the shape (and floats floats): what branches and loops may do. With weights."""


def pick(rng: Random, table: tuple[tuple[int, Step], ...], held: Held) -> Held:
    """One random step of the table that suits the tensor; the tensor itself when none does."""
    for _ in range(20):
        step = rng.choices([step for _, step in table], [weight for weight, _ in table])[0]
        after = step(rng, held)
        if after is not None:
            return after
    return held
