"""Soundness at full size: random programs judged and run.

    python -m tests.trust.soundness --programs 10000

Prints every certain claim that a run refuted, with the seed that makes the program again, and the shares.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from lossadvisor.values import Domain

from .practice import practice
from .programs import Program, program
from .truth import claims, run, wrong


@dataclass(slots=True)
class Tally:
    """What came of many programs."""

    tried: int = 0
    ran: int = 0
    judged: int = 0  # predictions that were seen in the run and in a loss call of the interpreter
    unknown: int = 0
    missed: int = 0  # losses that ran, but that the interpreter did not see
    domains: Counter[str] = field(default_factory=Counter)
    refuted: list[tuple[int, str]] = field(default_factory=list)

    def summary(self) -> str:
        """One paragraph for a person."""
        share = self.unknown / self.judged if self.judged else 0.0
        known = ", ".join(f"{name} {count}" for name, count in self.domains.most_common())
        return (
            f"{self.tried} programs, {self.ran} ran to their loss, {self.judged} predictions judged, "
            f"{len({seed for seed, _ in self.refuted})} programs with refuted claims, {share:.0%} unknown, "
            f"{self.missed} loss calls not seen; known: {known}"
        )


GENERATORS: Mapping[str, Callable[[int], Program]] = {"operations": program, "practice": practice}


def examine(seeds: Iterable[int], generator: str = "operations") -> Tally:
    """Make, judge and run the programs of the seeds."""
    tally = Tally()
    for seed in seeds:
        made = GENERATORS[generator](seed)
        seen, complete = run(made, seed)
        tally.tried += 1
        if not seen:
            continue
        tally.ran += 1
        claimed = claims(made)
        tally.refuted += [(seed, text) for text in dict.fromkeys(wrong(claimed, seen, complete))]
        predictions = [claim for claim in claimed if claim.mark == 1]
        if 1 in seen and not predictions:
            tally.missed += 1
        elif 1 in seen:
            tally.judged += 1
            facts = [fact for claim in predictions for _, fact in claim.alternatives]
            if any(fact is None or fact.domain is Domain.UNKNOWN for fact in facts):
                tally.unknown += 1
            tally.domains.update({fact.domain.value for fact in facts if fact is not None})
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--programs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--show", type=int, help="print the program of that seed, and stop")
    parser.add_argument("--generator", choices=sorted(GENERATORS), default="operations")
    chosen = parser.parse_args()
    if chosen.show is not None:
        made = GENERATORS[chosen.generator](chosen.show)
        for name, text in made.files.items():
            print(f"# {name}\n{text}")
        print(made.marked)
        return 0
    tally = examine(range(chosen.first, chosen.first + chosen.programs), chosen.generator)
    for seed, text in tally.refuted:
        print(f"seed {seed}: {text}")
    print(tally.summary())
    return 1 if tally.refuted else 0


if __name__ == "__main__":
    sys.exit(main())
