"""Which methods of a class have to do with a loss: told by what their code sets and uses, not by what it tells."""

from __future__ import annotations

from lossadvisor.interpreter import mentions
from lossadvisor.interpreter.machine import Machine
from lossadvisor.project import Fragment, Project
from tests.inference.reveal import ROOT, Document

LOSSES = frozenset({"CrossEntropyLoss"})


def given(body: str) -> frozenset[str]:
    """The attributes that a method with this body sets from a loss."""
    document = Document("main.py", ROOT / "main.py", body)
    found = mentions.of(Machine(Project([document])), Fragment(document, 1, body.count("\n") + 1))
    return found.given(LOSSES)


def test_attributes_set_from_a_loss_over_locals_lists_and_names() -> None:
    assert given("loss = nn.CrossEntropyLoss()\nself.a = loss\nself.b = 1") == {"a"}
    assert given("self.parts.append(\n    nn.CrossEntropyLoss()\n)\nself.size = 3") == {"parts"}
    assert "held" in given("setattr(self, 'held', nn.CrossEntropyLoss())")


def test_prose_sets_nothing() -> None:
    assert given('self.a = 1  # CrossEntropyLoss is elsewhere\n"""self.b = CrossEntropyLoss()"""') == frozenset()


def test_a_module_that_calls_itself_speaks_of_its_forward() -> None:
    for body, expected in (("return self(batch)", True), ("return self.net(batch)", False), ("myself(batch)", False)):
        document = Document("main.py", ROOT / "main.py", body)
        found = mentions.of(Machine(Project([document])), Fragment(document, 1, 1))
        assert ("forward" in found.words) is expected
