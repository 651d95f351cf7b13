"""Sound training code of many kinds: watch reports nothing above a note, and no judge fails on it."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lossadvisor.runtime import watch

Step = Callable[[], Tensor]


def language_model() -> Step:
    net, pad = nn.Sequential(nn.Embedding(20, 16), nn.Linear(16, 20)), 0

    def step() -> Tensor:
        tokens = torch.randint(1, 20, (4, 9))
        tokens[:, 7:] = pad
        scores = net(tokens[:, :-1])
        return F.cross_entropy(scores.reshape(-1, 20), tokens[:, 1:].reshape(-1), ignore_index=pad)

    return step


def language_model_with_nll() -> Step:
    net = nn.Sequential(nn.Embedding(20, 16), nn.Linear(16, 20), nn.LogSoftmax(dim=-1))

    def step() -> Tensor:
        tokens = torch.randint(0, 20, (4, 9))
        return F.nll_loss(net(tokens[:, :-1]).view(-1, 20), tokens[:, 1:].reshape(-1))

    return step


def segmentation() -> Step:
    net = nn.Conv2d(3, 6, 3, padding=1)

    def step() -> Tensor:
        mask = torch.randint(0, 6, (2, 8, 8))
        mask[:, 0] = 255
        return F.cross_entropy(net(torch.randn(2, 3, 8, 8)), mask, ignore_index=255)

    return step


def binary_segmentation() -> Step:
    net = nn.Conv2d(3, 1, 3, padding=1)
    return lambda: F.binary_cross_entropy_with_logits(
        net(torch.randn(2, 3, 8, 8)).squeeze(1), torch.randint(0, 2, (2, 8, 8)).float()
    )


def adversarial() -> Step:
    maker, judge = nn.Linear(4, 6), nn.Sequential(nn.Linear(6, 1))
    criterion = nn.BCEWithLogitsLoss()

    def step() -> Tensor:
        real, fake = judge(torch.randn(16, 6)), judge(maker(torch.randn(16, 4)).detach())
        return criterion(real, torch.ones(16, 1)) + criterion(fake, torch.zeros(16, 1))

    return step


def distillation() -> Step:
    student, teacher = nn.Linear(5, 7), nn.Linear(5, 7)

    def step() -> Tensor:
        x = torch.randn(12, 5)
        with torch.no_grad():
            soft = (teacher(x) / 3).softmax(1)
        return 9 * F.kl_div((student(x) / 3).log_softmax(1), soft, reduction="batchmean")

    return step


def contrastive() -> Step:
    net = nn.Linear(6, 8)

    def step() -> Tensor:
        a, b = F.normalize(net(torch.randn(12, 6))), F.normalize(net(torch.randn(12, 6)))
        return F.cross_entropy(a @ b.T / 0.1, torch.arange(12))

    return step


def variational() -> Step:
    coder, decoder = nn.Linear(6, 4), nn.Linear(2, 6)

    def step() -> Tensor:
        x = torch.rand(16, 6)
        mean, spread = coder(x).chunk(2, 1)
        again = decoder(mean + torch.randn_like(spread) * (spread / 2).exp())
        divergence = -0.5 * (1 + spread - mean**2 - spread.exp()).sum(1).mean()
        return F.binary_cross_entropy_with_logits(again, x, reduction="sum") / 16 + divergence

    return step


def value_learning() -> Step:
    net, target = nn.Linear(4, 3), nn.Linear(4, 3)

    def step() -> Tensor:
        state, action, reward = torch.randn(16, 4), torch.randint(0, 3, (16, 1)), torch.randn(16, 1)
        with torch.no_grad():
            wanted = reward + 0.9 * target(torch.randn(16, 4)).max(1, keepdim=True).values
        return F.smooth_l1_loss(net(state).gather(1, action), wanted)

    return step


def mixed_up() -> Step:
    net = nn.Linear(4, 5)

    def step() -> Tensor:
        soft = 0.7 * F.one_hot(torch.randint(0, 5, (16,)), 5).float() + 0.3 / 5
        return F.cross_entropy(net(torch.randn(16, 4)), soft, label_smoothing=0.1)

    return step


def probability_of_one_class() -> Step:
    net = nn.Linear(4, 2)
    return lambda: F.binary_cross_entropy(net(torch.randn(32, 4)).softmax(1)[:, 1], torch.randint(0, 2, (32,)).float())


def mixture_of_experts() -> Step:
    gate, experts = nn.Linear(4, 3), nn.Linear(4, 3)

    def step() -> Tensor:
        x = torch.randn(32, 4)
        p = torch.bmm(gate(x).softmax(1)[:, None], experts(x).sigmoid()[:, :, None]).view(-1)
        return F.binary_cross_entropy(p, torch.randint(0, 2, (32,)).float())

    return step


def pointer_mixture() -> Step:
    net, gate = nn.Linear(4, 6), nn.Linear(4, 1)

    def step() -> Tensor:
        x = torch.randn(32, 4)
        share = gate(x).sigmoid()
        p = share * net(x).softmax(1) + (1 - share) * net(x.flip(1)).softmax(1)
        return F.nll_loss((p + 1e-8).log(), torch.randint(0, 6, (32,)))

    return step


def masked_sequence() -> Step:
    net = nn.LSTM(4, 5, batch_first=True)

    def step() -> Tensor:
        mask = torch.arange(7)[None] < torch.tensor([7, 5, 3, 2])[:, None]
        scores = net(torch.randn(4, 7, 4))[0] * mask[:, :, None]
        each = F.cross_entropy(scores.transpose(1, 2), torch.randint(0, 5, (4, 7)), reduction="none")
        return (each * mask).sum() / mask.sum()

    return step


def speech() -> Step:
    net = nn.Linear(8, 10)

    def step() -> Tensor:
        scores = net(torch.randn(20, 3, 8)).log_softmax(-1)
        return F.ctc_loss(scores, torch.randint(1, 10, (3, 5)), torch.full((3,), 20), torch.tensor([5, 4, 3]))

    return step


def heteroscedastic() -> Step:
    net = nn.Linear(4, 2)

    def step() -> Tensor:
        mean, raw = net(torch.randn(16, 4)).chunk(2, 1)
        return F.gaussian_nll_loss(mean, torch.randn(16, 1), F.softplus(raw) + 1e-4)

    return step


def counts() -> Step:
    net = nn.Linear(4, 1)
    return lambda: F.poisson_nll_loss(net(torch.randn(16, 4)), torch.randint(0, 6, (16, 1)).float())


def metric_learning() -> Step:
    net = nn.Linear(4, 8)

    def step() -> Tensor:
        a, p, n = (net(torch.randn(16, 4)) for _ in range(3))
        signs = torch.randint(0, 2, (16,)) * 2 - 1
        return F.triplet_margin_loss(a, p, n) + F.cosine_embedding_loss(a, p, signs)

    return step


def evaluated_in_between() -> Step:
    net, criterion = nn.Linear(4, 5), nn.CrossEntropyLoss()

    def step() -> Tensor:
        with torch.no_grad():
            criterion(net(torch.randn(8, 4)), torch.randint(0, 5, (8,)))
        return criterion(net(torch.randn(8, 4)), torch.randint(0, 5, (8,)))

    return step


def half_precision() -> Step:
    net = nn.Linear(4, 5).to(torch.bfloat16)
    return lambda: F.cross_entropy(net(torch.randn(16, 4, dtype=torch.bfloat16)), torch.randint(0, 5, (16,)))


def learnt_logits() -> Step:
    logits = nn.Parameter(torch.zeros(6, 4))
    return lambda: F.cross_entropy(logits, torch.randint(0, 4, (6,)))


def zero_initialised_head() -> Step:
    net = nn.Linear(4, 5)
    nn.init.zeros_(net.weight)
    nn.init.zeros_(net.bias)
    return lambda: F.cross_entropy(net(torch.randn(16, 4)), torch.randint(0, 5, (16,)))


def small_positive_logits() -> Step:
    """Scores that happen to lie in [0, 1], made by no activation."""
    net = nn.Linear(4, 5)
    with torch.no_grad():
        net.weight.mul_(0.01)
        net.bias.fill_(0.5)
    return lambda: F.cross_entropy(net(torch.randn(16, 4)), torch.randint(0, 5, (16,)))


def swish_head() -> Step:
    net = nn.Sequential(nn.Linear(4, 5), nn.SiLU(), nn.Linear(5, 1))
    return lambda: F.huber_loss(net(torch.randn(16, 4))[:, 0], torch.randn(16))


LOOPS = [
    language_model, language_model_with_nll, segmentation, binary_segmentation, adversarial, distillation, contrastive,
    variational, value_learning, mixed_up, probability_of_one_class, mixture_of_experts, pointer_mixture,
    masked_sequence, speech, heteroscedastic, counts, metric_learning, evaluated_in_between, half_precision,
    learnt_logits, zero_initialised_head, small_positive_logits, swish_head,
]  # fmt: skip


@pytest.mark.parametrize("make", LOOPS, ids=lambda make: make.__name__)
def test_sound_code_is_left_alone(make: Callable[[], Step]) -> None:
    torch.manual_seed(0)
    step = make()
    with watch(first=12) as seen:
        for _ in range(12):
            loss = step()
            assert math.isfinite(float(loss.detach()))
            loss.backward()
    assert seen.report.errors == ()
    assert seen.report.sites, "the loss was not seen"
    assert seen.report.findings == (), seen.report.text()
