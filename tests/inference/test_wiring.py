"""Who builds what, and who calls it: registries, frameworks that call the user's methods, hooks, containers."""

from __future__ import annotations

from textwrap import dedent

import pytest

from lossadvisor.values import Domain, Grad
from tests.inference.reveal import HEADER, domain, domains, reveal

SOFT = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)

"""


@pytest.mark.parametrize(
    "body",
    [
        # Lightning and its like call training_step on the very object that was built
        """
        import pytorch_lightning as pl
        class Lit(pl.LightningModule):
            def __init__(self, net, criterion):
                super().__init__()
                self.net, self.criterion = net, criterion
            def training_step(self, batch, i):
                x, y = batch
                return self.criterion(self.net(x), y)
        pl.Trainer().fit(Lit(Net(), nn.CrossEntropyLoss()), loader)
        """,
        # transformers hands the model of the constructor to compute_loss
        """
        from transformers import Trainer
        class Mine(Trainer):
            def compute_loss(self, model, inputs, return_outputs=False):
                labels = inputs.pop("labels")
                outputs = model(**inputs)
                return F.cross_entropy(outputs, labels)
        Mine(model=Net(), args=None).train()
        """,
        # a class method of the library builds the user's class
        """
        from transformers import PreTrainedModel
        class Pretrained(PreTrainedModel):
            def __init__(self, config):
                super().__init__(config)
                self.inner = Net()
            def forward(self, x):
                return self.inner(x)
        net = Pretrained.from_pretrained("bert")
        loss = F.cross_entropy(net(x), y)
        """,
        # parts of a list appended in a loop, summed
        """
        net = Net()
        def step(xs, y):
            loss = sum(F.cross_entropy(net(x), y) for x in xs)
            return loss
        """,
        # values of missing keys
        """
        from collections import defaultdict
        store = defaultdict(list)
        net = Net()
        def step(x, y):
            store["out"].append(net(x))
            return F.cross_entropy(store["out"][0], y)
        """,
    ],
)
def test_softmax_reaches_the_loss(body: str) -> None:
    assert domain(SOFT + dedent(body)) is Domain.PROBABILITIES


def test_star_import_of_a_library_in_the_table() -> None:
    program = "from fastai.vision.all import *\n" + HEADER + SOFT
    program += "Learner(dls, Net(), loss_func=nn.CrossEntropyLoss())\n"
    assert domain({"main.py": program}) is Domain.PROBABILITIES


def test_other_star_imports_bind_nothing() -> None:
    program = "from somewhere import *\n" + HEADER + "loss = F.cross_entropy(Net()(x), y)\n"
    assert domain({"main.py": program}) is Domain.UNKNOWN


def test_a_folder_called_like_a_library() -> None:
    """The folder around the project has the name of a library, and no module: the import means the library."""
    program = "from ignite.engine import create_supervised_trainer\n" + HEADER + SOFT + (
        "create_supervised_trainer(Net(), None, nn.CrossEntropyLoss())\n"
    )
    files = {"ignite/examples/main.py": program, "ignite/examples/other.py": ""}
    assert domain(files) is Domain.PROBABILITIES


FACTORY = {
    "registry.py": """
        class Registry:
            def __init__(self):
                self.known = {}

            def register(self, cls):
                self.known[cls.__name__] = cls
                return cls

        MODELS, HEADS, LOSSES = Registry(), Registry(), Registry()

        def build(cfg, registry):
            args = dict(cfg)
            return registry.known[args.pop("type")](**args)
    """,
    "parts.py": """
        import torch.nn as nn
        import torch.nn.functional as F
        from registry import HEADS, LOSSES, MODELS, build

        @LOSSES.register
        class Entropy(nn.Module):
            def forward(self, out, y):
                return F.cross_entropy(out, y)

        @HEADS.register
        class Head(nn.Module):
            def __init__(self, loss):
                super().__init__()
                self.fc = nn.Linear(4, 4)
                self.loss = build(loss, LOSSES)

            def forward_train(self, x, y):
                return self.loss(self.fc(x).softmax(1), y)

        @MODELS.register
        class Model(nn.Module):
            def __init__(self, head):
                super().__init__()
                self.head = build(head, HEADS)

            def forward(self, x, y):
                return self.head.forward_train(x, y)
    """,
    "main.py": """
        import parts
        from registry import MODELS, build

        config = dict(type="Model", head=dict(type="Head", loss=dict(type="Entropy")))
        model = build(config, MODELS)
        loss = model(x, y)
    """,
}


def test_factories_inside_factories() -> None:
    assert domain(FACTORY) is Domain.PROBABILITIES


def test_module_handed_on_as_a_value() -> None:
    """`getattr(losses, name)` names no loss, nor a definition that does."""
    files = {
        "losses.py": "import torch.nn.functional as F\n\ndef entropy(out, y):\n    return F.cross_entropy(out, y)\n",
        "net.py": HEADER + SOFT,
        "pick.py": "def pick(module, name):\n    return getattr(module, name)\n",
        "main.py": """
            import losses as module
            from net import Net
            from pick import pick

            def main():
                net = Net()
                criterion = pick(module, "entropy")
                for x, y in loader:
                    criterion(net(x), y).backward()

            main()
        """,
    }
    assert Domain.PROBABILITIES in domains(files)


def test_hook_on_a_layer_of_a_library() -> None:
    """What a hook records of a model that is not followed is what it does to some output of a layer."""
    program = """
        import torchvision

        class Features(nn.Module):
            def __init__(self):
                super().__init__()
                self.net = torchvision.models.vgg16().features
                self.store = {}
                self.net[3].register_forward_hook(self.keep("a"))

            def keep(self, name):
                def hook(module, inputs, output):
                    self.store[name] = output.detach()
                return hook

            def forward(self, x):
                self.net(x)
                return dict(self.store)

        features = Features()
        loss = F.mse_loss(features(x)["a"], y)
    """
    assert reveal(program).grad is Grad.DETACHED
    assert reveal(program.replace(".detach()", "")).grad is Grad.FLOWS


@pytest.mark.parametrize(
    "launch",
    [
        "torch.multiprocessing.spawn(worker, args=(Net(), nn.NLLLoss()), nprocs=2)",
        "torch.multiprocessing.spawn(worker, (Net(), nn.NLLLoss()))",
        "torch.multiprocessing.Process(target=worker, args=(0, Net(), nn.NLLLoss())).start()",
        "torch.multiprocessing.Process(target=worker, kwargs=dict(rank=0, net=Net(), criterion=nn.NLLLoss()))",
        "torch.multiprocessing.Process(None, worker, None, (0, Net(), nn.NLLLoss())).start()",
    ],
)
def test_what_is_handed_to_a_process_runs_with_its_arguments(launch: str) -> None:
    worker = """
def worker(rank, net, criterion):
    for x, y in loader:
        criterion(net(x), y)

"""
    assert domains(SOFT + worker + launch) == {Domain.PROBABILITIES}


@pytest.mark.parametrize("name", ["'resnet18'", "args.arch"])
def test_names_of_an_external_module_as_a_mapping(name: str) -> None:
    program = f"""
    import argparse
    import torchvision.models as models
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", default="resnet18")
    args = parser.parse_args()
    loss = F.cross_entropy(models.__dict__[{name}](num_classes=10)(x), y)
    """
    assert domain(program) is Domain.SCORES
