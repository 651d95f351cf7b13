"""Lists that are longer under a condition: their length, ranges over it, and loops through them."""

from __future__ import annotations

import pytest

from tests.inference.reveal import Domain, domain, domains, seen

_MODEL = """
class Net(nn.Module):
    def __init__(self, depth, activated, apart):
        super().__init__()
        self.depth, self.apart = depth, apart
        stages = [[nn.Conv2d(3, 8, 3), nn.LeakyReLU(0.2)]]
        for _ in range(1, depth):
            stages += [[nn.Conv2d(8, 8, 3), nn.LeakyReLU(0.2)]]
        stages += [[nn.Conv2d(8, 1, 3)]]
        if activated:
            stages += [[nn.Sigmoid()]]
        if apart:
            for n in range(len(stages)):
                setattr(self, 'stage' + str(n), nn.Sequential(*stages[n]))
        else:
            flat = []
            for n in range(len(stages)):
                flat += stages[n]
            self.whole = nn.Sequential(*flat)

    def forward(self, x):
        if not self.apart:
            return self.whole(x)
        for n in range(self.depth + COUNT):
            x = getattr(self, 'stage' + str(n))(x)
        return x

def step(net, x, y):
    return nn.BCELoss()(net(x), y)
"""


def _model(count: int, made: str) -> str:
    return _MODEL.replace("COUNT", str(count)) + f"\n{made}\n"


@pytest.mark.parametrize("activated", ["True", "False", "flags.activated"])
def test_the_shared_stages_whatever_comes_after_them(activated: str) -> None:
    made = f"def run(flags, x, y):\n    return step(Net(3, {activated}, True), x, y)\n"
    assert domain(_model(1, made)) is Domain.SCORES


def test_the_last_stage_where_it_is_there() -> None:
    made = "def run(flags, x, y):\n    return step(Net(3, True, True), x, y)\n"
    assert domain(_model(2, made)) is Domain.UNIT_INTERVAL


def test_both_ends_of_one_sequence() -> None:
    made = "def run(flags, x, y):\n    return step(Net(3, flags.activated, False), x, y)\n"
    assert domains(_model(1, made)) == {Domain.SCORES, Domain.UNIT_INTERVAL}


def test_the_same_switch_for_model_and_loss() -> None:
    program = """
    def layers(soft):
        found = [nn.Linear(8, 8), nn.Linear(8, 1)]
        if soft:
            found = found + [nn.Sigmoid()]
        return found

    def run(soft, x, y):
        for layer in layers(soft):
            x = layer(x)
        if soft:
            return nn.BCELoss()(x, y)
    """
    assert domain(program) is Domain.UNIT_INTERVAL


def test_without_the_switch_the_tail_is_not_run() -> None:
    program = """
    def run(soft, x, y):
        found = [nn.Linear(8, 8), nn.Linear(8, 1)]
        if soft:
            found = found + [nn.Sigmoid()]
        for layer in found:
            x = layer(x)
        if not soft:
            return nn.BCEWithLogitsLoss()(x, y)
    """
    assert domain(program) is Domain.SCORES


@pytest.mark.parametrize("leaves", ["break", "return None"])
def test_a_loop_that_may_be_left_before(leaves: str) -> None:
    program = f"""
    def run(soft, x, y):
        found = [nn.Linear(8, 8), nn.Linear(8, 1)]
        if soft:
            found = found + [nn.Sigmoid()]
        for layer in found:
            if x.mean() > 3:
                {leaves}
            x = layer(x)
        return nn.BCELoss()(x, y)
    """
    assert Domain.SCORES in domains(program)


def test_lists_of_which_neither_begins_as_the_other() -> None:
    program = """
    def run(soft, x, y):
        found = [nn.Linear(8, 1)] if soft else [nn.Linear(8, 8), nn.Sigmoid()]
        for layer in found:
            x = layer(x)
        return nn.BCELoss()(x, y)
    """
    assert domains(program) != {Domain.SCORES}


def test_the_end_of_a_range_depends_on_a_condition() -> None:
    program = """
    def run(deep, x, y):
        layers = nn.ModuleList([nn.Linear(8, 8), nn.Linear(8, 1), nn.Sigmoid()])
        for n in range(3 if deep else 2):
            x = layers[n](x)
        if deep:
            return nn.BCELoss()(x, y)
    """
    assert domain(program) is Domain.UNIT_INTERVAL


@pytest.mark.parametrize("made", [
    "nn.Sequential(*layers)", "nn.Sequential(nn.Linear(8, 8), *layers)", "build(*layers)", "Wrapped(*layers)",
])  # fmt: skip
def test_a_star_before_one_of_two_sequences(made: str) -> None:
    program = f"""
    class Wrapped(nn.Module):
        def __init__(self, *layers):
            super().__init__()
            self.layers = nn.Sequential(*layers)
        def forward(self, x):
            return self.layers(x)

    def build(*layers):
        return nn.Sequential(*layers)

    def run(soft, x, y):
        layers = [nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)]
        if soft:
            layers += [nn.Sigmoid()]
        net = {made}
        if soft:
            return nn.BCELoss()(net(x), y)
        return nn.BCEWithLogitsLoss()(net(x), y)
    """
    facts = {one.loss.rsplit(".", 1)[-1]: one.domains for one in seen(program)}
    assert facts == {"BCELoss": {Domain.UNIT_INTERVAL}, "BCEWithLogitsLoss": {Domain.SCORES}}


def test_a_star_before_one_of_many_sequences_is_not_followed() -> None:
    program = """
    def run(a, b, x, y):
        layers = [nn.Linear(8, 8), nn.Linear(8, 1)]
        if a:
            layers += [nn.Linear(1, 1)]
        if b:
            layers += [nn.Sigmoid()]
        return nn.BCELoss()(nn.Sequential(*layers)(x), y)
    """
    assert domains(program) == {Domain.UNKNOWN}
