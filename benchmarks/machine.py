"""Measuring child processes, and a description of the machine that was measured."""

from __future__ import annotations

import os
import platform
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: processor seconds, seconds on the clock, the largest memory in MiB."""

    processor: float
    clock: float
    memory: float


_MEASURE = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
clock = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, clock, used.ru_maxrss)
"""


def once(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in a folder, its output thrown away."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, *command], cwd=folder, capture_output=True, text=True, check=True
    )
    processor, clock, kilobytes = map(float, done.stdout.split())
    return Cost(processor, clock, kilobytes / 1024)


def paired(rows: Sequence[tuple[str, Callable[[], Cost]]], rounds: int) -> dict[str, list[Cost]]:
    """Every row once in each round, so that whatever else the machine does falls on all of them alike."""
    costs: dict[str, list[Cost]] = {name: [] for name, _ in rows}
    for number in range(rounds):
        for name, run in rows:
            costs[name].append(run())
            print(f"round {number + 1}: {name}: {costs[name][-1].processor:.2f} s", file=sys.stderr, flush=True)
    return costs


def described() -> str:
    """The machine in one line."""
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    except OSError:
        pass
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    memory = "" if limit == resource.RLIM_INFINITY else f", address space limited to {limit >> 20} MiB"
    return f"{model}, {os.cpu_count()} processors{memory}, Python {platform.python_version()}, load {load}"


def table(costs: dict[str, list[Cost]], reference: str) -> str:
    """A Markdown table of medians; the ratio is the median of those to the reference's processor seconds by round."""
    rows = []
    for name, found in costs.items():
        processor = statistics.median(cost.processor for cost in found)
        clock = statistics.median(cost.clock for cost in found)
        pairs = zip(found, costs[reference], strict=True)
        ratio = statistics.median(cost.processor / base.processor for cost, base in pairs)
        memory = max(cost.memory for cost in found)
        rows.append(f"| {name} | {processor:.2f} | {clock:.2f} | {ratio:.3f} | {memory:.0f} |")
    head = "| run | processor s | clock s | ratio | peak MiB |\n|---|---:|---:|---:|---:|"
    return "\n".join((head, *rows))
