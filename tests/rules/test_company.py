"""What stands in another file of the same project, and is in order, takes no finding away and adds none."""

from __future__ import annotations

from pathlib import Path

import pytest

from lossadvisor.catalogue import Rule, rules
from lossadvisor.catalogue.examples import Source
from lossadvisor.config import Layer, Settings
from lossadvisor.engine.run import analyse
from lossadvisor.findings import Confidence

# Every check meets here what it looks at, without a reason to speak: losses of all families on values that are known
# and on values that are not, things that are made, operations, numbers that are read, returned and trained.
COMPANY = '''\
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Categorical
from torch.utils.data import DataLoader

body = nn.Linear(4, 3)
critic = nn.Linear(4, 1)
optimizer = torch.optim.SGD(body.parameters(), lr=0.1)
softmax = nn.Softmax(dim=1)
weighted = nn.CrossEntropyLoss(weight=torch.rand(3), ignore_index=0)


def losses(x, y, z, mask):
    F.cross_entropy(x, y)
    F.cross_entropy(body(x), y)
    F.cross_entropy(body(x), torch.randint(3, (8,)))
    F.cross_entropy(body(x), torch.randint(-1, 3, (8,)), ignore_index=-1)
    F.nll_loss(F.log_softmax(body(x), dim=1), y)
    F.nll_loss(z, y, reduction="none")
    F.binary_cross_entropy(z, y)
    F.binary_cross_entropy_with_logits(body(x), (y > 0).float())
    F.mse_loss(x, y)
    F.mse_loss(body(x), y.detach())
    F.l1_loss(torch.rand(8, 3), torch.rand(8, 3))
    F.kl_div(F.log_softmax(body(x), dim=1), z, reduction="batchmean")
    F.multi_margin_loss(body(x), y)
    F.hinge_embedding_loss(z, y)
    F.cosine_embedding_loss(x, z, y)
    F.gaussian_nll_loss(x, y, z)
    F.poisson_nll_loss(body(x), y)
    F.ctc_loss(F.log_softmax(body(x), dim=-1), y, z, mask)
    F.soft_margin_loss(body(x), y)
    return F.smooth_l1_loss(body(x), y)


def train(x, y, z, mask):
    loss = weighted(body(x), y) + 0.1 * F.mse_loss(z, y)
    loss.backward()
    optimizer.step()
    terms = F.mse_loss(body(x), y, reduction="none") * mask
    (terms.sum() / mask.sum()).backward()
    torch.sqrt(F.l1_loss(body(x), y)).backward()
    (-critic(x).mean()).backward()
    return loss.item()


def report(loader, y):
    total = 0.0
    for x, labels in loader:
        with torch.no_grad():
            total += F.cross_entropy(body(x), labels).item()
    return total / 3, body(x) > 0, torch.sigmoid(body(x)) > 0.5


def others(x, data):
    Categorical(logits=body(x))
    Categorical(softmax(body(x)))
    torch.log(x)
    torch.sqrt(x)
    torch.exp(x) / 3
    x.gather(1, x.long())
    nn.ReLU()
    nn.Dropout(0.1)(body(x))
    nn.MSELoss(reduction="sum")
    return DataLoader(data, batch_size=8, drop_last=True)


@torch.no_grad()
def evaluate(x, y):
    return -F.log_softmax(body(x), dim=1).gather(1, y.unsqueeze(1)).mean()
'''


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_findings_stay_in_company(rule: Rule, tmp_path: Path) -> None:
    example = rule.bad()[0]
    for source in (Source("aaa_company.py", COMPANY, ()), *example.sources):
        path = tmp_path / source.filename
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source.text, encoding="utf-8")
    settings = Settings(root=tmp_path, layers=(Layer(select=("ALL",)),), cache=False, jobs=1)
    found = analyse(["."], settings, tmp_path).findings
    assert sorted((one.span.filename, one.span.start.row, one.code) for one in found) == list(example.marks())


def test_the_company_is_in_order(tmp_path: Path) -> None:
    (tmp_path / "company.py").write_text(COMPANY, encoding="utf-8")
    settings = Settings(root=tmp_path, layers=(Layer(select=("ALL",)),), cache=False, jobs=1,
                        min_confidence=Confidence.POSSIBLE)  # fmt: skip
    found = analyse(["."], settings, tmp_path).findings
    assert [(one.span.start.row, one.code) for one in found] == []
