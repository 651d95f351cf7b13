"""SARIF against a schema: the part of the standard that is written here, in our own words, and closed."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    schema = json.loads((Path(__file__).parent / "sarif_schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


@pytest.fixture
def log(lossadvisor: Run, tmp_path: Path) -> Any:
    """Findings of several kinds: across files, in a notebook, in files with odd names, with a file that is missing."""
    (tmp_path / "a b#ü.py").write_text("import torch.nn.functional as F\nprint 'x'\n", encoding="utf-8")
    fence = "```python\nimport torch.nn as nn\nnn.CrossEntropyLoss()(nn.Softmax(1)(x), y)\n```\n"
    (tmp_path / "c.md").write_text(fence)
    done = lossadvisor("check", "--output-format", "sarif", str(ROOT / "fixtures"), str(tmp_path), "missing.py")
    assert done.returncode == 2
    return json.loads(done.stdout)


def test_the_report_is_what_the_standard_describes(log: Any, validator: jsonschema.Draft7Validator) -> None:
    validator.validate(log)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) >= 3 and len(set(rules)) == len(rules)
    assert run["invocations"][0]["executionSuccessful"] is False
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        ids = [location["id"] for location in result.get("relatedLocations", ())]
        assert len(set(ids)) == len(ids)
        for location in result["locations"]:
            region = location["physicalLocation"]["region"]
            assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
    prints = [result["partialFingerprints"]["lossadvisor/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda run: run["results"][0].pop("message"),
        lambda run: run["results"][0].update(level="fatal"),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["region"].update(startLine=0),
        lambda run: run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"].update(uri="a b.py"),
        lambda run: run["tool"]["driver"].pop("name"),
        lambda run: run["results"][0].update(trail=[]),
    ],
)
def test_the_schema_refuses_what_is_wrong(
    log: Any, validator: jsonschema.Draft7Validator, spoil: Callable[[Any], object]
) -> None:
    spoiled = copy.deepcopy(log)
    spoil(spoiled["runs"][0])
    assert not validator.is_valid(spoiled)
