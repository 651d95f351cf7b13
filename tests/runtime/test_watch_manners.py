"""What watching must not do: change numbers, random state, gradients, other code; and what it must not miss."""

from __future__ import annotations

import functools
import inspect
import pickle
import threading
from typing import ClassVar

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.functional import cross_entropy as imported_before

from lossadvisor.runtime import Schedule, WatchReport, watch
from lossadvisor.runtime.watching.watch import LossProblem, paused


def train(steps: int = 12, wrong: bool = True) -> list[Tensor]:
    """A small training run with dropout; every loss value, gradient and weight along the way."""
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 4))
    rate = torch.optim.Adam(net.parameters(), lr=0.01)
    criterion, seen = nn.CrossEntropyLoss(label_smoothing=0.1), []
    for _ in range(steps):
        x, y = torch.randn(16, 6), torch.randint(0, 4, (16,))
        rate.zero_grad()
        out = net(x)
        loss = criterion(out.softmax(1) if wrong else out, y) + F.mse_loss(out, torch.randn(16, 4))
        loss.backward()
        rate.step()
        seen += [loss.detach().clone(), *(p.grad.clone() for p in net.parameters() if p.grad is not None)]
        seen += [p.detach().clone() for p in net.parameters()]
    return [*seen, torch.get_rng_state(), torch.random.get_rng_state()]


def test_watched_training_is_bitwise_the_same() -> None:
    plain = train()
    with watch(first=3, every=4) as seen:
        watched = train()
    assert len(plain) == len(watched)
    assert all(torch.equal(a, b) for a, b in zip(plain, watched, strict=True))
    assert seen.report.codes == ("LA101",)


def test_taps_are_gone_afterwards() -> None:
    function = torch.nn.functional.cross_entropy
    code, defaults, text = function.__code__, function.__defaults__, inspect.signature(function)
    with watch():
        assert function.__code__ is not code
        assert inspect.signature(function) == text
        assert "cross_entropy" in inspect.getsource(function)
    assert function.__code__ is code
    assert function.__defaults__ == defaults
    assert "__signature__" not in vars(function)


class Wrapped(nn.Module):
    """A loss inside a module inside a module, its function taken from a table."""

    TABLE: ClassVar = {"ce": F.cross_entropy}

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.ModuleDict({"loss": nn.CrossEntropyLoss()})

    def forward(self, scores: Tensor, target: Tensor) -> Tensor:
        return self.inner["loss"](scores, target) + self.TABLE["ce"](scores, target)


def _default(scores: Tensor, target: Tensor, loss=F.cross_entropy) -> Tensor:  # type: ignore[no-untyped-def]
    return loss(scores, target)


@pytest.mark.parametrize(
    "loss",
    [
        imported_before,
        functools.partial(F.cross_entropy, label_smoothing=0.1),
        _default,
        nn.CrossEntropyLoss(),
        type("Renamed", (nn.CrossEntropyLoss,), {})(),
        Wrapped(),
        pickle.loads(pickle.dumps(nn.CrossEntropyLoss())),
        lambda z, y: getattr(torch.nn.functional, "cross_" + "entropy")(input=z, target=y),
    ],
    ids=["imported before", "partial", "default", "module", "subclass", "nested", "pickled", "getattr"],
)
def test_seen_under_every_name(loss) -> None:  # type: ignore[no-untyped-def]
    net = nn.Linear(3, 4)
    with watch() as seen:
        loss(net(torch.randn(8, 3)).softmax(1), torch.randint(0, 4, (8,))).backward()
    assert "LA101" in seen.report.codes


def test_schedule_counts_each_place() -> None:
    schedule = Schedule(first=2, every=10, until=30)
    assert [n for n in range(40) if schedule.samples(n)] == [0, 1, 10, 20]
    with watch(first=2, every=10, until=30) as seen:
        for _ in range(25):
            F.mse_loss(torch.zeros(3), torch.ones(3))
        F.l1_loss(torch.zeros(3), torch.ones(3))
    assert [(one.calls, one.looked) for one in seen.report.sites] == [(25, 4), (1, 1)]
    with pytest.raises(ValueError, match="every >= 1"):
        Schedule(every=0)


def test_watching_ends_by_itself() -> None:
    code = F.mse_loss.__code__
    with watch(first=1, every=5, until=10) as seen:
        for _ in range(10):
            assert seen.active
            F.mse_loss(torch.zeros(3), torch.ones(3))
        assert not seen.active
        assert F.mse_loss.__code__ is code


def test_skipped_steps_read_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a number of a tensor goes through item, tolist, float or bool: none may happen on a skipped step."""
    z, y = torch.randn(8, 4, requires_grad=True), torch.randint(0, 4, (8,))
    with watch(first=1, every=1000):
        for step in range(4):
            if step == 1:
                for name in ("item", "tolist", "__float__", "__bool__", "__int__", "cpu"):
                    monkeypatch.setattr(Tensor, name, _forbidden)
            F.cross_entropy(z.softmax(1), y).backward()


def _forbidden(*args: object, **kwargs: object) -> object:
    raise AssertionError("a skipped step read a number")


def test_never_raises_unless_asked() -> None:
    z, y = torch.randn(8, 4), torch.randint(0, 4, (8,))
    with watch(), pytest.raises(ValueError, match="batch"):  # torch's own complaint comes through
        F.cross_entropy(z, y[:5])
    with watch(on_finding="raise"), pytest.raises(LossProblem, match="LA101") as caught:
        F.cross_entropy(z.softmax(1), y)
    assert caught.value.finding.code == "LA101"
    with watch(on_finding="raise"):
        F.cross_entropy(z.log_softmax(1), y)  # a note does not raise
    with pytest.raises(ValueError, match="on_finding"):
        watch(on_finding="never")  # type: ignore[arg-type]


def test_decorator_nesting_and_pause() -> None:
    z, y = torch.randn(8, 4).softmax(1), torch.randint(0, 4, (8,))
    outer, inner = watch(), watch()

    @outer
    def step() -> Tensor:
        with inner:
            F.cross_entropy(z, y)
        with paused():
            F.cross_entropy(z, y)
        return F.cross_entropy(z, y)

    step()
    assert [one.calls for one in inner.report.sites] == [1]
    assert [one.calls for one in outer.report.sites] == [1]
    assert outer.stop().codes == inner.stop().codes == ("LA101",)


def test_transforms_scripts_and_checkpoints_go_on_working() -> None:
    z, y = torch.randn(8, 4), torch.randint(0, 4, (8,))
    with watch() as seen:
        assert torch.func.grad(lambda s: F.cross_entropy(s, y))(z).shape == (8, 4)
        assert torch.vmap(F.cross_entropy)(z, y).shape == (8,)
        assert torch.jit.script(nn.CrossEntropyLoss())(z, y) == F.cross_entropy(z, y)
        wrapped = torch.utils.checkpoint.checkpoint(F.cross_entropy, z.clone().requires_grad_(), y, use_reentrant=False)
        wrapped.backward()
        F.mse_loss(torch.zeros(3, device="meta"), torch.ones(3, device="meta"))
    assert seen.report.findings == ()
    assert any("were not looked at" in note for note in seen.report.notes)


def test_compiled_code_keeps_one_graph_and_the_report_says_so() -> None:
    from torch._dynamo.utils import counters

    net = nn.Linear(6, 4)
    x, y = torch.randn(8, 6), torch.randint(0, 4, (8,))
    compiled_net = torch.compile(net, backend="eager", fullgraph=True)

    def step() -> Tensor:
        return F.cross_entropy(net(x).softmax(1), y)

    compiled_step = torch.compile(step, backend="aot_eager", fullgraph=True)
    before = compiled_step()
    with watch() as seen:
        assert torch.equal(compiled_step(), before)
        F.cross_entropy(compiled_net(x).softmax(1), y).backward()
        graphs = counters["stats"]["unique_graphs"]
        assert torch.equal(compiled_step(), before)
        assert counters["stats"]["unique_graphs"] == graphs
    assert torch.equal(compiled_step(), before)
    assert sum(counters["graph_break"].values()) == 0
    assert seen.report.codes == ("LA101",)
    assert any("torch.compile" in note for note in seen.report.notes)


def test_compiled_code_is_compiled_once_more_at_most_and_never_broken() -> None:
    """Over the whole life of a watch: its start, sampled and skipped calls, its own end in the middle, what follows."""
    from torch._dynamo.utils import counters

    net = nn.Linear(6, 4)
    x, y = torch.randn(8, 6), torch.randint(0, 4, (8,))

    @torch.compile(backend="aot_eager")
    def step() -> Tensor:
        return F.cross_entropy(net(x).softmax(1), y)

    def graphs() -> int:
        return int(counters["stats"]["unique_graphs"])

    before, breaks = step(), sum(counters["graph_break"].values())
    old, seen = graphs(), []
    with watch(first=2, every=5, until=10) as watching:
        for _ in range(20):
            assert torch.equal(step(), before)
            F.mse_loss(torch.zeros(2), torch.ones(2))  # a loss outside, whose schedule ends the watch
            seen.append(graphs())
        assert not watching.active
    assert torch.equal(step(), before)
    assert seen[0] <= old + 1 and graphs() == seen[0]
    assert sum(counters["graph_break"].values()) == breaks


def test_losses_inside_compiled_code_are_seen_on_eager_first_steps() -> None:
    from torch._dynamo.utils import counters

    net = nn.Linear(6, 4)
    x, y = torch.randn(8, 6), torch.randint(0, 4, (8,))

    @torch.compile(backend="aot_eager")
    def loss(wrong: bool) -> Tensor:
        scores = net(x)
        return F.cross_entropy(scores.softmax(1) if wrong else scores, y)

    for wrong in (True, False):
        torch.compiler.reset()
        counters.clear()
        with watch(first=3, compiled="eager") as seen:
            for number in range(8):
                loss(wrong).backward()
                compiled = counters["stats"]["unique_graphs"] > 0
                assert compiled is (number >= 3), "the first three steps, and only they, run uncompiled"
        assert seen.report.codes == (("LA101",) if wrong else ())
        assert [(one.calls, one.looked) for one in seen.report.sites] == [(3, 3)]
        assert any("ran uncompiled on the first steps" in note for note in seen.report.notes)
    with watch(first=2, compiled="eager") as seen, torch.no_grad():  # without a backward
        for _ in range(4):
            F.mse_loss(loss(True), torch.zeros(()))
    assert "LA101" in seen.report.codes
    with pytest.raises(ValueError, match="'skip' or 'eager'"):
        watch(compiled="always")  # type: ignore[arg-type]


def test_threads_share_one_watch() -> None:
    def work(seed: int) -> None:
        z = nn.Linear(3, 4)(torch.randn(8, 3, generator=torch.Generator().manual_seed(seed)))
        for _ in range(20):
            F.cross_entropy(z.softmax(1), torch.zeros(8, dtype=torch.long))

    with watch(first=1000) as seen:
        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    (place,) = seen.report.sites
    assert place.looked == 80
    assert seen.report.codes == ("LA101",)
    assert seen.report.errors == ()


def test_autocast_accumulation_and_several_sites() -> None:
    net = nn.Linear(6, 4)
    with watch() as seen, torch.autocast("cpu", dtype=torch.bfloat16):
        for _ in range(4):
            total = torch.zeros(())
            for _ in range(3):
                total = total + F.cross_entropy(net(torch.randn(8, 6)).softmax(1), torch.randint(0, 4, (8,))) / 3
            total.backward()
    assert seen.report.codes == ("LA101",)
    assert seen.report.sites[0].calls == 12


def test_report_names_the_place_and_the_numbers() -> None:
    with watch() as seen:
        for _ in range(3):
            row = inspect.currentframe().f_lineno + 1  # type: ignore[union-attr]
            F.cross_entropy(nn.Linear(3, 10)(torch.randn(8, 3)).softmax(1), torch.randint(0, 10, (8,)))
    report: WatchReport = seen.report
    (finding,) = report.findings
    assert (finding.span.filename.endswith("test_watch_manners.py"), finding.span.start.row) == (True, row)
    assert "rows sum to 1.000" in finding.message
    assert finding.evidence["lowest_reachable_loss"] == pytest.approx(1.4612, abs=1e-4)
    assert "on 3 of 3 batches looked at" in report.text()
    assert report.fails()
