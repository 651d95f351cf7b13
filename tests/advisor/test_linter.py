"""The linter has nothing to say about what the advisor advises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from lossadvisor.advisor.facts import Facts
from lossadvisor.advisor.knowledge import RECIPES
from lossadvisor.advisor.settings import setting_of
from lossadvisor.advisor.snippets import script

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = {
    "plain": {},
    "mask": {"mask": True},
    "accumulate": {"accumulate": True},
    "mask_accumulate": {"mask": True, "accumulate": True},
    "amp": {"amp": True},
    "imbalanced": {"imbalanced": True},
    "weighted": {"imbalanced": True, "pos_weight": (9.0,), "class_weight": (0.5, 1.0, 2.0, 0.7, 3.0, 0.9, 1.1, 1.3)},
    "ignored": {"ignore_index": 255},
    "soft": {"soft_labels": True},
}


def lint(folder: Path, *command: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "lossadvisor", *command, ".", "--isolated", "--no-cache", "--output-format", "json"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, encoding="utf-8", timeout=300,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return list(json.loads(done.stdout))


def test_every_script_passes_check(tmp_path: Path) -> None:
    written: set[str] = set()
    for recipe in RECIPES:
        for name, change in SETTINGS.items():
            setting = replace(setting_of(Facts(recipe.task)), **change)
            text = script(recipe.id, setting).text
            if text in written:
                continue
            written.add(text)
            (tmp_path / f"{recipe.id.replace('-', '_')}__{name}.py").write_text(text, encoding="utf-8")
    assert lint(tmp_path, "check") == []
    losses = lint(tmp_path, "losses")
    consistent = [loss for loss in losses if loss["verdict"] == "consistent"]
    # Silence is no proof: most of the loss calls must have been understood.
    assert len(consistent) > 0.9 * len(losses)
    assert len(losses) >= len(written) - 40  # a few losses are written by hand
