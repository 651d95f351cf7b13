"""Functions of torch that call what they are given, and what frameworks keep of a constructor."""

from __future__ import annotations

import pytest

from tests.inference.reveal import Domain, domain, domains

NET = "net = nn.Sequential(nn.Linear(8, 4), nn.Softmax(1))\n"


@pytest.mark.parametrize(
    "written",
    [
        "checkpoint(net, x, use_reentrant=False)",
        "checkpoint(lambda a, b: net(a + b), x, z)",
        "checkpoint_sequential(net, 2, x)",
        "checkpoint_sequential([net[0], net[1]], 2, x)",
        "torch.func.functional_call(net, dict(net.named_parameters()), (x,))",
        "torch.func.functional_call(net, {}, x)",
        "torch.nn.parallel.data_parallel(net, x)",
    ],
)
def test_what_is_called(written: str) -> None:
    head = "from torch.utils.checkpoint import checkpoint, checkpoint_sequential\n"
    assert domain(f"{head}{NET}F.cross_entropy({written}, y)") is Domain.PROBABILITIES


@pytest.mark.parametrize(
    ("saved", "expected"),
    [
        ("self.save_hyperparameters()", Domain.PROBABILITIES),
        ("self.save_hyperparameters('last')", Domain.PROBABILITIES),
        ("self.save_hyperparameters({'last': last})", Domain.PROBABILITIES),
        ("self.save_hyperparameters('width')", Domain.UNKNOWN),
    ],
)
@pytest.mark.parametrize("read", ["self.hparams.last", "self.hparams['last']"])
def test_saved_hyperparameters(saved: str, expected: Domain, read: str) -> None:
    program = f"""
    import pytorch_lightning as pl

    class Net(pl.LightningModule):
        def __init__(self, width=8, last="Softmax", **more):
            super().__init__()
            {saved}
            self.net = nn.Sequential(nn.Linear(width, 4), getattr(nn, {read})(1))

        def training_step(self, batch, number):
            x, y = batch
            return F.cross_entropy(self.net(x), y)

    Net()
    """
    assert expected in domains(program)


@pytest.mark.parametrize(
    ("model", "replaced", "expected"),
    [
        ("vgg16", "net.classifier[6] = {head}", Domain.PROBABILITIES),
        ("vgg16", "net.classifier[-1] = {head}", Domain.PROBABILITIES),
        ("vgg16", "net.classifier[2] = nn.Dropout(0.1)", Domain.SCORES),
        ("mobilenet_v2", "net.classifier[1] = {head}", Domain.PROBABILITIES),
        ("efficientnet_b0", "net.classifier[1] = {head}", Domain.PROBABILITIES),
        ("vit_b_16", "net.heads.head = {head}", Domain.PROBABILITIES),
        ("resnet18", "net.layer4[1] = {head}", Domain.SCORES),
    ],
)
def test_the_last_layer_inside_of_a_part(model: str, replaced: str, expected: Domain) -> None:
    line = replaced.format(head="nn.Sequential(nn.Linear(8, 4), nn.Softmax(1))")
    program = f"from torchvision import models\nnet = models.{model}()\n{line}\nF.cross_entropy(net(x), y)"
    assert domain(program) is expected


@pytest.mark.parametrize(("after", "expected"), [
    ("net.classifier[6] = net.classifier[6].cuda()", Domain.PROBABILITIES),
    ("net.classifier[2] = nn.Dropout(0.1)", Domain.PROBABILITIES),
    ("net.classifier[6] = nn.Linear(8, 4)", Domain.SCORES),
    ("net.classifier[-1] = nn.Sequential(net.classifier[6][0], nn.Sigmoid())", Domain.UNIT_INTERVAL),
    ("net.classifier[6] = made_elsewhere(net.classifier[6])", Domain.UNKNOWN),
])  # fmt: skip
@pytest.mark.parametrize("called", ["net(x)", "net.classifier(net.features(x).flatten(1))"])
def test_the_last_layer_is_read_and_replaced_again(after: str, expected: Domain, called: str) -> None:
    program = f"""
    from torchvision import models
    from elsewhere import made_elsewhere
    net = models.vgg16()
    net.classifier[6] = nn.Sequential(nn.Linear(8, 4), nn.Softmax(1))
    {after}
    F.cross_entropy({called}, y)
    """
    assert domain(program) is expected


def test_a_model_from_the_hub_with_a_new_head() -> None:
    program = "net = torch.hub.load('pytorch/vision', 'resnet18')\n{}F.cross_entropy(net(x), y)"
    assert domain(program.format("")) is Domain.UNKNOWN
    head = "net.fc = nn.Sequential(nn.Linear(8, 4), nn.Sigmoid())\n"
    assert domain(program.format(head)) is Domain.UNIT_INTERVAL
