"""Registries of mmengine and fvcore: what is registered by decorator is found by name, and built from settings."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import seen

_REGISTRY = """
from mmengine.registry import MODELS as PARENT, Registry

MODELS = Registry("model", parent=PARENT, locations=["pkg"])
LOSSES = MODELS
"""
_LOSSES = """
import torch.nn as nn
import torch.nn.functional as F
from pkg.registry import {registry}


@{registry}.{decorator}
class Own(nn.Module):
    def __init__(self, use_sigmoid=False):
        super().__init__()
        self.use_sigmoid = use_sigmoid

    def forward(self, score, label):
        if self.use_sigmoid:
            return F.binary_cross_entropy_with_logits(score, label.float())
        return F.cross_entropy(score, label)
"""
_HEAD = """
import torch.nn as nn
from mmengine.registry import build_from_cfg
from pkg.registry import MODELS


@MODELS.register_module()
class Head(nn.Module):
    def __init__(self, loss_cls=dict(type="{key}", use_sigmoid={sigmoid}), name="CrossEntropyLoss"):
        super().__init__()
        self.fc = nn.Linear(16, 4)
        self.loss_cls = {build}

    def loss(self, x, label):
        return self.loss_cls(self.fc(x), label)
"""


def _known(registry: str, decorator: str, key: str, build: str, sigmoid: bool = False) -> set[str]:
    files = {
        "pkg/__init__.py": "",
        "pkg/registry.py": _REGISTRY,
        "pkg/losses.py": _LOSSES.format(registry=registry, decorator=decorator),
        "pkg/heads.py": _HEAD.format(key=key, build=build, sigmoid=sigmoid),
    }
    return {one.loss.rsplit(".", 1)[-1] for one in seen(files) if Domain.SCORES in one.domains}


@pytest.mark.parametrize(
    ("registry", "decorator", "key"),
    [
        ("MODELS", "register_module()", "Own"),
        ("LOSSES", "register_module()", "Own"),
        ("MODELS", 'register_module(name="Other")', "Other"),
        ("MODELS", 'register_module("Other")', "Other"),
        ("LOSSES", 'register_module(name=["Own", "Other"], force=True)', "Other"),
    ],
)
def test_a_loss_is_built_from_the_settings_of_a_default(registry: str, decorator: str, key: str) -> None:
    assert _known(registry, decorator, key, "MODELS.build(loss_cls)") == {"cross_entropy"}


@pytest.mark.parametrize("build", [
    "build_from_cfg(loss_cls, MODELS)", 'MODELS.get("Own")(use_sigmoid=True)', "MODELS.build(loss_cls)",
])  # fmt: skip
def test_the_other_entries_are_arguments(build: str) -> None:
    found = _known("MODELS", "register_module()", "Own", build, sigmoid=True)
    assert found == {"binary_cross_entropy_with_logits"}


def test_what_is_not_registered_is_not_known() -> None:
    assert _known("MODELS", "register_module()", "Missing", "MODELS.build(loss_cls)") == set()


_FVCORE = """
import torch.nn as nn
import torch.nn.functional as F
from fvcore.common.registry import Registry

MODELS = Registry("MODEL")


@MODELS.register()
class First(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.head = nn.Linear(4, cfg.classes)

    def forward(self, x):
        return self.head(x)


def train(cfg, x, y):
    model = MODELS.get({name})(cfg)
    return F.cross_entropy(model(x), y)
"""


@pytest.mark.parametrize("name", ["'First'", "cfg.name"])
def test_fvcore(name: str) -> None:
    (found,) = seen({"main.py": _FVCORE.format(name=name)})
    assert found.domains == {Domain.SCORES}
