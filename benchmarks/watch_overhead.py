"""What watching costs and that it changes nothing: `python benchmarks/watch_overhead.py [--device cuda]`.

Trains a small CNN on random images twice, bare and under `watch` with its default schedule, in turns, and prints the
median time of a step, the cost of watching spread over the schedule, the cost after the schedule is over, and whether
losses, gradients, weights and random state are bitwise the same. Exit status 1 when watching costs 1 % or more, or
when anything differs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from lossadvisor.runtime import watch


def cnn() -> nn.Module:
    """A small CNN for 3 x 32 x 32 images and ten classes."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(32 * 8 * 8, 10),
    )  # fmt: skip


def train(
    device: str, steps: int, batch: int, context: AbstractContextManager[object]
) -> tuple[list[float], list[Tensor]]:
    """`steps` steps; the seconds of each, and everything that could differ at the end."""
    torch.manual_seed(0)
    net, criterion = cnn().to(device), nn.CrossEntropyLoss()
    rate = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    seconds, losses = [], []
    with context:
        for _ in range(steps):
            x = torch.randn(batch, 3, 32, 32, device=device)
            y = torch.randint(0, 10, (batch,), device=device)
            _wait(device)
            start = time.perf_counter()
            rate.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            rate.step()
            _wait(device)
            seconds.append(time.perf_counter() - start)
            losses.append(loss.detach())
    state = [torch.stack(losses).cpu(), torch.get_rng_state()]
    state += [value.detach().cpu() for value in net.state_dict().values()]
    state += [p.grad.cpu() for p in net.parameters() if p.grad is not None]
    if device == "cuda":
        state.append(torch.cuda.get_rng_state())
    return seconds, state


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def call_cost(device: str, calls: int, rounds: int) -> tuple[float, float, float]:
    """Seconds that one loss call and its backward take more on a skipped step and on a looked-at step, and after."""
    z = torch.randn(64, 10, device=device, requires_grad=True)
    y = torch.randint(0, 10, (64,), device=device)
    criterion = nn.CrossEntropyLoss()

    def run() -> float:
        _wait(device)
        start = time.perf_counter()
        for _ in range(calls):
            criterion(z * 1, y).backward()
        _wait(device)
        return (time.perf_counter() - start) / calls

    run()
    bare, skipped, looked, after = [], [], [], []
    for _ in range(rounds):
        bare.append(run())
        with watch(first=0, every=10**9, until=None):
            criterion(z * 1, y).backward()
            skipped.append(run())
        with watch(first=1, every=1, until=None):
            looked.append(run())
        after.append(run())
    base = min(bare)
    return min(skipped) - base, min(looked) - base, min(after) - base


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if given.device == "cuda":
        torch.backends.cudnn.deterministic = True
    train(given.device, 10, given.batch, nullcontext())
    bare, plain = train(given.device, given.steps, given.batch, nullcontext())
    seen, watched = train(given.device, given.steps, given.batch, watch())
    same = all(torch.equal(a, b) for a, b in zip(plain, watched, strict=True))
    step = statistics.median(bare)
    skipped, looked, after = call_cost(given.device, 300, given.rounds)
    schedule = 1000  # steps over which the default schedule (first 5, then every 200th) is spread
    share = (skipped * (schedule - 9) + looked * 9) / schedule / step
    print(f"device            {given.device}, torch {torch.__version__}, {torch.get_num_threads()} threads")
    print(f"step, bare        {step * 1e3:9.3f} ms")
    print(f"step, watched     {statistics.median(seen) * 1e3:9.3f} ms")
    print(f"skipped call      {skipped * 1e6:9.2f} us more")
    print(f"looked-at call    {looked * 1e6:9.2f} us more")
    print(f"after the watch   {after * 1e6:9.2f} us more")
    print(f"default schedule  {share:9.3%} of a step, over {schedule} steps")
    print(f"bitwise the same  {same}: {len(plain)} tensors (losses, weights, gradients, random state)")
    return 0 if same and share < 0.01 else 1


if __name__ == "__main__":
    sys.exit(main())
