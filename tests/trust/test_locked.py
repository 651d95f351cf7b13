"""The lock files pin everything that is installed, by hash, and name no place that it comes from."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"lock": ROOT / ".ci" / "lock.txt", "runtime": ROOT / ".ci" / "runtime-lock.txt"}
APART = {"torch"}


def entries(path: Path) -> list[tuple[Requirement, list[str]]]:
    """Every requirement of a lock file with its hashes."""
    text = re.sub(r"^#.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    found = []
    for line in text.splitlines():
        requirement, *hashes = line.split(" --hash=")
        found.append((Requirement(requirement.strip()), [word.strip() for word in hashes]))
    return found


def wanted(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = [*project["dependencies"], *(text for extra in extras for text in project["optional-dependencies"][extra])]
    return [one for one in map(Requirement, texts) if one.name not in APART]


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_is_one_version_with_hashes(name: str) -> None:
    found = entries(LOCKS[name])
    assert len(found) >= 10
    for requirement, hashes in found:
        assert [specifier.operator for specifier in requirement.specifier] == ["=="], requirement
        assert requirement.url is None and hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement


@pytest.mark.parametrize("name", LOCKS)
def test_no_place_is_named(name: str) -> None:
    text = LOCKS[name].read_text(encoding="utf-8")
    assert "://" not in text and "index" not in text and "find-links" not in text
    assert not {requirement.name for requirement, _ in entries(LOCKS[name])} & APART


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(("name", "extras"), [("lock", ("dev",)), ("runtime", ())])
def test_what_the_project_asks_for_is_locked_for_every_python(name: str, extras: tuple[str, ...], python: str) -> None:
    environment = {
        "python_version": python, "python_full_version": f"{python}.1", "sys_platform": "linux",
        "platform_python_implementation": "CPython", "extra": "",
    }  # fmt: skip
    held = [one for one, _ in entries(LOCKS[name]) if one.marker is None or one.marker.evaluate(environment)]
    names = [canonicalize_name(one.name) for one in held]
    assert len(names) == len(set(names))
    by_name = dict(zip(names, held, strict=True))
    for one in wanted(*extras):
        if one.marker is not None and not one.marker.evaluate(environment):
            continue
        (pin,) = by_name[canonicalize_name(one.name)].specifier
        assert one.specifier.contains(pin.version), (one, pin)
    assert {"hatchling", "editables"} <= set(names)  # what builds the package


def test_both_locks_agree() -> None:
    everything = {f"{one.name}{one.specifier}": set(hashes) for one, hashes in entries(LOCKS["lock"])}
    for one, hashes in entries(LOCKS["runtime"]):
        assert everything.get(f"{one.name}{one.specifier}") == set(hashes), one
