
"""Random small programs: models, helpers and a training step that ends in a loss of torch.

A program is text in which the arguments whose truth is wanted are marked: `criterion(«1:model(x)», y)`. Without the
marks it is what the linter reads; with the marks turned into calls of a recorder it is what torch runs. Both have the
same rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random

from .bodies import Body, Setting
from .operations import Held, Sizes

_MARK = re.compile(r"«(\d+):(.*?)»", re.DOTALL)
HEADER = """\
import random
from collections import OrderedDict
from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace

import torch
import torch.nn as nn
import torch.nn.functional as F
"""
_LOSSES = (
    ("cross_entropy", "CrossEntropyLoss"),
    ("binary_cross_entropy_with_logits", "BCEWithLogitsLoss"),
    ("mse_loss", "MSELoss"),
    ("nll_loss", "NLLLoss"),
    ("smooth_l1_loss", "SmoothL1Loss"),
    ("kl_div", "KLDivLoss"),
    ("binary_cross_entropy", "BCELoss"),
)


@dataclass(slots=True)
class Program:
    """Text with marks. `tail` is run by the test only: it calls what the linter has to judge without a caller."""

    marked: str
    tail: str = ""
    files: dict[str, str] = field(default_factory=dict)  # other modules, by file name

    def text(self) -> str:
        """What the linter reads."""
        return _MARK.sub(lambda match: match.group(2), self.marked)

    def instrumented(self) -> str:
        """What torch runs: the same rows, marked expressions handed through `_seen_(number, value)`."""
        return _MARK.sub(lambda match: f"_seen_({match.group(1)}, {match.group(2)})", self.marked) + self.tail

    def rows(self) -> dict[int, int]:
        """Row (from 1) of each mark."""
        return {int(m.group(1)): self.marked.count("\n", 0, m.start()) + 1 for m in _MARK.finditer(self.marked)}


@dataclass(slots=True)
class Model:
    """How the program makes its model, and what comes out of it."""

    lines: list[str]
    made: list[str]
    call: str
    shape: Sizes
    kind: str
    wraps: list[str] = field(default_factory=list)


def program(seed: int) -> Program:
    """The program of that seed; the same on every machine."""
    rng = Random(seed)
    shape = rng.choice(((8, 6), (8, 6), (8, 6), (6, 5, 4), (4, 3, 6, 6), (5, 7, 3)))
    setting = Setting(rng)
    model = rng.choice((_class, _class, _class, _inherited, _sequential, _wrapped))(rng, setting, shape)
    loss = _loss(rng)
    steps = _training(rng, setting, model, shape, loss)
    head = [HEADER, *setting.constants, "", *setting.functions, ""]
    body = [*model.lines, "", *loss.lines, "", *steps.lines]
    return Program("\n".join([*head, *body]) + "\n", steps.tail)


# --- models ---------------------------------------------------------------------------------------------------------


def _first(rng: Random, body: Body, held: Held) -> Held:
    """The learnt layer in front, by the rank of the input."""
    out = rng.choice((3, 4, 5, 2, 1)) if rng.random() < 0.9 else 2
    match len(held.shape):
        case 2:
            return body.layer(f"nn.Linear({held.shape[-1]}, {out})", held, (held.shape[0], out))
        case 3:
            if rng.random() < 0.5:
                return body.layer(f"nn.Linear({held.shape[-1]}, {out})", held, (*held.shape[:2], out))
            return body.layer(f"nn.Conv1d({held.shape[1]}, {out}, 1)", held, (held.shape[0], out, held.shape[2]))
        case _:
            return body.layer(
                f"nn.Conv2d({held.shape[1]}, {out}, 3, padding=1)", held, (held.shape[0], out, *held.shape[2:])
            )


def _forward(rng: Random, setting: Setting, shape: Sizes, steps: int, name: str = "forward") -> tuple[Body, Held]:
    body = Body(rng, setting, indent=2, in_class=True)
    held = Held("x", shape)
    if rng.random() < 0.95:
        held = _first(rng, body, held)
    held = body.steps(held, steps)
    if rng.random() < 0.3 and len(held.shape) == 2 and held.kind == "float":
        out = rng.choice((2, 3, 4))
        held = body.layer(f"nn.Linear({held.shape[1]}, {out})", held, (held.shape[0], out))
        held = body.steps(held, rng.choice((0, 0, 1)))
    return body, held


def _class_text(name: str, body: Body, base: str, result: str, parameters: str = "") -> list[str]:
    init = [f"    def __init__(self{body.init_parameters()}):", "        super().__init__()", *body.init]
    return [
        f"class {name}({base}):",
        *init,
        "",
        *body.methods,
        f"    def forward(self, x{parameters}):",
        *body.lines,
        f"        return {result}",
        "",
    ]


def _class(rng: Random, setting: Setting, shape: Sizes) -> Model:
    body, held = _forward(rng, setting, shape, rng.randrange(1, 5))
    result, call = held.text, "model(x)"
    style = rng.random()
    if style < 0.12:
        result, call = f"{held.text}, x", rng.choice(("model(x)[0]", "model(x)[-2]"))
    elif style < 0.2:
        result, call = f'{{"logits": {held.text}, "features": x}}', 'model(x)["logits"]'
    elif style < 0.25:
        result, call = f"SimpleNamespace(logits={held.text})", "model(x).logits"
    elif style < 0.3:
        call = rng.choice(("model.forward(x)", "model.__call__(x)", "model(x=x)", "model(*[x])", "model(**{'x': x})"))
    lines = _class_text("Net", body, "nn.Module", result)
    return Model(lines, _made(rng, f"Net({body.init_arguments()})"), call, held.shape, held.kind, body.later)


def _made(rng: Random, construction: str) -> list[str]:
    return rng.choice(
        (
            [f"model = {construction}"],
            [f"model = {construction}"],
            [f"model = {construction}", "model.train()"],
            [f"model = {construction}.to('cpu')"],
            [f"model = ({construction}, 1)[0]"],
            [f"models = {{'a': {construction}, 'b': nn.Identity()}}", "model = models['a']"],
            [f"net = {construction}", "model = net"],
            [f"model = {construction}", "model.eval()"],
            [f"model = nn.DataParallel({construction}).module"],
        )
    )


def _inherited(rng: Random, setting: Setting, shape: Sizes) -> Model:
    """A base class, and one that overrides a hook or extends forward."""
    body, held = _forward(rng, setting, shape, rng.randrange(0, 3))
    style = rng.choice(("hook", "super", "attribute", "mixin"))
    base = _class_text("Base", body, "nn.Module", f"self.finish({held.text})" if style == "hook" else held.text)
    other = Body(rng, setting, indent=2, in_class=True)
    if style == "hook":
        base += ["    def finish(self, x):", "        return x", ""]
        after = other.steps(Held("x", held.shape, held.kind), rng.randrange(0, 3), calls=False)
        derived = [
            "class Net(Base):",
            *_derived_init(body, other),
            "    def finish(self, x):",
            *other.lines,
            f"        return {after.text}",
            "",
        ]
    elif style == "attribute":
        derived = ["class Net(Base):", "    pass", ""]
        after = held
    else:
        other.lines.append(
            "        x = super().forward(x)" if style == "super" else "        x = Base.forward(self, x)"
        )
        after = other.steps(Held("x", held.shape, held.kind), rng.randrange(0, 3), calls=False)
        derived = [
            "class Net(Base):",
            *_derived_init(body, other),
            "    def forward(self, x):",
            *other.lines,
            f"        return {after.text}",
            "",
        ]
    made = _made(rng, f"Net({body.init_arguments()})")
    return Model([*base, *derived], made, "model(x)", after.shape, after.kind, body.later)


def _derived_init(body: Body, other: Body) -> list[str]:
    if not other.init:
        return []
    return ["    def __init__(self, *args, **kwargs):", "        super().__init__(*args, **kwargs)", *other.init, ""]


_ENDS = (
    "nn.Softmax(dim=1)",
    "nn.Sigmoid()",
    "nn.LogSoftmax(dim=1)",
    "nn.ReLU()",
    "nn.Tanh()",
    "nn.Identity()",
    "nn.Dropout(0.5)",
    "nn.Softplus()",
    "nn.Softmax(-1)",
    "nn.LogSigmoid()",
    "nn.LogSoftmax(dim=-1)",
    "nn.Hardtanh(0, 1)",
    "nn.Flatten(0)",
    "nn.Dropout(0.0)",
    "nn.GELU()",
    "nn.BatchNorm1d(4)",
    "nn.LayerNorm(4)",
    "nn.Threshold(0.5, 7.0)",
    "nn.Softmin(dim=1)",
    "nn.MaxPool1d(2)",
    "nn.AvgPool1d(2)",
)


def _sequential(rng: Random, setting: Setting, shape: Sizes) -> Model:
    """Containers in their spellings, on rows of features."""
    size = shape[-1]
    layers = [f"nn.Linear({size}, 6)", "nn.ReLU()", "nn.Linear(6, 4)"][rng.choice((0, 2)) :]
    layers[0] = f"nn.Linear({size}, {'6' if len(layers) > 1 else '4'})"
    layers += rng.sample(_ENDS, rng.choice((0, 1, 1, 2, 3)))
    made = rng.choice((_plain, _unpacked, _ordered, _added, _appended, _edited, _looped))(rng, layers)
    return Model([], made, "model(x)", (*shape[:-1], 4), "float")


def _plain(rng: Random, layers: list[str]) -> list[str]:
    return [f"model = nn.Sequential({', '.join(layers)})"]


def _unpacked(rng: Random, layers: list[str]) -> list[str]:
    return [
        f"layers = [{', '.join(layers)}]",
        rng.choice(
            (
                "model = nn.Sequential(*layers)",
                "model = nn.Sequential(*layers[:])",
                "model = nn.Sequential(*layers[:-1])",
                "layers.pop()\nmodel = nn.Sequential(*layers)",
                "layers.insert(1, nn.Sigmoid())\nmodel = nn.Sequential(*layers)",
                "layers += [nn.Sigmoid()]\nmodel = nn.Sequential(*layers)",
                "layers.extend([nn.Tanh(), nn.Softmax(dim=-1)])\nmodel = nn.Sequential(*layers)",
                "del layers[-1]\nmodel = nn.Sequential(*layers)",
                "layers[-1] = nn.Softmax(dim=-1)\nmodel = nn.Sequential(*layers)",
                "model = nn.Sequential(*(layers + [nn.Sigmoid()]))",
                "model = nn.Sequential(*layers, nn.LogSoftmax(dim=-1))",
                "model = nn.Sequential(*[one for one in layers if not isinstance(one, nn.Softmax)])",
            )
        ),
    ]


def _ordered(rng: Random, layers: list[str]) -> list[str]:
    pairs = ", ".join(f"('l{number}', {layer})" for number, layer in enumerate(layers))
    return [
        f"model = nn.Sequential(OrderedDict([{pairs}]))",
        *rng.choice(([], [], ["model.l0 = nn.Sequential(model.l0, nn.Sigmoid())"])),
    ]


def _added(rng: Random, layers: list[str]) -> list[str]:
    return [
        "model = nn.Sequential()",
        *(f"model.add_module('l{number}', {layer})" for number, layer in enumerate(layers)),
    ]


def _appended(rng: Random, layers: list[str]) -> list[str]:
    return ["layers = []", *(f"layers.append({layer})" for layer in layers), "model = nn.Sequential(*layers)"]


def _edited(rng: Random, layers: list[str]) -> list[str]:
    return [
        f"model = nn.Sequential({', '.join(layers)})",
        rng.choice(
            (
                "model[-1] = nn.Sigmoid()",
                "model = model[:-1]",
                "model.append(nn.Softmax(dim=-1))",
                "model = nn.Sequential(model, nn.Sigmoid())",
                "model[len(model) - 1] = nn.Identity()",
                "model = nn.Sequential(*list(model.children())[:-1])",
                "model.insert(1, nn.Tanh())",
                "model.pop(-1)",
                "del model[-1]",
                "model = model + nn.Sequential(nn.Sigmoid())",
                "model.extend([nn.Softplus()])",
                "model = nn.Sequential(*reversed(list(model)[1:]), model[0])",
                "model = nn.Sequential(*[model[i] for i in range(len(model) - 1)])",
            )
        ),
    ]


def _looped(rng: Random, layers: list[str]) -> list[str]:
    first, *rest = layers
    return [
        "layers = []",
        f"for step in range({rng.choice((1, 2, 3))}):",
        f"    layers.append({first} if step == 0 else nn.{rng.choice(('Sigmoid', 'ReLU', 'Identity'))}())",
        *(f"layers.append({layer})" for layer in rest),
        "model = nn.Sequential(*layers)",
    ]


def _wrapped(rng: Random, setting: Setting, shape: Sizes) -> Model:
    """A class whose layers are replaced, hooked or wrapped after it was built."""
    body, held = _forward(rng, setting, shape, rng.randrange(0, 3))
    body.init.append("        self.last = nn.Identity()")
    body.init.append("        self.blocks = nn.ModuleList([nn.ReLU(), nn.Sigmoid()])")
    result = rng.choice(
        (
            f"self.last({held.text})",
            f"self.last(self.blocks[0]({held.text}))",
            f"self.blocks[-1](self.last({held.text}))",
        )
    )
    lines = _class_text("Net", body, "nn.Module", result)
    activation = rng.choice(
        ("nn.Sigmoid()", "nn.Softmax(dim=-1)", "nn.ReLU()", "torch.tanh", "nn.LogSoftmax(dim=1)", "lambda t: t.exp()")
    )
    module = activation if activation.startswith("nn") else "nn.Tanh()"
    changes = rng.choice(
        (
            [f"model.last = {module}"],
            [f"setattr(model, 'last', {module})"],
            [f"model.blocks[0] = {module}"],
            [f"model.last.forward = {activation}"],
            [f"model.last.register_forward_hook(lambda m, i, o: ({activation})(o))"],
            [f"model.register_forward_hook(lambda m, i, o: ({activation})(o))"],
            [f"model = nn.Sequential(model, {module})"],
            [f"for name in ['last']:\n    setattr(model, name, {module})"],
            ["inner = model", "model = lambda t: torch.sigmoid(inner(t))"],
            ["old = model.forward\nmodel.forward = lambda t: torch.sigmoid(old(t))"],
            [f"if {setting.condition(None)}:\n    model.last = {module}"],
            [f"model._modules['last'] = {module}"],
            [f"model.add_module('last', {module})"],
            [f"head = model\nhead.last = {module}"],
            [f"def replace(net):\n    net.last = {module}\n\nreplace(model)"],
            [f"model.apply(lambda m: setattr(m, 'last', {module}) if isinstance(m, Net) else None)"],
            [
                "for name, child in model.named_children():\n    if isinstance(child, nn.Identity):\n"
                f"        setattr(model, name, {module})"
            ],
        )
    )
    return Model(
        lines, [f"model = Net({body.init_arguments()})", *changes], "model(x)", held.shape, "float", body.later
    )


# --- losses and training ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Loss:
    """How the loss is made and called; `{x}` and `{y}` stand for the arguments."""

    lines: list[str]
    call: str


def _loss(rng: Random) -> Loss:
    function, name = rng.choice(_LOSSES)
    return rng.choice(
        (
            Loss([], f"F.{function}({{x}}, {{y}})"),
            Loss([], f"F.{function}(input={{x}}, target={{y}})"),
            Loss([], f"nn.{name}()({{x}}, {{y}})"),
            Loss([f"criterion = nn.{name}()"], "criterion({x}, {y})"),
            Loss([f"losses = {{'main': nn.{name}(), 'other': nn.L1Loss()}}"], "losses['main']({x}, {y})"),
            Loss([f"def compute(a, b):\n    return F.{function}(«1:a», «2:b»)"], "compute({x!r}, {y!r})"),
            Loss([f"criterion = partial(F.{function}, reduction='sum')"], "criterion({x}, {y})"),
            Loss([f"criterion = F.{function}"], "criterion({x}, {y})"),
            Loss([f"criterion = lambda a, b: F.{function}(«1:a», «2:b»)"], "criterion({x!r}, {y!r})"),
        )
    )


def _call(loss: Loss, x: str, y: str) -> str:
    if "!r" in loss.call:
        return loss.call.replace("{x!r}", x).replace("{y!r}", y)
    return loss.call.replace("{x}", f"«1:{x}»").replace("{y}", f"«2:{y}»")


def _target(rng: Random, shape: Sizes) -> str:
    size = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
    gone = ", ".join(map(str, (shape[0], *shape[2:]))) + ("," if len(shape) == 2 else "")
    return rng.choice(
        (
            f"torch.randint(0, 2, ({gone}))",
            f"torch.rand({size})",
            f"torch.zeros(({gone}), dtype=torch.long)",
            f"(torch.rand({size}) > 0.5).float()",
            f"torch.randn({size})",
            f"torch.softmax(torch.randn({size}), -1)",
            f"torch.randint(0, 2, ({gone})).float()",
            f"torch.ones({size})",
            f"F.one_hot(torch.zeros(({gone}), dtype=torch.long), {shape[1] if len(shape) > 1 else 2}).float()",
            f"torch.randint(0, 2, ({size},)).float() * 2 - 1",
            f"torch.full(({gone}), 1)",
            f"torch.tensor([0] * {shape[0]})",
            f"torch.tensor([[0.5] * 2] * {shape[0]})",
            f"torch.zeros({size})",
            f"torch.arange({shape[0]})",
            f"torch.rand({size}).round()",
        )
    )


@dataclass(slots=True)
class Training:
    lines: list[str]
    tail: str = ""


def _training(rng: Random, setting: Setting, model: Model, shape: Sizes, loss: Loss) -> Training:
    size = ", ".join(map(str, shape))
    style = rng.choice(("module", "module", "function", "loop", "main", "uncalled", "method"))
    indent = (
        0 if style == "module" else 1 if style in ("function", "uncalled", "loop") else 2 if style == "method" else 1
    )
    body = Body(rng, setting, indent=indent, in_class=False)
    pad = "    " * indent
    body.lines.append(f"{pad}out = {model.call}")
    after = body.steps(Held("out", model.shape, model.kind), rng.choice((0, 0, 0, 1, 1, 2)))
    target = _target(rng, after.shape or (1,))
    end = [f"{pad}y = {target}", f"{pad}loss = {_call(loss, after.text, 'y')}", f"{pad}loss.backward()"]
    made = [*model.made, *model.wraps]
    match style:
        case "module":
            return Training([*made, f"x = torch.randn({size}) * 3", *body.lines, *end])
        case "loop":
            data = f"[torch.randn({size}) * 3 for _ in range(2)]"
            return Training([*made, f"for x in {data}:", *body.lines, *end])
        case "function":
            call = f"train(model, torch.randn({size}) * 3)"
            return Training(["def train(model, x):", *body.lines, *end, f"{pad}return loss", "", *made, call])
        case "main":
            inner = [line for text in made for line in text.split("\n")]
            lines = [
                "def main():",
                *("    " + line for line in inner),
                f"    x = torch.randn({size}) * 3",
                *body.lines,
                *end,
            ]
            return Training([*lines, "", "if __name__ == '__main__':", "    main()"])
        case "uncalled":
            return Training(
                [*made, "def train(x):", *body.lines, *end, f"{pad}return loss"], f"\ntrain(torch.randn({size}) * 3)\n"
            )
        case _:
            text = [line.replace("model", "self.model") for line in (*body.lines, *end)]
            lines = [
                "class Trainer:",
                "    def __init__(self, model):",
                "        self.model = model",
                "",
                "    def step(self, x):",
                *text,
                "        return loss",
                "",
            ]
            return Training([*lines, *made, "trainer = Trainer(model)", f"trainer.step(torch.randn({size}) * 3)"])
