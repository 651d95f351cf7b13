"""The battery finds what is wrong with a chain and nothing wrong with the right one."""

from __future__ import annotations

import json
import math

import pytest
import torch
import torch.nn.functional as F

from lossadvisor.contracts import TORCH, by_id
from lossadvisor.findings import LossVerdict, PortReport, Verdict
from lossadvisor.runtime.battery import projected
from lossadvisor.runtime.battery.battery import validate
from lossadvisor.runtime.battery.chains import chain
from lossadvisor.runtime.battery.problems import Problem
from lossadvisor.runtime.battery.project import UNRESOLVED, validate_losses
from lossadvisor.runtime.battery.result import Check, Outcome, Validation
from lossadvisor.runtime.battery.subjects import SUBJECTS
from lossadvisor.runtime.battery.tables import as_json, as_text
from lossadvisor.runtime.signatures import double_softmax_floor
from lossadvisor.values import Domain, Location, Span

_NOTES_ONLY = {"empty batch", "every target ignored"}


def named(validation: Validation, name: str) -> Check:
    return next(check for check in validation.checks if check.name == name)


@pytest.mark.parametrize("contract", SUBJECTS)
def test_right_chain_passes_every_check(contract: str) -> None:
    found = validate(by_id[contract], SUBJECTS[contract].recommended, {}, 6)
    assert found.outcome is Outcome.OK, as_text([found])
    others = {check.name for check in found.checks if check.outcome is not Outcome.OK}
    assert others <= _NOTES_ONLY, as_text([found])
    assert len(found.checks) >= 10


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("contract", ["cross_entropy", "bce_with_logits", "mse", "nll"])
def test_written_reduction_changes_no_verdict(contract: str, reduction: str) -> None:
    found = validate(by_id[contract], SUBJECTS[contract].recommended, {"reduction": reduction}, 4)
    assert found.outcome is Outcome.OK, as_text([found])


@pytest.mark.parametrize(
    ("contract", "options"),
    [
        ("cross_entropy", {"label_smoothing": 0.1}),
        ("cross_entropy", {"ignore_index": 0}),
        ("kl_div", {"log_target": True}),
        ("poisson_nll", {"log_input": False}),
        ("huber", {"delta": 0.5}),
        ("smooth_l1", {"beta": 2.0}),
        ("multi_margin", {"p": 2, "margin": 0.5}),
        ("gaussian_nll", {"full": True}),
        ("margin_ranking", {"margin": 0.3}),
    ],
)
def test_options_are_understood(contract: str, options: dict[str, object]) -> None:
    recommended = ("torch.nn.Softplus",) if contract == "poisson_nll" else SUBJECTS[contract].recommended
    found = validate(by_id[contract], recommended, options, 5)
    assert found.outcome is Outcome.OK, as_text([found])


@pytest.mark.parametrize(
    ("contract", "names", "code", "checks"),
    [
        ("cross_entropy", ("torch.nn.functional.softmax",), "LA101", {"lowest reachable value", "gradient kept"}),
        ("cross_entropy", ("torch.nn.Sigmoid",), "LA103", {"lowest reachable value", "gradient kept"}),
        ("cross_entropy", ("torch.tanh",), "LA103", {"lowest reachable value"}),
        ("bce_with_logits", ("torch.nn.Sigmoid",), "LA105", {"lowest reachable value", "gradient kept"}),
        ("bce_with_logits", ("torch.softmax",), "LA106", {"lowest reachable value", "gradient kept"}),
        ("bce", ("torch.nn.Linear",), "LA107", {"value against a float64 reference"}),
        ("bce", ("torch.softmax",), "LA106", {"lowest reachable value"}),
        ("nll", ("torch.Tensor.softmax",), "LA108", {"lowest reachable value", "gradient kept"}),
        ("nll", (), "LA109", {"lowest reachable value"}),
        ("kl_div", ("torch.softmax",), "LA110", {"lowest reachable value", "gradient kept"}),
        ("ctc", (), "LA112", {"lowest reachable value"}),
        ("multi_margin", ("torch.nn.Softmax",), "LA113", {"gradient kept"}),
        ("nll", ("torch.softmax", "torch.log"), "LA401", {"extreme scores in float32", "extreme scores in float16"}),
    ],
)
def test_wrong_chain_is_proved_wrong(contract: str, names: tuple[str, ...], code: str, checks: set[str]) -> None:
    found = validate(by_id[contract], names, {}, 10)
    assert found.outcome is Outcome.WRONG, as_text([found])
    assert code in found.codes
    wrong = {check.name for check in found.checks if check.outcome is Outcome.WRONG}
    assert checks <= wrong, as_text([found])
    assert found.help


@pytest.mark.parametrize("classes", [3, 10, 100])
def test_numbers_of_a_doubled_softmax(classes: int) -> None:
    found = validate(by_id["cross_entropy"], ("torch.softmax",), {}, classes)
    lowest = named(found, "lowest reachable value")
    assert lowest.measured == pytest.approx(double_softmax_floor(classes), abs=1e-4)
    assert lowest.expected == pytest.approx(0, abs=1e-6)
    assert named(found, "value at chance").measured == pytest.approx(math.log(classes))
    kept = named(found, "gradient kept").measured
    assert isinstance(kept, float) and 0 < kept < 0.35


def test_detached_chain_has_no_gradient() -> None:
    found = validate(by_id["cross_entropy"], ("torch.Tensor.detach",), {}, 4)
    assert named(found, "gradient against finite differences").outcome is Outcome.WRONG
    assert named(found, "gradient kept").measured == 0


def test_chains_start_after_the_last_learnt_map() -> None:
    names = ("torch.nn.Softmax", "torch.nn.Linear", "torch.Tensor.view", "torch.nn.LogSoftmax", "torch.Tensor.exp_")
    made = chain(names)
    assert made.names == ("torch.nn.LogSoftmax", "torch.Tensor.exp_")
    x = torch.randn(3, 4, dtype=torch.float64)
    assert torch.equal(made(x, 1), x.log_softmax(1).exp())
    assert chain(("mylib.squash",)).unknown == ("mylib.squash",)


def test_unknown_operation_is_said() -> None:
    found = validate(by_id["cross_entropy"], ("mylib.squash",), {}, 4)
    assert any("mylib.squash" in note for note in found.notes)


def test_softmax_over_the_batch_and_over_a_single_unit() -> None:
    batch = validate(by_id["cross_entropy"], ("torch.softmax",), {}, 6, axis=0)
    assert batch.codes == ("LA302",) and batch.outcome is Outcome.WRONG
    single = validate(by_id["cross_entropy"], (), {}, 1)
    assert single.codes == ("LA303",) and single.classes == 1
    assert named(single, "value against a float64 reference").measured == 0
    bce = validate(by_id["bce"], ("torch.softmax",), {}, 1)
    assert "LA303" in bce.codes and bce.outcome is Outcome.WRONG


def test_every_loss_of_torch_is_tried() -> None:
    assert {contract.id for contract in TORCH} == set(SUBJECTS)


@pytest.mark.parametrize("contract", ["linear_cross_entropy", "adaptive_log_softmax"])
@pytest.mark.parametrize("classes", [2, 3, 7, 30])
def test_losses_with_a_layer_of_their_own(contract: str, classes: int) -> None:
    right = validate(by_id[contract], (), {}, classes)
    assert right.outcome is Outcome.OK, as_text([right])
    hidden = validate(by_id[contract], ("torch.relu",), {}, classes)
    assert hidden.outcome is Outcome.OK and any("hidden features" in note for note in hidden.notes)
    wrong = validate(by_id[contract], ("torch.softmax",), {}, classes)
    assert named(wrong, "lowest reachable value").outcome is Outcome.WRONG, as_text([wrong])
    assert named(wrong, "gradient kept").measured < 0.5  # type: ignore[operator]


def test_adaptive_softmax_reference_is_the_log_probability_of_the_module() -> None:
    owner = projected._owner(9, torch.float64)
    x = torch.randn(40, 18, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    target = torch.arange(40) % 9
    cost = projected._adaptive_reference(x, Problem(x, target), {})
    assert torch.allclose(-owner.log_prob(x).gather(1, target[:, None])[:, 0], cost, atol=1e-12)
    assert len(owner.tail) == 2


def _verdict(row: int, domain: Domain, names: tuple[str, ...], contract: str = "cross_entropy") -> LossVerdict:
    span = Span("train.py", None, Location(row, 5), Location(row, 20))
    port = PortReport(domain, chain=names, classes=4)
    return LossVerdict(
        span, by_id[contract].classes[0], contract, Verdict.UNKNOWN, (), port, PortReport(Domain.INDICES)
    )


def test_project_validations_keep_order_and_say_what_was_unresolved() -> None:
    losses = [
        _verdict(3, Domain.PROBABILITIES, ("torch.nn.Linear", "torch.softmax")),
        _verdict(9, Domain.UNKNOWN, ()),
        _verdict(12, Domain.PROBABILITIES, ()),
        _verdict(20, Domain.UNKNOWN, (), "adaptive_log_softmax"),
    ]
    found = validate_losses(losses)
    assert [one.span.start.row for one in found if one.span] == [3, 9, 12, 20]
    assert [one.outcome for one in found] == [Outcome.WRONG, Outcome.OK, Outcome.WRONG, Outcome.OK]
    assert UNRESOLVED in found[1].notes and UNRESOLVED not in found[2].notes
    rows = json.loads(as_json(found))
    assert rows[0]["codes"] == ["LA101"] and rows[0]["location"] == {"row": 3, "column": 5}
    assert {"name", "measured", "expected", "verdict", "sentence"} == set(rows[0]["checks"][0])
    assert as_text(found).endswith("4 losses validated: 2 right, 2 wrong")


def test_what_the_linter_knows_of_the_result_decides() -> None:
    softmax = ("torch.nn.Linear", "torch.softmax")
    losses = [
        _verdict(1, Domain.UNIT_INTERVAL, softmax, "bce"),  # one column of a softmax
        _verdict(2, Domain.UNKNOWN, (*softmax, "mylib.guard", "torch.log"), "nll"),
        _verdict(3, Domain.PROBABILITIES, softmax, "nll"),
        _verdict(4, Domain.NON_NEGATIVE, ("torch.nn.Linear",), "poisson_nll"),
    ]
    found = validate_losses(losses)
    assert [one.chain for one in found] == [
        ("torch.sigmoid",), ("torch.nn.functional.log_softmax",), ("torch.softmax",), ("torch.nn.functional.softplus",),
    ]  # fmt: skip
    assert [one.outcome for one in found] == [Outcome.OK, Outcome.OK, Outcome.WRONG, Outcome.WRONG]
    assert found[0].notes == ("what feeds this loss was reduced to unit-interval",)
    assert UNRESOLVED in found[1].notes and found[1].codes == ()


def test_battery_leaves_random_state_and_threads_alone() -> None:
    torch.manual_seed(5)
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    validate(by_id["cross_entropy"], (), {}, 4)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads


def test_ctc_reference_agrees_on_repeats_and_short_inputs() -> None:
    from lossadvisor.runtime.battery import references as ref

    g = torch.Generator().manual_seed(2)
    x = torch.randn(9, 4, 5, generator=g, dtype=torch.float64).log_softmax(2)
    targets = torch.tensor([[1, 1, 2], [3, 3, 3], [1, 2, 3], [4, 1, 4]])
    lengths, sizes = torch.tensor([9, 5, 4, 7]), torch.tensor([3, 3, 2, 1])
    expected = F.ctc_loss(x, targets, lengths, sizes, reduction="none")
    assert torch.allclose(ref.ctc(x, targets, lengths, sizes), expected, atol=1e-10)
