"""The settings of a training loop: in each the guilty loop is found, the corrected one silent, bitwise the same."""

from __future__ import annotations

import copy
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from lossadvisor.runtime import Watch, WatchReport, watch

Loop = Callable[[bool], list[Tensor]]


def batch() -> tuple[Tensor, Tensor]:
    return torch.randn(16, 6), torch.randint(0, 4, (16,))


def scores(net: nn.Module, x: Tensor, wrong: bool) -> Tensor:
    out: Tensor = net(x)
    return out.softmax(1) if wrong else out


def left(net: nn.Module) -> list[Tensor]:
    """Weights and gradients at the end, and the random state."""
    grads = [p.grad.clone() for p in net.parameters() if p.grad is not None]
    return [*(p.detach().clone() for p in net.parameters()), *grads, torch.get_rng_state()]


def accumulation(wrong: bool) -> list[Tensor]:
    """Four small batches to a step; the loss is divided, the optimizer steps once."""
    net = nn.Linear(6, 4)
    rate = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(3):
        for _ in range(4):
            x, y = batch()
            (F.cross_entropy(scores(net, x, wrong), y) / 4).backward()
        rate.step()
        rate.zero_grad(set_to_none=False)
    return left(net)


def accumulation_in_one_graph(wrong: bool) -> list[Tensor]:
    """The losses of several batches are added and go backward together."""
    net = nn.Linear(6, 4)
    for _ in range(3):
        total = torch.zeros(())
        for _ in range(4):
            x, y = batch()
            total = total + F.cross_entropy(scores(net, x, wrong), y) / 4
        total.backward()
    return left(net)


def autocast(wrong: bool) -> list[Tensor]:
    """bfloat16 inside, float32 outside, with a gradient scaler as on a GPU."""
    net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 4))
    rate = torch.optim.SGD(net.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu")
    for _ in range(6):
        x, y = batch()
        rate.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(scores(net, x, wrong), y)
        scaler.scale(loss).backward()
        scaler.step(rate)
        scaler.update()
    return left(net)


def half_weights(wrong: bool) -> list[Tensor]:
    net = nn.Linear(6, 4).to(torch.bfloat16)
    for _ in range(6):
        x, y = batch()
        F.cross_entropy(scores(net, x.bfloat16(), wrong), y).backward()
    return left(net)


class Inner(nn.Module):
    """Three levels down a criterion of the class's own, called in a forward."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = nn.ModuleList([nn.ModuleDict({"criterion": nn.CrossEntropyLoss()})])

    def forward(self, z: Tensor, y: Tensor) -> Tensor:
        loss: Tensor = self.parts[0]["criterion"](z, y)  # type: ignore[index]
        return loss


class Whole(nn.Module):
    """A model that computes its loss itself, as those of transformers do."""

    def __init__(self, wrong: bool) -> None:
        super().__init__()
        self.body, self.loss, self.wrong = nn.Linear(6, 4), Inner(), wrong

    def forward(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        return {"loss": self.loss(scores(self.body, x, self.wrong), y)}


def nested_modules(wrong: bool) -> list[Tensor]:
    net = Whole(wrong)
    for _ in range(6):
        net(*batch())["loss"].backward()
    return left(net)


def functional_state(wrong: bool) -> list[Tensor]:
    """torch.func.functional_call with weights from outside."""
    net = nn.Linear(6, 4)
    weights = {name: p.detach().clone().requires_grad_() for name, p in net.named_parameters()}
    for _ in range(6):
        x, y = batch()
        out = torch.func.functional_call(net, weights, (x,))
        F.cross_entropy(out.softmax(1) if wrong else out, y).backward()
    return [*(w.grad.clone() for w in weights.values() if w.grad is not None), torch.get_rng_state()]


def data_parallel(wrong: bool) -> list[Tensor]:
    """Without devices DataParallel calls its module as it is; the loss sits inside."""
    net = nn.DataParallel(Whole(wrong))
    for _ in range(6):
        net(*batch())["loss"].backward()
    return left(net)


def replicas_in_threads(wrong: bool) -> list[Tensor]:
    """What DataParallel does with several devices, with the devices left out: replicas that share their weights, one
    thread and one loss each, gathered into one backward."""
    net = Whole(wrong)
    for _ in range(3):
        batches = [batch(), batch(), batch()]
        with ThreadPoolExecutor(3) as threads:
            outputs = list(threads.map(lambda replica, pair: replica(*pair), [copy.copy(net)] * 3, batches))
        torch.stack([output["loss"] for output in outputs]).mean().backward()
    return left(net)


def checkpointed(wrong: bool) -> list[Tensor]:
    """The loss is computed a second time while the backward runs."""
    net = nn.Linear(6, 4)
    for _ in range(6):
        x, y = batch()
        z = scores(net, x, wrong)
        loss = torch.utils.checkpoint.checkpoint(F.cross_entropy, z, y, use_reentrant=False)
        assert isinstance(loss, Tensor)
        loss.backward()
    return left(net)


LOOPS = [
    accumulation, accumulation_in_one_graph, autocast, half_weights, nested_modules, functional_state, data_parallel,
    replicas_in_threads, checkpointed,
]  # fmt: skip


def watched(loop: Loop, wrong: bool, watching: Watch) -> tuple[list[Tensor], WatchReport]:
    torch.manual_seed(3)
    with watching:
        result = loop(wrong)
    return result, watching.report


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.__name__)
def test_guilty_loops_are_found_and_corrected_ones_are_silent(loop: Loop) -> None:
    _, guilty = watched(loop, True, watch(first=100))
    assert guilty.codes == ("LA101",), guilty.text()
    assert {finding.hits for finding in guilty.findings} == {finding.looked for finding in guilty.findings}
    _, right = watched(loop, False, watch(first=100))
    assert right.codes == () and right.errors == () and sum(one.looked for one in right.sites) >= 6, right.text()


@pytest.mark.parametrize("loop", [loop for loop in LOOPS if loop is not replicas_in_threads], ids=lambda f: f.__name__)
def test_every_setting_is_bitwise_the_same(loop: Loop) -> None:
    torch.manual_seed(3)
    plain = loop(True)
    seen, _ = watched(loop, True, watch(first=2, every=3))
    assert len(plain) == len(seen) and all(torch.equal(a, b) for a, b in zip(plain, seen, strict=True))


def _process(rank: int, port: int, folder: str) -> None:
    """One of two processes under DistributedDataParallel: bare, then watched, each from the same seed."""
    torch.set_num_threads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    torch.distributed.init_process_group("gloo", rank=rank, world_size=2)
    found: dict[str, object] = {}
    for wrong in (True, False):
        ends = []
        for watching in (None, watch(first=2, every=3)):
            torch.manual_seed(rank)
            net = DistributedDataParallel(nn.Linear(6, 4))
            if watching is not None:
                watching.start()
            for _ in range(6):
                x, y = batch()
                F.cross_entropy(scores(net, x, wrong), y).backward()
            if watching is not None:
                found[f"codes {wrong}"] = watching.stop().codes
            ends.append(left(net))
        found[f"same {wrong}"] = all(torch.equal(a, b) for a, b in zip(*ends, strict=True))
    torch.distributed.destroy_process_group()
    torch.save(found, Path(folder) / f"{rank}.pt")


def test_two_processes_of_distributed_training(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(_process, (port, str(tmp_path)), nprocs=2)  # type: ignore[no-untyped-call]
    for rank in (0, 1):
        found = torch.load(tmp_path / f"{rank}.pt")
        assert found == {"codes True": ("LA101",), "same True": True, "codes False": (), "same False": True}
