"""Files of settings that a repository brings along in place of what they should be: devices, pipes, links, bombs.

Whatever stands there, the check ends soon, says in one line what it could not use, writes nowhere else, and reports the
finding of the file beside it where the settings are no reason to stop.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossadvisor.project.yamls import load

ROOT = Path(__file__).resolve().parents[2]
GUILTY = "import torch.nn.functional as F\nloss = F.cross_entropy(F.softmax(x, dim=1), y)\n"
SECONDS = 30


def check(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """The command as users run it; never a traceback, never long."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "lossadvisor", "check", "--output-format", "concise", *args, "."],
        cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    assert done.returncode in (1, 2)
    return done


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_text(GUILTY)
    (folder / ".git").mkdir()
    return folder


@pytest.mark.parametrize("name", ["pyproject.toml", "lossadvisor.toml", ".gitignore", ".git/info/exclude"])
@pytest.mark.parametrize("kind", ["zero", "pipe", "folder", "nowhere", "itself"])
def test_no_file_of_settings(project: Path, name: str, kind: str) -> None:
    path = project / name
    path.parent.mkdir(exist_ok=True, parents=True)
    match kind:
        case "zero":
            path.symlink_to("/dev/zero")
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "nowhere":
            path.symlink_to(project / "nowhere")
        case _:
            path.symlink_to(path)
    done = check(project)
    assert "a.py:2:" in done.stdout and "LA101" in done.stdout, done.stderr


@pytest.mark.parametrize("kind", ["zero", "pipe", "deep", "digits"])
def test_no_baseline(project: Path, kind: str) -> None:
    (project / "pyproject.toml").write_text('[tool.lossadvisor]\nbaseline = "b.json"\n')
    path = project / "b.json"
    match kind:
        case "zero":
            path.symlink_to("/dev/zero")
        case "pipe":
            os.mkfifo(path)
        case "deep":
            path.write_text("[" * 100_000)
        case _:
            path.write_text('{"version": ' + "9" * 10_000 + "}")
    done = check(project)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ") and "b.json" in line


@pytest.mark.parametrize("text", [
    "x = " + "[" * 20_000, "x = " + "9" * 10_000, "x = 2020-99-99", "\x00", "[[[", "\ud800",
])  # fmt: skip
def test_no_toml(project: Path, text: str) -> None:
    (project / "lossadvisor.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
    done = check(project)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ") and "lossadvisor.toml" in line and len(line) < 500


@pytest.mark.parametrize("place", [".gitignore", "exclude"])
@pytest.mark.parametrize("pattern", ["*a" * 9 + "*b", "**/a/" * 9 + "b", "*" * 200 + "b", "a?" * 100 + "b", "[a-" * 50])
def test_patterns_that_take_for_ever(project: Path, place: str, pattern: str) -> None:
    """A pattern of k stars tries a power of k of the length of a name."""
    if place == ".gitignore":
        (project / ".gitignore").write_text(f"{pattern}\n*.log\n")
    else:
        (project / "pyproject.toml").write_text(f'[tool.lossadvisor]\nextend-exclude = ["{pattern}"]\n')
    (project / ("a" * 240 + ".py")).write_text("x = 1\n")
    inner = project
    for _ in range(100):
        inner /= "a"
        inner.mkdir()
    (inner / "c.py").write_text("x = 1\n")
    assert "a.py:2:" in check(project).stdout


def test_useful_patterns_still_count(project: Path) -> None:
    (project / ".gitignore").write_text("**/old/**/*_copy.py\n")
    (project / "old" / "x").mkdir(parents=True)
    (project / "old" / "x" / "a_copy.py").write_text(GUILTY)
    done = check(project)
    assert "a.py:2:" in done.stdout and "a_copy" not in done.stdout


# --- the cache ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("planted", ["cache", ".gitignore", "CACHEDIR.TAG"])
def test_a_cache_that_leads_elsewhere_is_not_written(project: Path, tmp_path: Path, planted: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.run").write_text("mine")
    if planted == "cache":
        (project / ".lossadvisor_cache").symlink_to(outside)
    else:
        (project / ".lossadvisor_cache").mkdir()
        (project / ".lossadvisor_cache" / planted).symlink_to(outside / "made")
    for _ in range(2):
        assert "a.py:2:" in check(project).stdout
    assert os.listdir(outside) == ["mine.run"]


@pytest.mark.parametrize("value", ["../outside", "/tmp/lossadvisor-outside", "inner/../../outside", "linked"])
def test_a_repository_chooses_no_cache_elsewhere(project: Path, tmp_path: Path, value: str) -> None:
    (tmp_path / "outside").mkdir()
    (project / "linked").symlink_to(tmp_path / "outside")
    (project / "pyproject.toml").write_text(f'[tool.lossadvisor]\ncache-dir = "{value}"\n')
    done = check(project)
    assert done.returncode == 2 and "leads out of the project" in done.stderr
    assert os.listdir(tmp_path / "outside") == [] and not Path("/tmp/lossadvisor-outside").exists()


def test_the_user_may_choose_one(project: Path, tmp_path: Path) -> None:
    check(project, "--cache-dir", str(tmp_path / "outside"))
    assert os.listdir(tmp_path / "outside")
    (project / "pyproject.toml").write_text('[tool.lossadvisor]\ncache-dir = "inner/cache"\n')
    check(project)
    assert os.listdir(project / "inner" / "cache")


def test_an_entry_that_is_no_file_is_not_read(project: Path) -> None:
    check(project)
    folder = project / ".lossadvisor_cache"
    entries = list(folder.glob("*.run"))
    assert entries
    for entry in entries:
        entry.unlink()
        entry.symlink_to("/dev/zero")
    assert "a.py:2:" in check(project).stdout
    for entry in entries:
        entry.unlink()
        os.mkfifo(entry)
    assert "a.py:2:" in check(project).stdout


# --- YAML ---------------------------------------------------------------------------------------------------------

BOMBS = {
    "merged": "a0: &a0 {k: v}\n" + "".join(f"a{i}: &a{i}\n  <<: [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60)),
    "laughs": "a0: &a0 [x, y]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60)),
    "itself": "a0: &a0 [*a0, *a0]\n",
    "deep": "a: " + "[" * 5_000 + "\n",
    "tags": "a: !!python/object/apply:os.system ['touch made']\n",
    "digits": "a: " + "9" * 10_000 + "\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_settings_in_yaml_that_grow(project: Path, name: str) -> None:
    (project / "config.yaml").write_text(BOMBS[name] + "loss: bce\n")
    (project / "train.py").write_text(
        "import yaml\nimport torch.nn.functional as F\ncfg = yaml.safe_load(open('config.yaml'))\n"
        "def step(x, y):\n    for key, value in cfg.items():\n        print(value, list(value), {**cfg})\n"
        "    if cfg['loss'] == 'bce':\n        return F.cross_entropy(F.softmax(x, 1), cfg)\n"
        "    return F.cross_entropy(cfg['a0'], cfg['a59'][0])\n"
    )
    done = check(project, "--min-confidence", "possible")
    assert "a.py:2:" in done.stdout
    assert not (project / "made").exists()


_SCALARS = st.sampled_from(["1", "x", "true", "null", "'y'"])
_KEYS = st.sampled_from(["a", "b", "c", "1"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.tuples(_KEYS, _SCALARS), min_size=1, max_size=3), min_size=1, max_size=4), st.data())
def test_yaml_means_what_it_always_means(maps: list[list[tuple[str, str]]], data: st.DataObject) -> None:
    import yaml

    rows = []
    for number, pairs in enumerate(maps):
        merged = data.draw(st.lists(st.integers(0, number - 1), max_size=3)) if number else []
        rows.append(f"m{number}: &m{number}")
        if merged:
            rows.append("  <<: [" + ", ".join(f"*m{one}" for one in merged) + "]")
        rows += [f"  {key}: {value}" for key, value in dict(pairs).items()]
    text = "\n".join(rows).encode() + b"\n"
    assert load(text) == yaml.safe_load(text)
