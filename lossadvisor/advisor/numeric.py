"""The numeric check of a proposal, when torch is there."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec

from lossadvisor.advisor.answer import proposal_script
from lossadvisor.advisor.model import Advice, CheckLine
from lossadvisor.advisor.settings import setting_of, shrunk

AMP_TOLERANCE = 0.02
"""bfloat16 keeps 8 bits of a number; chance values agree to this share under autocast, to 0.001 without."""


def available() -> bool:
    """Whether torch is installed; nothing is imported."""
    return find_spec("torch") is not None


def checked(advice: Advice) -> Advice:
    """The advice with the outcome of running its best proposal on a tiny problem; needs torch."""
    from lossadvisor.runtime.pair import PairScript, check_pair

    setting = shrunk(setting_of(advice.facts))
    script = proposal_script(advice.best.id, setting)
    tolerance = AMP_TOLERANCE if setting.amp else 1e-3
    lines = check_pair(
        PairScript(script.setup, script.loop, script.chance, script.floor, script.signed, script.arguments, tolerance)
    )
    return replace(advice, check=tuple(CheckLine(line.name, line.expected, line.found, line.holds) for line in lines))
