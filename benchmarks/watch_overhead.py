"""What watching costs and that it changes nothing: `python benchmarks/watch_overhead.py [--device cpu|cuda|all]`.

Trains a small CNN on random images twice, bare and under `watch` with its default schedule, and prints the time of a
step, what one loss call costs more when it is skipped, looked at, and after the schedule is over, that cost spread
over the default schedule, and whether losses, gradients, weights and random state are bitwise the same. Runs on the
CPU, and on the first CUDA device where there is one: there the clock is read after the device has caught up, and
skipped steps run under torch's synchronisation guard, which raises at the first wait for the device. Exit status 1
when watching costs 1 % of a step or more, when anything differs, or when a skipped step waits.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lossadvisor.runtime import Schedule, watch

SPREAD = 1000
"""Steps over which the default schedule is spread."""

LIMIT = 0.01
"""The share of a step that watching may cost."""


def cnn() -> nn.Module:
    """A small CNN for 3 x 32 x 32 images and ten classes."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.2), nn.Linear(32 * 8 * 8, 10),
    )  # fmt: skip


def wait(device: str) -> None:
    """Until the device has done what was asked of it."""
    if device == "cuda":
        torch.cuda.synchronize()


@dataclass
class Training:
    """One training of the CNN on `device`, always from the same seed."""

    device: str
    batch: int

    def __post_init__(self) -> None:
        torch.manual_seed(0)
        self.net, self.criterion = cnn().to(self.device), nn.CrossEntropyLoss()
        self.rate = torch.optim.SGD(self.net.parameters(), lr=0.05, momentum=0.9)

    def images(self) -> tuple[Tensor, Tensor]:
        x = torch.randn(self.batch, 3, 32, 32, device=self.device)
        return x, torch.randint(0, 10, (self.batch,), device=self.device)

    def step(self, x: Tensor, y: Tensor) -> Tensor:
        """One step; the loss stays on the device."""
        self.rate.zero_grad()
        loss: Tensor = self.criterion(self.net(x), y)
        loss.backward()
        self.rate.step()
        return loss.detach()

    def state(self) -> list[Tensor]:
        """Everything that could differ at the end."""
        state = [torch.get_rng_state(), *(value.detach().cpu() for value in self.net.state_dict().values())]
        state += [p.grad.cpu() for p in self.net.parameters() if p.grad is not None]
        return state if self.device == "cpu" else [*state, torch.cuda.get_rng_state()]


def train(
    device: str, steps: int, batch: int, context: AbstractContextManager[object]
) -> tuple[list[float], list[Tensor]]:
    """`steps` steps within `context`: the seconds of each, and everything that could differ at the end."""
    training = Training(device, batch)
    seconds, losses = [], []
    with context:
        for _ in range(steps):
            x, y = training.images()
            wait(device)
            start = time.perf_counter()
            losses.append(training.step(x, y))
            wait(device)
            seconds.append(time.perf_counter() - start)
    return seconds, [torch.stack(losses).cpu(), *training.state()]


@dataclass(frozen=True)
class Costs:
    """Seconds that one loss call with its backward takes more than a bare one."""

    skipped: float
    looked: float
    after: float


def call_costs(device: str, calls: int, rounds: int, batch: int) -> Costs:
    """The least over `rounds` rounds of `calls` calls each, the four kinds in turns.

    Short rounds and their least: other programs on the machine can only add to a round, and leave some alone.
    """
    z = torch.randn(batch, 10, device=device, requires_grad=True)
    y = torch.randint(0, 10, (batch,), device=device)
    criterion = nn.CrossEntropyLoss()

    def run() -> float:
        wait(device)
        start = time.perf_counter()
        for _ in range(calls):
            criterion(z * 1, y).backward()
        wait(device)
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
        with watch(first=1, every=1, until=1):
            criterion(z * 1, y).backward()
            after.append(run())  # the schedule is over, the watch still open
    base = min(bare)
    return Costs(min(skipped) - base, min(looked) - base, min(after) - base)


@contextlib.contextmanager
def no_waiting() -> Iterator[None]:
    """Within the block every wait for the device that torch knows of raises."""
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def waits_when_skipped(batch: int) -> str | None:
    """What waits for the device on skipped steps; None: nothing. The guard is tried first on a step that must wait."""
    training = Training("cuda", batch)
    batches = [training.images() for _ in range(20)]
    with no_waiting(), contextlib.suppress(RuntimeError):
        float(batches[0][0].sum())
        return "the guard of this torch does not notice waiting"
    with watch(first=1, every=10**9, until=None):
        training.step(*batches[0])
        wait("cuda")
        try:
            with no_waiting():
                for x, y in batches[1:]:
                    training.step(x, y)
        except RuntimeError as error:
            return str(error).splitlines()[0]
    return None


def measure(device: str, steps: int, batch: int, rounds: int) -> bool:
    """Print the measurements of one device; whether all promises are kept."""
    train(device, 10, batch, nullcontext())
    bare, plain = train(device, steps, batch, nullcontext())
    _, again = train(device, steps, batch, nullcontext())
    seen, watched = train(device, steps, batch, watch())
    steady, same = (all(map(torch.equal, plain, other)) for other in (again, watched))
    step, costs = min(bare), call_costs(device, 20, rounds, batch)
    schedule = Schedule()
    looks = sum(schedule.samples(number) for number in range(SPREAD))
    share = (costs.skipped * (SPREAD - looks) + costs.looked * looks) / SPREAD / step
    name = torch.cuda.get_device_name() if device == "cuda" else platform.processor() or platform.machine()
    print(f"device            {device} ({name}), torch {torch.__version__}, {torch.get_num_threads()} threads")
    for words, seconds in (("step, bare   ", bare), ("step, watched", seen)):
        print(f"{words}     {min(seconds) * 1e3:9.3f} ms at least, median {statistics.median(seconds) * 1e3:.3f}")
    print(f"skipped call      {costs.skipped * 1e6:9.2f} us more")
    print(f"looked-at call    {costs.looked * 1e6:9.2f} us more")
    print(f"schedule over     {costs.after * 1e6:9.2f} us more ({costs.after / step:.3%} of a step)")
    print(f"default schedule  {share:9.3%} of a step: {looks} looks in {SPREAD} steps")
    print(f"bitwise the same  {same}: {len(plain)} tensors (losses, weights, gradients, random state)")
    if not steady:
        print("                  two bare runs differ already: this device does not repeat itself")
    waiting = waits_when_skipped(batch) if device == "cuda" else None
    if device == "cuda":
        print(f"skipped steps     {'wait for nothing' if waiting is None else f'wait: {waiting}'}")
    return same and share < LIMIT and waiting is None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--device", default="all", choices=("cpu", "cuda", "all"))
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=60)
    given = parser.parse_args()
    cuda = torch.cuda.is_available()
    if given.device == "cuda" and not cuda:
        parser.error("no CUDA device is here")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS repeats itself only so
    torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic = False, True
    torch.use_deterministic_algorithms(True, warn_only=True)
    kept = []
    for device in ("cpu", "cuda"):
        if given.device in (device, "all") and (device == "cpu" or cuda):
            kept.append(measure(device, given.steps, given.batch, given.rounds))
            print()
    if not cuda:
        print("no CUDA device is here: measured on the CPU alone")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
