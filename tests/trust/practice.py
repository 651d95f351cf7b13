"""Random programs in the manner of real training code: data, a model, helpers in a second file, an optimiser's loop.

Where `programs` tries every operation, these try how code is put together. A seed keeps its program as long as the
tables of `pieces` and the draws here stay what they are.
"""

from __future__ import annotations

from random import Random

from .pieces import HEADS, HIDDEN, LABELS, SCORES
from .programs import Program

_IMPORTS = """\
import copy
import random
from collections import namedtuple
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
"""
HELPERS = "program_helpers"
_OUTPUTS = (
    ("{h}", "{call}"),
    ("{h}", "{call}"),
    ("{h}, x", "{call}[0]"),
    ("x, {h}", "{call}[-1]"),
    ("{{'logits': {h}, 'x': x}}", "{call}['logits']"),
    ("dict(logits={h})", "{call}.get('logits')"),
    ("Output(logits={h})", "{call}.logits"),
    ("Output({h}, x)", "{call}.logits"),
    ("Pair({h}, x)", "{call}.first"),
    ("Pair({h}, x)", "{call}[0]"),
    ("SimpleNamespace(logits={h})", "{call}.logits"),
    ("[{h}]", "{call}[0]"),
)
_TYPES = """\
@dataclass
class Output:
    logits: torch.Tensor
    features: torch.Tensor = None


Pair = namedtuple('Pair', 'first second')
"""


def _indented(lines: list[str], depth: int) -> list[str]:
    return ["    " * depth + row if row else row for line in lines for row in line.split("\n")]


def practice(seed: int) -> Program:
    """The program of that seed; the same on every machine."""
    rng = Random(f"practice {seed}")
    files: dict[str, str] = {}
    model, call = _model(rng)
    helpers = _helpers(rng)
    head = [_IMPORTS, _TYPES]
    if rng.random() < 0.5:
        files[f"{HELPERS}.py"] = "\n".join([_IMPORTS, *helpers]) + "\n"
        head.append(rng.choice((f"from {HELPERS} import process, prepare", f"from {HELPERS} import *")))
    else:
        head += helpers
    made = _made(rng)
    training, tail = _training(rng, call)
    return Program("\n".join([*head, "", *model, *made, "", *training]) + "\n", tail, files)


def _model(rng: Random) -> tuple[list[str], str]:
    setup: list[str] = ["self.inp = nn.Linear(5, 7)"]
    body: list[str] = ["{h} = self.inp(x)"]
    for number in range(rng.choice((0, 1, 1, 2, 3))):
        made, lines = rng.choice(HIDDEN)
        setup.append(made.format(m=f"part{number}", h="h") if made else "")
        body.append(lines.format(m=f"part{number}", h="h"))
    made, lines = rng.choice(HEADS)
    setup.append(made.format(m="head", h="h"))
    body.append(lines.format(m="head", h="h"))
    body += [rng.choice(SCORES).format(h="h") for _ in range(rng.choice((0, 0, 0, 1)))]
    body[0] = body[0].format(h="h")
    result, access = rng.choice(_OUTPUTS)
    split = rng.random() < 0.2
    lines_of = [row for row in setup if row]
    text = ["class Net(nn.Module):", "    def __init__(self, flag=False):", "        super().__init__()"]
    text += _indented(["self.flag = flag", *lines_of], 2)
    if split:
        text += ["", "    def features(self, x):", *_indented(body[:-1], 2), "        return h"]
        text += ["", "    def forward(self, x):", "        h = self.features(x)", *_indented(body[-1:], 2)]
    else:
        text += ["", "    def forward(self, x):", *_indented(body, 2)]
    if rng.random() < 0.15:
        text += ["        if self.flag:", *_indented([rng.choice(SCORES).format(h="h")], 3)]
    text += [f"        return {result.format(h='h')}", "", ""]
    return text, access


def _helpers(rng: Random) -> list[str]:
    """`process`, which changes scores, and `prepare`, which takes a batch apart."""
    body = [rng.choice(SCORES).format(h="t") for _ in range(rng.choice((1, 1, 2)))]
    process = rng.choice(
        (
            ["def process(t, *, active=True):", *_indented(body, 1), "    return t"],
            ["def process(t, active=True):", "    if not active:", "        return t", *_indented(body, 1),
             "    return t"],
            ["class Processor:", "    def __init__(self, scale=1.0):", "        self.scale = scale", "",
             "    def __call__(self, t):", *_indented(body, 2), "        return t * self.scale", "",
             "process = Processor()"],
            ["def process(t):", "    def inner(t):", *_indented(body, 2), "        return t", "    return inner(t)"],
            ["def process(t, steps=2):", "    for step in range(steps):", *_indented(body, 2), "    return t"],
        )
    )
    prepare = rng.choice(
        (
            "def prepare(batch):\n    x, y = batch\n    return x, y",
            "def prepare(batch):\n    return batch[0].float(), batch[1].long()",
            "def prepare(batch, device='cpu'):\n    return [one.to(device) for one in batch]",
            "def prepare(batch):\n    batch = {'x': batch[0], 'y': batch[1]}\n    return batch['x'], batch['y']",
            "def prepare(batch):\n    return tuple(one.clone() for one in batch)",
        )
    )
    return ["", *process, "", prepare, ""]


def _made(rng: Random) -> list[str]:
    """The model, and what is done to it before it is trained."""
    return rng.choice(
        (
            ["model = Net()"],
            ["model = Net()", "model.train()"],
            ["model = Net().to('cpu')", "model.eval()"],
            ["model = Net(flag=True)"],
            ["model = Net(**{'flag': random.random() < 0.5})"],
            ["model = Net()", "for p in model.parameters():\n    p.requires_grad = False",
             "model.head = nn.Linear(7, 4)" if rng.random() < 0.5 else "model.eval()"],
            ["model = Net()", "for name, p in model.named_parameters():\n    if 'inp' in name:\n        "
             "p.requires_grad_(False)"],
            ["model = Net()", "model.inp.requires_grad_(False)"],
            ["base = Net()", "model = copy.deepcopy(base)", "base.requires_grad_(False)"],
            ["model = Net()", "teacher = copy.deepcopy(model).eval()", "teacher.requires_grad_(False)"],
            ["models = [Net() for _ in range(2)]", "model = models[0]"],
            ["def build(kind='net'):\n    return {'net': Net}[kind]()", "model = build()"],
            ["model = Net()", "model.inp = nn.Sequential(model.inp, nn.Dropout(0.1))"],
            ["model = nn.Sequential(nn.Identity(), Net())", "model = model[1]"],
        )
    )


_SKELETONS = (
    "optimizer = torch.optim.SGD(model.parameters(), lr=0.01)\nfor epoch in range(2):\n    for batch in loader:\n"
    "        x, y = prepare(batch)\n        optimizer.zero_grad()\n{body}        loss.backward()\n"
    "        optimizer.step()",
    "for epoch in range(1):\n    total = 0.0\n    for i, (x, y) in enumerate(loader):\n{body}"
    "        loss.backward()\n        total += loss.item()",
    "it = iter(loader)\nwhile True:\n    try:\n        x, y = next(it)\n    except StopIteration:\n        break\n"
    "    if True:\n{body}        loss.backward()",
    "x, y = next(iter(loader))\nfor step in range(3):\n    if step >= 0:\n{body}        loss.backward()",
    "for phase in ['train', 'val']:\n    model.train(phase == 'train')\n    for x, y in loader:\n{body}",
    "history = []\nfor batch in loader:\n    if batch is not None:\n        x, y = batch\n{body}"
    "        history.append(loss)",
)


def _training(rng: Random, access: str) -> tuple[list[str], str]:
    data = rng.choice(
        (
            "loader = DataLoader(TensorDataset(torch.randn(10, 5), torch.randint(0, 4, (10,))), batch_size=6)",
            "loader = [(torch.randn(6, 5), torch.randint(0, 4, (6,))) for _ in range(2)]",
            "loader = [[torch.randn(6, 5), torch.randint(0, 4, (6,))]]",
            "inputs, labels = torch.randn(12, 5), torch.randint(4, (12,))\n"
            "loader = list(zip(inputs.split(6), labels.split(6)))",
            "inputs = torch.tensor(np.random.randn(12, 5), dtype=torch.float32)\nlabels = torch.randint(4, (12,))\n"
            "loader = [(inputs[i:i + 6], labels[i:i + 6]) for i in range(0, 12, 6)]",
        )
    )
    call = rng.choice(("model(x)", "model(x)", "model.forward(x)", "model(x.float())"))
    lines = [f"out = {access.format(call=call)}"]
    kinds = [rng.choice(SCORES).format(h="out") for _ in range(rng.choice((0, 0, 1, 1, 2)))]
    kinds += [rng.choice(("out = process(out)", "out = process(out.clone())"))] * rng.choice((0, 0, 1))
    rng.shuffle(kinds)
    lines += kinds
    lines += [rng.choice(LABELS) for _ in range(rng.choice((0, 1, 1, 1, 2)))]
    loss, before = _loss(rng)
    lines.append(loss)
    body = "\n".join(_indented(lines, 2)) + "\n"
    skeleton = rng.choice(_SKELETONS).format(body=body)
    style = rng.random()
    if style < 0.4:
        return [data, *before, skeleton], ""
    if style < 0.7:
        text = ["def train(model, loader):", *_indented([skeleton], 1), ""]
        return [*before, *text, data, "train(model, loader)"], ""
    if style < 0.85:
        inner = skeleton.replace("model", "self.model")
        text = ["class Trainer:", "    def __init__(self, model):", "        self.model = model", "",
                "    def fit(self, loader):", *_indented([inner], 2), ""]
        return [*before, *text, data, "Trainer(model).fit(loader)"], ""
    text = ["def train(loader):", *_indented([skeleton], 1), ""]
    return [*before, *text, data], "\ntrain(loader)\n"


def _loss(rng: Random) -> tuple[str, list[str]]:
    """The line of the loss, and what stands before the loop for it."""
    function, name = rng.choice(
        (
            ("cross_entropy", "CrossEntropyLoss"),
            ("cross_entropy", "CrossEntropyLoss"),
            ("nll_loss", "NLLLoss"),
            ("binary_cross_entropy_with_logits", "BCEWithLogitsLoss"),
            ("binary_cross_entropy", "BCELoss"),
            ("mse_loss", "MSELoss"),
            ("kl_div", "KLDivLoss"),
            ("multi_margin_loss", "MultiMarginLoss"),
            ("soft_margin_loss", "SoftMarginLoss"),
            ("poisson_nll_loss", "PoissonNLLLoss"),
        )
    )
    word = "log_input" if name == "PoissonNLLLoss" else "input"
    return rng.choice(
        (
            (f"loss = F.{function}(«1:out», «2:y»)", []),
            ("loss = criterion(«1:out», «2:y»)", [f"criterion = nn.{name}()"]),
            (f"loss = criterion({word}=«1:out», target=«2:y») * 0.5", [f"criterion = nn.{name}()"]),
            ("loss = criterion(«1:out», «2:y»).mean()", [f"criterion = nn.{name}(reduction='none')"]),
            ("loss = losses['a'](«1:out», «2:y») + 0.0 * out.sum()",
             [f"losses = {{'a': nn.{name}(), 'b': nn.L1Loss()}}"]),
            ("loss = sum(w * fn(«1:out», «2:y») for w, fn in terms)", [f"terms = [(1.0, nn.{name}())]"]),
        )
    )
