"""nn.Module: attributes, inheritance, containers, modes, wrappers, attributes set from outside."""

from __future__ import annotations

from textwrap import indent

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import domain, domains, losses


@pytest.mark.parametrize(
    "model",
    [
        "nn.Sequential(nn.Linear(8, 3), nn.Softmax(1))",
        "nn.Sequential(*[nn.Linear(8, 3), nn.Softmax(1)])",
        "nn.Sequential(*layers)",
        "nn.Sequential(OrderedDict([('fc', nn.Linear(8, 3)), ('act', nn.Softmax(1))]))",
        "nn.Sequential(OrderedDict(fc=nn.Linear(8, 3), act=nn.Softmax(1)))",
        "nn.Sequential(nn.Sequential(nn.Linear(8, 3)), nn.Sequential(nn.Softmax(1)))",
        "nn.Sequential(nn.Linear(8, 3)).append(nn.Softmax(1))",
        "appended",
        "added",
        "extended",
        "Sub()",
        "Named()",
        "torch.nn.modules.container.Sequential(nn.Linear(8, 3), nn.Softmax(1))",
        "nn.Sequential(nn.Softmax(1), nn.Linear(8, 3))[::-1]",
        "stages(3)",
    ],
)
def test_sequential_spellings(model: str) -> None:
    program = f"""
    from collections import OrderedDict
    layers = [nn.Linear(8, 3)]
    layers.append(nn.Softmax(1))
    appended = nn.Sequential()
    appended.append(nn.Linear(8, 3))
    appended.append(nn.Softmax(1))
    added = nn.Sequential()
    added.add_module("fc", nn.Linear(8, 3))
    added.add_module("act", nn.Softmax(1))
    extended = nn.Sequential(nn.Linear(8, 3))
    extended.extend([nn.Softmax(1)])

    class Sub(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Linear(8, 3), nn.Softmax(1))

    class Named(nn.Sequential):
        def __init__(self):
            super(Named, self).__init__()
            self.add_module("fc", nn.Linear(8, 3))
            self.add_module("act", nn.Softmax(1))

    def stages(n):
        found = []
        for _ in range(n):
            found += [nn.Linear(8, 8), nn.ReLU()]
        return nn.Sequential(*found, nn.Linear(8, 3), nn.Softmax(1))

    model = {model}
    def step(x, y):
        return F.cross_entropy(model(x), y)
    """
    assert domain(program) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("Base()", Domain.SCORES),
        ("Child()", Domain.PROBABILITIES),
        ("Super()", Domain.PROBABILITIES),
        ("OldSuper()", Domain.PROBABILITIES),
        ("Explicit()", Domain.PROBABILITIES),
        ("Hook()", Domain.PROBABILITIES),
        ("Mixed()", Domain.PROBABILITIES),
        ("GrandChild()", Domain.PROBABILITIES),
        ("Attribute()", Domain.UNIT_INTERVAL),
        ("Property()", Domain.UNIT_INTERVAL),
        ("Static()", Domain.PROBABILITIES),
        ("Constant()", Domain.UNIT_INTERVAL),
        ("Indexed()", Domain.UNIT_INTERVAL),
        ("Keyed()", Domain.UNIT_INTERVAL),
        ("Looped()", Domain.SCORES),
        ("Built.small()", Domain.PROBABILITIES),
        ("Switch()", Domain.SCORES),
        ("Switch(final='softmax')", Domain.PROBABILITIES),
        ("Switch('sigmoid')", Domain.UNIT_INTERVAL),
        ("Called()", Domain.PROBABILITIES),
        ("Lazy()", Domain.UNIT_INTERVAL),
    ],
)
def test_classes(model: str, expected: Domain) -> None:
    program = f"""
    class Base(nn.Module):
        def __init__(self, out=3):
            super().__init__()
            self.fc = nn.Linear(8, out)
        def activate(self, z):
            return z
        def forward(self, x):
            return self.activate(self.fc(x))

    class Child(Base):
        def forward(self, x):
            return self.fc(x).softmax(1)

    class Super(Base):
        def forward(self, x):
            return super().forward(x).softmax(1)

    class OldSuper(Base):
        def __init__(self):
            super(OldSuper, self).__init__(out=4)
        def forward(self, x):
            return super(OldSuper, self).forward(x).softmax(1)

    class Explicit(Base):
        def __init__(self):
            Base.__init__(self, 5)
        def forward(self, x):
            return Base.forward(self, x).softmax(1)

    class Hook(Base):
        def activate(self, z):
            return z.softmax(1)

    class Mixin:
        def activate(self, z):
            return torch.softmax(z, 1)

    class Mixed(Mixin, Base):
        pass

    class GrandChild(Hook):
        def __init__(self):
            super().__init__(7)

    class Attribute(Base):
        act = torch.sigmoid
        def __init__(self):
            super().__init__()
            self.last = nn.Sigmoid()
        def forward(self, x):
            return self.last(self.fc(x))

    class Property(Base):
        @property
        def head(self):
            return nn.Sequential(self.fc, nn.Sigmoid())
        def forward(self, x):
            return self.head(x)

    class Static(Base):
        @staticmethod
        def soft(z):
            return z.softmax(1)
        def forward(self, x):
            return self.soft(self.fc(x))

    class Constant(Base):
        kind = "sigmoid"
        def forward(self, x):
            return torch.sigmoid(self.fc(x)) if self.kind == "sigmoid" else self.fc(x)

    class Indexed(Base):
        def __init__(self):
            super().__init__()
            self.heads = nn.ModuleList([nn.Linear(8, 3), nn.Sigmoid()])
        def forward(self, x):
            return self.heads[1](self.heads[0](x))

    class Keyed(Base):
        def __init__(self):
            super().__init__()
            self.heads = nn.ModuleDict(dict(a=nn.Linear(8, 3)))
            self.heads["act"] = nn.Sigmoid()
        def forward(self, x):
            return self.heads["act"](self.heads["a"](x))

    class Looped(Base):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(3))
        def forward(self, x):
            for layer in self.layers:
                x = F.relu(layer(x))
            return self.fc(x)

    class Built(Base):
        @classmethod
        def small(cls):
            return cls(2)
        def forward(self, x):
            return self.fc(x).softmax(1)

    class Switch(Base):
        def __init__(self, final=None):
            super().__init__()
            if final == "softmax":
                self.final = nn.Softmax(1)
            elif final == "sigmoid":
                self.final = nn.Sigmoid()
            else:
                self.final = nn.Identity()
        def forward(self, x):
            return self.final(self.fc(x))

    class Called(Base):
        def __call__(self, x):
            return self.fc(x).softmax(1)

    class Lazy(Base):
        def build(self):
            self.act = nn.Sigmoid()
        def forward(self, x):
            self.build()
            return self.act(self.fc(x))

    model = {model}
    def step(x, y):
        return F.cross_entropy(model(x), y)
    """
    assert domain(program) is expected


@pytest.mark.parametrize(
    "wrap",
    [
        "model",
        "nn.DataParallel(model)",
        "nn.parallel.DistributedDataParallel(model, device_ids=[0])",
        "torch.nn.parallel.DataParallel(model, [0, 1]).cuda()",
        "torch.compile(model)",
        "torch.compile(model, mode='max-autotune')",
        "torch.jit.script(model)",
        "model.to('cuda')",
        "model.cuda().train()",
        "model.to(torch.device('cpu')).half()",
        "nn.DataParallel(model).module",
        "nn.SyncBatchNorm.convert_sync_batchnorm(model)",
        "copy.deepcopy(model)",
        "FSDP(model)",
        "model.eval()",
        "accelerator.prepare(model)",
        "accelerator.prepare(model, optimizer)[0]",
    ],
)
def test_wrappers_keep_the_model(wrap: str) -> None:
    program = f"""
    import copy
    from accelerate import Accelerator
    from torch.distributed.fsdp import FullyShardedDataParallel as FSDP
    accelerator = Accelerator()
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, 3)
        def forward(self, x):
            return self.fc(x).softmax(1)
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    wrapped = {wrap}
    def step(x, y):
        return F.cross_entropy(wrapped(x), y)
    """
    assert domain(program) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("model.fc = nn.Sequential(nn.Linear(8, 3), nn.Softmax(1))", Domain.PROBABILITIES),
        ("model.fc = nn.Linear(8, 5)", Domain.SCORES),
        ("model.act = nn.Sigmoid()", Domain.UNIT_INTERVAL),
        ("setattr(model, 'act', nn.Sigmoid())", Domain.UNIT_INTERVAL),
        ("model.fc.act = nn.Sigmoid()", Domain.SCORES),
        ("model = nn.Sequential(model, nn.Softmax(1))", Domain.PROBABILITIES),
        ("model.forward = lambda x: model.fc(x).softmax(1)", Domain.PROBABILITIES),
    ],
)
def test_attributes_set_from_outside(change: str, expected: Domain) -> None:
    program = f"""
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, 3)
            self.act = nn.Identity()
        def forward(self, x):
            return self.act(self.fc(x))
    model = Net()
    {change}
    def step(x, y):
        return F.cross_entropy(model(x), y)
    """
    assert domain(program) is expected


def test_the_last_layer_of_a_torchvision_model() -> None:
    program = """
    from torchvision import models
    model = models.resnet18(weights=None)
    model.fc = nn.Sequential(nn.Linear(512, 3), nn.Softmax(dim=1))
    def step(x, y):
        return F.cross_entropy(model(x), y)
    """
    assert domain(program) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("self.training", {Domain.SCORES, Domain.PROBABILITIES}),
        ("self.train_mode", {Domain.SCORES}),
    ],
)
def test_modes_keep_both_alternatives_apart(mode: str, expected: set[Domain]) -> None:
    program = f"""
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(8, 3)
            self.train_mode = True
        def forward(self, x):
            x = self.fc(x)
            if {mode}:
                return x
            return x.softmax(1)
    model = Net()
    def step(x, y):
        return F.cross_entropy(model(x), y)
    """
    assert domains(program) == expected


METHODS = """
class Trainer:
    def __init__(self, model, criterion=None):
        self.model = model
        self.criterion = criterion or nn.CrossEntropyLoss()
        self.losses = {"ce": nn.CrossEntropyLoss(), "kl": nn.KLDivLoss()}
    def output(self, x):
        return self.model(x)
    def step(self, x, y):
        CALL
def main(x, y):
    trainer = Trainer(nn.Sequential(nn.Linear(8, 3), nn.Softmax(1)))
    trainer.step(x, y)
"""


@pytest.mark.parametrize(
    "call",
    [
        "return self.criterion(self.model(x), y)",
        "return self.losses['ce'](self.model(x), y)",
        "out = self.output(x)\nreturn self.criterion(out, y)",
        "self.out = self.output(x)\nreturn self.criterion(self.out, target=y)",
        "loss_fn = self.criterion\nreturn loss_fn(input=self.output(x), target=y)",
    ],
)
def test_criteria_and_models_as_attributes(call: str) -> None:
    program = METHODS.replace("        CALL\n", indent(call, "        ") + "\n")
    assert domains(program) - {Domain.UNKNOWN} == {Domain.PROBABILITIES}  # the class is looked at alone, too
    assert losses(program) == {"torch.nn.CrossEntropyLoss"}


def test_a_lightning_module() -> None:
    program = """
    import pytorch_lightning as pl
    class Lit(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = nn.Linear(8, 3)
            self.loss = nn.CrossEntropyLoss()
        def forward(self, x):
            return self.net(x).softmax(1)
        def training_step(self, batch, batch_idx):
            x, y = batch
            return self.loss(self(x), y)
    """
    assert domain(program) is Domain.PROBABILITIES
