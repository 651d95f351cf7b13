"""The numeric check of a model, a loss and a target convention that belong together: the advisor's own scripts, run.

Only scripts that this program generated are executed here, never the code of a user.
"""

from __future__ import annotations

import contextlib
import io
import math
from typing import Any

import torch
from torch import nn

from lossadvisor.late import dataclass

NEAR = 0.1
"""How near to the minimum counts as reached: this share of the way from the start (or chance) to the minimum."""

HOLD = 0.02
"""Where chance is the equilibrium (adversarial pairs) there is no way to go: the loss must stay within this share."""

AGREEMENT = 0.9
"""The least `quality` (1 is perfect) of a trained example."""


@dataclass(frozen=True, slots=True)
class PairLine:
    """One expectation with what was found."""

    name: str
    expected: str
    found: str
    holds: bool


@dataclass(frozen=True, slots=True)
class PairScript:
    """A script in two halves with the expressions of its chance value ("" for none) and its minimum.

    The setup defines `model`, `training_step` and the tensors named by `arguments`; the loop defines `losses` and
    `quality`. `signed` losses may be negative.
    """

    setup: str
    loop: str
    chance: str
    floor: str
    signed: bool
    arguments: str
    tolerance: float = 1e-3


def check_pair(script: PairScript) -> tuple[PairLine, ...]:
    """Run the script and compare: finite, sign, gradient of the last layer, chance value, minimum, agreement.

    Takes about a second. The global random state is left as it was.
    """
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(io.StringIO()):
        return (*_at_start(script), *_trained(script))


def _executed(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "snippet", "math": math}
    exec(compile(code, "snippet", "exec"), names)
    return names


def _value(expression: str, names: dict[str, Any]) -> float:
    with torch.no_grad():
        return float(eval(expression, names))


def _last_layer(names: dict[str, Any]) -> nn.Module:
    judged: nn.Module = names.get("critic", names["model"])
    kinds = (nn.Linear, nn.Conv2d, nn.Embedding)
    return [module for module in judged.modules() if isinstance(module, kinds)][-1]


def _step(script: PairScript, names: dict[str, Any]) -> float:
    return _value(f"float_step({script.arguments})", {**names, "float_step": _with_grad(names["training_step"])})


def _with_grad(step: Any) -> Any:
    def run(*batch: Any) -> float:
        with torch.enable_grad():
            return float(step(*batch))

    return run


def _at_start(script: PairScript) -> tuple[PairLine, ...]:
    names = _executed(script.setup)
    first = _step(script, names)
    layer = _last_layer(names)
    gradient = max((float(p.grad.norm()) for p in layer.parameters() if p.grad is not None), default=0.0)
    lines = [
        PairLine("finite", "a finite first loss", f"{first:.4f}", math.isfinite(first)),
        PairLine(
            "gradient", "a gradient in the last layer", f"norm {gradient:.3g}", math.isfinite(gradient) and gradient > 0
        ),
    ]
    if not script.signed:
        lines.insert(1, PairLine("sign", "a loss of at least 0", f"{first:.4f}", first > -1e-6))
    if script.chance:
        names = _executed(script.setup)
        expected = _value(script.chance, names)
        with torch.no_grad():
            for parameter in _last_layer(names).parameters():
                parameter.zero_()
        found = _step(script, names)
        holds = abs(found - expected) <= script.tolerance * max(1.0, abs(expected))
        lines.append(PairLine("chance", f"{expected:.4f} with a last layer of zeros", f"{found:.4f}", holds))
    return tuple(lines)


def _trained(script: PairScript) -> tuple[PairLine, ...]:
    names = _executed(script.setup)
    chance = _value(script.chance, names) if script.chance else -math.inf
    exec(compile(script.loop, "snippet", "exec"), names)
    first, last = names["losses"][0], names["losses"][-1]
    floor = _value(script.floor, names)
    room = max(NEAR * (max(first, chance) - floor), HOLD * abs(floor))
    quality = float(names["quality"])
    return (
        PairLine(
            "minimum",
            f"{floor:.4f} within {room:.4f} after training",
            f"{first:.4f} -> {last:.4f}",
            abs(last - floor) <= room,
        ),
        PairLine("agreement", f"at least {AGREEMENT:g} of 1 at inference", f"{quality:.3f}", quality >= AGREEMENT),
    )
