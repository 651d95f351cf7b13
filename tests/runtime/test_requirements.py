"""Without torch or matplotlib one clear line says what to install."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from lossadvisor import runtime
from lossadvisor.runtime import requirements


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "find_spec", lambda name: None)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("name", ["check", "watch", "measure", "Watch"])
def test_one_line_without_torch(name: str) -> None:
    with pytest.raises(requirements.MissingTorch, match=r"pip install 'lossadvisor\[runtime\]'") as caught:
        getattr(runtime, name)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("bare")
def test_plots_without_matplotlib() -> None:
    with pytest.raises(requirements.MissingTorch, match=r"lossadvisor\[plot\]"):
        requirements.require_matplotlib("validate --plot")


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        _ = runtime.missing


def test_importing_the_package_and_the_plugin_does_not_import_torch() -> None:
    modules = "lossadvisor.runtime, lossadvisor.runtime.integrations.pytest_plugin"
    code = f"import sys, {modules}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert importlib.util.find_spec("lossadvisor.runtime") is not None
