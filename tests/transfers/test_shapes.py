"""The shapes that the linter claims against those of torch: each expression is analysed and run.

An unknown size or number of axes is always allowed; what is claimed has to hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lossadvisor.config import Settings
from lossadvisor.engine.run import analyse
from lossadvisor.values import REST, Dtype, Shape

HEADER = """import torch
import torch.nn.functional as F
from torch import nn

x = torch.randn(4, 6)
row = torch.randn(6)
column = torch.randn(4, 1)
image = torch.randn(2, 3, 8, 8)
labels = torch.randint(0, 4, (4,))
fc = nn.Linear(6, 5)
one = nn.Linear(6, 1)
conv = nn.Conv2d(3, 7, 3, padding=1)
conv1 = nn.Conv1d(6, 9, 1)
up = nn.ConvTranspose2d(3, 5, 2)
rnn = nn.LSTM(6, 10, batch_first=True)
gru = nn.GRU(6, 10, batch_first=True)
embed = nn.Embedding(5, 12)
tokens = torch.randint(0, 5, (4, 3))
"""

# expression -> whether every size has to be known
EXPRESSIONS: dict[str, bool] = {
    "x": True,
    "x.view(-1)": False,
    "x.view(2, 12)": True,
    "x.view((3, 8))": True,
    "x.reshape(-1, 3)": False,
    "x.view(x.size(0), -1)": False,
    "x.view(row.shape[0], 4)": False,
    "x.unsqueeze(1)": True,
    "x.unsqueeze(-1)": True,
    "x.unsqueeze(-2)": True,
    "column.squeeze(1)": True,
    "column.squeeze(-1)": True,
    "column.squeeze()": True,
    "x.squeeze(1)": True,
    "x.squeeze()": True,
    "torch.squeeze(column, 1)": True,
    "torch.unsqueeze(x, 0)": True,
    "x.flatten()": True,
    "image.flatten(1)": True,
    "torch.flatten(image, 1)": True,
    "image.flatten(start_dim=2)": True,
    "nn.Flatten()(image)": True,
    "x.t()": True,
    "x.T": False,
    "x.transpose(0, 1)": True,
    "image.transpose(1, -1)": True,
    "image.permute(0, 2, 3, 1)": True,
    "torch.permute(image, (0, 2, 3, 1))": True,
    "x.expand(4, 6)": False,
    "column.expand_as(x)": True,
    "row.view_as(row)": True,
    "x.repeat(2, 1)": False,
    "x.mean()": True,
    "x.mean(1)": True,
    "x.mean(dim=1, keepdim=True)": True,
    "image.mean(dim=(2, 3))": True,
    "x.sum(-1)": True,
    "torch.sum(x, dim=0)": True,
    "torch.logsumexp(x, dim=1)": True,
    "x.cumsum(1)": True,
    "x.max(dim=1).values": True,
    "x.max(1)[0]": True,
    "x.max(dim=1, keepdim=True)[0]": True,
    "torch.max(x, 1)[0]": True,
    "x.amax(dim=1)": True,
    "x.topk(2, dim=1).values": False,
    "x.argmax(dim=1).float()": True,
    "x.argmax(1, keepdim=True).float()": True,
    "F.one_hot(labels, 5).float()": True,
    "x.gather(1, labels.unsqueeze(1))": True,
    "fc(x)": True,
    "one(x)": True,
    "one(x).squeeze(1)": True,
    "fc(x.unsqueeze(1))": True,
    "nn.Sequential(fc, nn.ReLU(), nn.Linear(5, 1))(x)": True,
    "conv(image)": False,
    "conv(image)[:, 0]": False,
    "up(image)": False,
    "conv1(x.unsqueeze(-1))": False,
    "F.max_pool2d(image, 2)": False,
    "nn.AvgPool2d(2)(image)": False,
    "F.adaptive_avg_pool2d(image, 1)": True,
    "nn.AdaptiveAvgPool2d((1, 1))(image)": True,
    "F.adaptive_avg_pool2d(image, 1).flatten(1)": True,
    "F.interpolate(image, scale_factor=2)": False,
    "nn.PixelShuffle(2)(conv(image)[:, :4])": False,
    "rnn(x.view(2, 2, 6))[0]": False,
    "gru(x.view(2, 2, 6))[0]": False,
    "embed(tokens)": True,
    "embed(labels)": True,
    "x.softmax(dim=1)": True,
    "torch.sigmoid(x)": True,
    "x.clamp(min=0)": True,
    "x.clone().detach()": True,
    "nn.BatchNorm1d(6)(x)": True,
    "F.normalize(x, dim=1)": True,
    "F.dropout(x)": True,
    "torch.zeros(3, 2)": True,
    "torch.ones((3, 2))": True,
    "torch.rand(3)": True,
    "torch.zeros_like(x)": True,
    "torch.full((3, 2), 1.0)": True,
    "torch.randint(0, 5, (3, 2)).float()": True,
    "torch.arange(5).float()": False,
    "x.new_zeros(3, 2)": True,
    "torch.tensor([1.0, 2.0])": True,
    "torch.tensor([[1.0], [2.0]])": True,
    "torch.tensor(1.0)": True,
    "x + 1": True,
    "2 * x": True,
    "x - row": True,
    "x - column": True,
    "x * x.mean(dim=1, keepdim=True)": True,
    "column + row": True,
    "x @ x.t()": False,
    "torch.matmul(x, x.t())": False,
    "F.cosine_similarity(x, x)": False,
    "torch.cat([x, x], dim=1)": False,
    "torch.cat([x, column], dim=1)": False,
    "torch.stack([x, x])": False,
    "torch.stack([row, row], dim=1)": False,
    "x[0]": True,
    "x[:, 0]": True,
    "x[:, 1:]": False,
    "x[:, None]": True,
    "x[..., None]": True,
    "x[..., 0]": True,
    "image[:, 0]": True,
    "image[0, :, 1]": True,
    "x[x > 0]": False,
    "x[labels]": False,
    "x.masked_select(x > 0)": False,
    "x.float().abs().square()": True,
    "x.norm(dim=1)": True,
    "x.norm(2)": True,
    "x.argmax(keepdim=True).float()": True,
    "image.sum(dim=None, keepdim=True)": True,
    "x.norm(keepdim=True)": True,
    "x.norm(2, 1)": True,
    "x.norm(2, 1, True)": True,
    "image.norm(2)": True,
    "torch.norm(x, 1)": True,
    "torch.linalg.norm(x, 1)": True,
    "torch.linalg.norm(x, dim=1)": True,
    "x.std(1, True)": True,
    "x.std(True)": True,
    "x.var(False)": True,
    "x.var(0, False, True)": True,
    "x.var(1, keepdim=True)": True,
    "x.take_along_dim(labels[:, None], 1)": True,
    "torch.take_along_dim(x, labels[:, None], dim=1)": True,
    "torch.take_along_dim(x, indices=labels[None, :2], dim=-1)": False,
    "torch.take_along_dim(x, labels)": False,
    "torch.where(x > 0, x, x)": False,
    "x.chunk(2, dim=1)[0]": False,
    "-x": True,
}


def _claimed(expression: str, folder: Path) -> tuple[Shape, Dtype]:
    program = f"{HEADER}\n\nloss = F.mse_loss({expression}, x)\n"
    (folder / "program.py").write_text(program, encoding="utf-8")
    report = analyse(["."], Settings(root=folder, cache=False, jobs=1), folder)
    assert report.problems == ()
    (loss,) = report.losses
    return loss.input.shape, loss.input.dtype


def _real(expression: str) -> torch.Tensor:
    names: dict[str, Any] = {"torch": torch, "F": F, "nn": nn}
    exec(HEADER, names)
    result = eval(expression, names)
    assert isinstance(result, torch.Tensor)
    return result


def _holds(claimed: Shape, real: tuple[int, ...]) -> bool:
    if claimed is None:
        return True
    if REST in claimed[:1]:
        claimed = claimed[1:]
        if len(claimed) > len(real):
            return False
        real = real[len(real) - len(claimed) :]
    return len(claimed) == len(real) and all(
        not isinstance(size, int) or size == found for size, found in zip(claimed, real, strict=True)
    )


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_claimed_shape_holds(expression: str, tmp_path: Path) -> None:
    claimed, dtype = _claimed(expression, tmp_path)
    real = _real(expression)
    assert _holds(claimed, tuple(real.shape)), f"claimed {claimed}, is {tuple(real.shape)}"
    if EXPRESSIONS[expression]:
        assert claimed == tuple(real.shape)
    kinds = {Dtype.FLOAT: real.is_floating_point(), Dtype.BOOL: real.dtype == torch.bool}
    assert kinds.get(dtype, True), f"claimed {dtype}, is {real.dtype}"
