"""Where the linter says that a gradient flows, stops or is cut, against what autograd does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lossadvisor.interpreter import LossCall, interpret
from lossadvisor.interpreter.values import Tensor
from lossadvisor.project import Project
from lossadvisor.source import load
from lossadvisor.values import Grad

HEADER = """import torch
import torch.nn.functional as F
from torch import nn

x = torch.randn(4, 6)
model = nn.Linear(6, 5)
other = nn.Linear(5, 5)
frozen = nn.Linear(6, 5)
frozen.requires_grad_(False)
weight = nn.Parameter(torch.randn(5))
"""

# statements that leave a value in `out` -> what has to be claimed about it
PROGRAMS: dict[str, Grad] = {
    "out = model(x)": Grad.FLOWS,
    "out = torch.sigmoid(model(x)) * 2 - 1": Grad.FLOWS,
    "out = model(x).detach()": Grad.DETACHED,
    "out = model(x).data": Grad.DETACHED,
    "out = torch.tensor(model(x))": Grad.DETACHED,
    "out = other(model(x).detach())": Grad.FLOWS,
    "out = model(x).argmax(dim=1).float()": Grad.CUT,
    "out = (model(x) > 0).float()": Grad.CUT,
    "out = model(x).long().float()": Grad.CUT,
    "out = torch.round(model(x))": Grad.CUT,
    "raw = model(x)\nout = raw + (torch.round(raw) - raw).detach()": Grad.FLOWS,
    "with torch.no_grad():\n    out = model(x)": Grad.DETACHED,
    "with torch.inference_mode():\n    out = model(x) + 1": Grad.DETACHED,
    "with torch.no_grad():\n    with torch.enable_grad():\n        out = model(x)": Grad.FLOWS,
    "with torch.no_grad():\n    hidden = model(x)\nout = other(hidden)": Grad.FLOWS,
    "with torch.set_grad_enabled(False):\n    out = model(x)": Grad.DETACHED,
    "@torch.no_grad()\ndef run(x):\n    return model(x)\nout = run(x)": Grad.DETACHED,
    "out = frozen(x)": Grad.DETACHED,
    "for p in other.parameters():\n    p.requires_grad = False\nout = other(model(x))": Grad.FLOWS,
    "for p in other.parameters():\n    p.requires_grad = False\nout = other(x[:, :5])": Grad.DETACHED,
    "out = x[:, :5] * weight": Grad.FLOWS,
    "out = torch.stack([model(x).detach(), model(x)]).mean(dim=0)": Grad.FLOWS,
    "out = torch.cat([model(x).detach(), other(model(x))])": Grad.FLOWS,
}


def _claimed(program: str, folder: Path) -> Grad:
    path = folder / "program.py"
    path.write_text(f"{HEADER}\n{program}\nloss = F.mse_loss(out, x)\n", encoding="utf-8")
    events = interpret(Project([load(path, "program.py")]))
    (call,) = (event for event in events if isinstance(event, LossCall))
    value = call.arguments["input"].value
    assert isinstance(value, Tensor)
    return value.fact.grad


def _real(program: str) -> bool:
    """Whether autograd brings anything back from the value to a parameter."""
    names: dict[str, Any] = {"torch": torch, "F": F, "nn": nn}
    exec(f"{HEADER}\n{program}\n", names)
    out = names["out"]
    if not out.requires_grad:
        return False
    leaves = [*names["model"].parameters(), *names["other"].parameters(), names["weight"]]
    leaves = [leaf for leaf in leaves if leaf.requires_grad]
    scale = torch.linspace(1, 2, out.numel()).view_as(out)
    found = torch.autograd.grad((out * scale).sum(), leaves, allow_unused=True)
    return any(gradient is not None and bool(gradient.abs().max() > 0) for gradient in found)


@pytest.mark.filterwarnings("ignore:To copy construct from a tensor")
@pytest.mark.parametrize("program", PROGRAMS)
def test_claimed_gradient_holds(program: str, tmp_path: Path) -> None:
    claimed = _claimed(program, tmp_path)
    assert claimed is PROGRAMS[program]
    assert _real(program) is (claimed is Grad.FLOWS)
