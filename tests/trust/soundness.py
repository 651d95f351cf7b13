"""Soundness at full size: random programs judged and run.

    python -m tests.trust.soundness --programs 10000

Two kinds: single operations of every sort (`operations`), and programs in the manner of training code (`practice`).
Prints every certain claim that a run refuted, with the seed that makes the program again (`--show`), the share left
unknown with the commonest reasons, and what was known.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from lossadvisor.values import Domain, Fact

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
    reasons: Counter[str] = field(default_factory=Counter)  # why alternatives are unknown
    refuted: list[tuple[int, str]] = field(default_factory=list)

    def summary(self) -> str:
        """One paragraph for a person."""
        share = self.unknown / self.judged if self.judged else 0.0
        known = ", ".join(f"{name} {count}" for name, count in self.domains.most_common())
        return (
            f"{self.tried} programs, {self.ran} ran to their loss, {self.judged} predictions judged, "
            f"{len({seed for seed, _ in self.refuted})} programs with refuted claims, {share:.0%} unknown, "
            f"{self.missed} loss calls not seen; known: {known}; "
            f"commonest reasons for the unknown: {', '.join(f'{why} {n}' for why, n in self.reasons.most_common(8))}"
        )


def _reason(fact: Fact | None) -> str:
    if fact is None:
        return "no tensor that is followed"
    made = next((step.op.rsplit(".", 1)[-1] for step in reversed(fact.trail) if step.op is not None), "nothing")
    return fact.reason or f"an operation after {made}"


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
            tally.reasons.update(_reason(fact) for fact in facts if fact is None or fact.domain is Domain.UNKNOWN)
            tally.domains.update({fact.domain.value for fact in facts if fact is not None})
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--programs", type=int, default=10_000, help="of each generator")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--generator", choices=sorted(GENERATORS), action="append", help="only this one")
    parser.add_argument("--show", type=int, help="print the program of that seed, and stop")
    chosen = parser.parse_args()
    generators = chosen.generator or list(GENERATORS)
    if chosen.show is not None:
        made = GENERATORS[generators[0]](chosen.show)
        for name, text in made.files.items():
            print(f"# {name}\n{text}")
        print(made.marked)
        return 0
    tallies = []
    for generator in generators:
        tally = examine(range(chosen.first, chosen.first + chosen.programs), generator)
        tallies.append(tally)
        for seed, text in tally.refuted:
            print(f"{generator} seed {seed}: {text}")
        print(f"{generator}: {tally.summary()}")
    refuted = sum(len({seed for seed, _ in tally.refuted}) for tally in tallies)
    print(f"{sum(tally.tried for tally in tallies)} programs tried, claims of {refuted} refuted")
    return 1 if refuted else 0


if __name__ == "__main__":
    sys.exit(main())
