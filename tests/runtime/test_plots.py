"""The curves of `validate --plot`: their numbers, and that they can be told apart without colour."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lossadvisor.contracts import by_id
from lossadvisor.runtime.battery.battery import trial_of, validate
from lossadvisor.runtime.battery.plots import curve, draw
from lossadvisor.runtime.battery.subjects import SUBJECTS
from lossadvisor.runtime.signatures import double_softmax_ceiling, double_softmax_floor

SOFTMAX = ("torch.nn.functional.softmax",)


def test_the_curves_run_through_the_closed_forms() -> None:
    trial = trial_of(by_id["cross_entropy"], SOFTMAX, {}, 10)
    scores, wrong, slope = curve(trial, trial.written)
    _, right, steep = curve(trial, trial.right)
    assert scores[0] == -10 and scores[-1] == 10 and scores[40] == 0
    assert wrong[40] == right[40] == pytest.approx(math.log(10))
    assert right[0] == pytest.approx(math.log(9 + math.exp(-10)) + 10) and steep[0] == pytest.approx(-1, abs=1e-4)
    # the softmax of a score 10 above nine others is nearly one-hot, and of one 10 below it nearly 1/9 nine times
    assert double_softmax_floor(10) < wrong[-1] < double_softmax_floor(10) + 1e-3
    assert wrong[0] < double_softmax_ceiling(10) and slope[0] == pytest.approx(0, abs=1e-4)
    assert max(abs(one) for one in slope) < 0.3


@pytest.mark.parametrize("contract", SUBJECTS)
def test_every_loss_has_a_curve(contract: str) -> None:
    trial = trial_of(by_id[contract], SUBJECTS[contract].recommended, {}, 6)
    scores, losses, gradients = curve(trial, trial.right)
    assert len(scores) == len(losses) == len(gradients) == 81
    assert all(math.isfinite(one) for one in (*losses, *gradients))
    assert max(losses) > min(losses) + 1e-3
    assert losses[44] < losses[40], "the loss falls just right of the middle"


def test_wrong_beside_right_without_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib import pyplot
    from matplotlib.colors import to_rgb

    figures = []
    monkeypatch.setattr(pyplot, "close", figures.append)
    paths = draw([validate(by_id["cross_entropy"], SOFTMAX, {}, 10)], tmp_path / "curves")
    assert [path.name for path in paths] == ["01-cross_entropy.png"]
    assert paths[0].read_bytes()[:8] == bytes([137]) + b"PNG\r\n" + bytes([26, 10])
    (figure,) = figures
    assert len(figure.axes) == 2
    for panel in figure.axes:
        written, right = panel.lines
        assert {to_rgb(line.get_color()) for line in (written, right)} == {(0.0, 0.0, 0.0)}
        assert written.get_linestyle() != right.get_linestyle() and written.get_marker() != right.get_marker()
        assert written.get_linewidth() > right.get_linewidth() and written.get_markevery() != right.get_markevery()
        assert panel.get_xlabel() == "score of the right answer"
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "as written: scores -> softmax", "right: scores",
    ]  # fmt: skip
    assert figure.axes[0].get_ylabel() == "loss" and figure.axes[1].get_ylabel() == "gradient of the loss"
