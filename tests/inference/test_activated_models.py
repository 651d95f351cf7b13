"""Models and layers of libraries whose constructor says which activation comes last."""

from __future__ import annotations

import pytest

from tests.inference.reveal import Domain, domain, reveal

HEADER = """
import segmentation_models_pytorch as smp
from dgl.nn import GraphConv
from dgl.nn.pytorch import GATConv, RelGraphConv
from dgl.nn.pytorch.conv import SAGEConv
from functools import partial
"""


def step(model: str) -> str:
    return f"{HEADER}net = {model}\ndef step(g, x, y):\n    F.cross_entropy(net(g, x), y)\n"


@pytest.mark.parametrize(
    ("model", "expected", "axis"),
    [
        ("smp.Unet('resnet34', classes=4)", Domain.SCORES, None),
        ("smp.Unet('resnet34', classes=4, activation=None)", Domain.SCORES, None),
        ("smp.Unet('resnet34', classes=4, activation='identity')", Domain.SCORES, None),
        ("smp.FPN(encoder_name='resnet34', classes=1, activation='sigmoid')", Domain.UNIT_INTERVAL, None),
        ("smp.DeepLabV3Plus(classes=4, activation='softmax2d')", Domain.PROBABILITIES, 1),
        ("smp.UnetPlusPlus(classes=4, activation='logsoftmax')", Domain.LOG_PROBABILITIES, 1),
        ("smp.Linknet(classes=4, activation=nn.Sigmoid)", Domain.UNIT_INTERVAL, None),
        ("smp.MAnet(classes=4, activation=nn.Softmax(dim=1))", Domain.PROBABILITIES, 1),
        ("smp.create_model('unet', encoder_name='resnet34', classes=2)", Domain.SCORES, None),
        ("smp.Unet(classes=4, activation='argmax')", Domain.UNKNOWN, None),
        ("smp.Unet(classes=4, activation=missing)", Domain.UNKNOWN, None),
        ("smp.Unet(classes=4, aux_params=dict(classes=2))", Domain.UNKNOWN, None),
        ("GraphConv(8, 4)", Domain.SCORES, None),
        ("GraphConv(8, 4, activation=F.relu)", Domain.RECTIFIED, None),
        ("GATConv(8, 4, 2, 0.0, 0.0, 0.2, False, None)", Domain.SCORES, None),
        ("GATConv(8, 4, 2, 0.0, 0.0, 0.2, False, F.elu)", Domain.REAL, None),
        ("RelGraphConv(8, 4, 3, activation=partial(F.softmax, dim=1))", Domain.PROBABILITIES, 1),
        ("SAGEConv(8, 4, 'mean', activation=torch.sigmoid)", Domain.UNIT_INTERVAL, None),
    ],
)
def test_what_comes_last(model: str, expected: Domain, axis: int | None) -> None:
    fact = reveal(step(model))
    assert (fact.domain, fact.axis) == (expected, axis)


def test_the_channels_of_a_segmentation_model() -> None:
    fact = reveal(step("smp.Unet('resnet34', classes=4, activation='softmax2d')"))
    assert (fact.classes, fact.shape) == (4, (None, 4, None, None))


def test_a_head_that_is_replaced() -> None:
    replaced = "net.segmentation_head = nn.Sequential(nn.Sigmoid())"
    assert domain(step("smp.Unet('resnet34')").replace("\ndef", f"\n{replaced}\ndef")) is Domain.UNKNOWN


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("UNet(spatial_dims=3, in_channels=1, out_channels=2)", Domain.SCORES),
        ("DenseNet121(spatial_dims=2, in_channels=1, out_channels=6)", Domain.SCORES),
        ("SegResNetVAE(input_image_size=(8, 8))", Domain.UNKNOWN),
        ("BasicUNetPlusPlus()", Domain.UNKNOWN),
    ],
)
def test_networks_of_monai(model: str, expected: Domain) -> None:
    program = f"from monai.networks import nets\nnet = nets.{model}\ndef step(x, y):\n    F.cross_entropy(net(x), y)\n"
    assert domain(program) is expected
