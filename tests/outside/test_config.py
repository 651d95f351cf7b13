"""Configuration files: found, read, and refused in one line when something in them is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from scratch import write

from lossadvisor.config import ConfigError, Settings, load_settings
from lossadvisor.config.selection import selected
from lossadvisor.config.settings import DEFAULT_EXCLUDES
from lossadvisor.findings import Confidence, Severity

FULL = """
[tool.lossadvisor]
select = ["LA1", "LA9"]
extend-select = ["pad-equals-eos"]
ignore = ["LA102"]
min-confidence = "possible"
fail-on = "note"
exclude = ["a"]
extend-exclude = ["b/*.py"]
force-exclude = true
output-format = "concise"
max-file-size = 10
cache-dir = "cache"
jobs = 2
baseline = "base.json"
[tool.lossadvisor.per-file-ignores]
"tests/*" = ["LA103"]
"""


def test_every_key(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": FULL.replace('extend-select = ["pad-equals-eos"]\n', "")})
    settings = load_settings(tmp_path)
    assert settings.layers[0].select == ("LA1", "LA9")
    assert settings.layers[0].ignore == ("LA102",)
    assert settings.min_confidence is Confidence.POSSIBLE
    assert settings.fail_on is Severity.NOTE
    assert settings.excludes().patterns == ("a", "b/*.py")
    assert settings.force_exclude is True
    assert (settings.output_format, settings.max_file_size, settings.jobs) == ("concise", 10, 2)
    assert (settings.cache_dir, settings.baseline) == (tmp_path / "cache", tmp_path / "base.json")
    assert settings.per_file_ignores == (("tests/*", ("LA103",)),)
    assert (settings.root, settings.source) == (tmp_path, tmp_path / "pyproject.toml")
    assert {"LA101", "LA900"} <= selected(settings)
    assert not {"LA102", "LA201"} & selected(settings)


def test_the_nearest_file_decides(tmp_path: Path) -> None:
    write(tmp_path, {
        "pyproject.toml": "[tool.lossadvisor]\njobs = 1\n", "a/lossadvisor.toml": "jobs = 2\n",
        "a/pyproject.toml": "[tool.lossadvisor]\njobs = 3\n", "a/b/pyproject.toml": "[project]\nname = 'x'\n",
        "c/lossadvisor.toml": "[tool.lossadvisor]\njobs = 4\n", "d/x.py": "",
    })  # fmt: skip
    jobs = {name: load_settings(tmp_path / name).jobs for name in ("", "a", "a/b", "c", "d")}
    assert jobs == {"": 1, "a": 2, "a/b": 2, "c": 4, "d": 1}
    assert load_settings(tmp_path / "a", tmp_path / "pyproject.toml").jobs == 1
    assert load_settings(tmp_path / "a", isolated=True) == Settings(root=tmp_path / "a")
    assert load_settings(tmp_path / "a", isolated=True).exclude == DEFAULT_EXCLUDES


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("selct = []", 'unknown key \'selct\' (did you mean "select"?)'),
        ("min_confidence = 'likely'", 'unknown key \'min_confidence\' (did you mean "min-confidence"?)'),
        ("select = ['LA999']", "select: unknown rule 'LA999'"),
        ("ignore = ['softmax-before-crossentropy']", 'did you mean "softmax-before-cross-entropy"?'),
        ("per-file-ignores = {'a.py' = ['LA99']}", "per-file-ignores: a.py: unknown rule 'LA99'"),
        ("per-file-ignores = {'a.py' = 'LA1'}", "per-file-ignores: must give a list of rules"),
        ("select = 'LA1'", "select: must be a list of strings"),
        ("min-confidence = 'probable'", "min-confidence: must be one of certain, likely, possible, not 'probable'"),
        ("output-format = 'jsonl'", 'not \'jsonl\' (did you mean "json"?)'),
        ("jobs = -1", "jobs: must be a whole number, not negative"),
        ("jobs = true", "jobs: must be a whole number, not negative"),
        ("force-exclude = 1", "force-exclude: must be true or false"),
        ("baseline = 3", "baseline: must be a path as a string"),
        ("select = [", "not valid TOML: "),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path: Path, line: str, told: str) -> None:
    write(tmp_path, {"lossadvisor.toml": line + "\n"})
    with pytest.raises(ConfigError) as error:
        load_settings(tmp_path)
    text = str(error.value)
    assert text.startswith(f"{tmp_path / 'lossadvisor.toml'}: ")
    assert told in text
    assert "\n" not in text


def test_a_named_file_must_have_the_table(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": "[project]\nname = 'x'\n"})
    with pytest.raises(ConfigError, match=r"no \[tool.lossadvisor\] table"):
        load_settings(tmp_path, tmp_path / "pyproject.toml")
    with pytest.raises(ConfigError, match="No such file"):
        load_settings(tmp_path, tmp_path / "gone.toml")
