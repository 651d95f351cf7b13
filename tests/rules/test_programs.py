"""How programs and marks are read from a document, and what a match covers."""

from __future__ import annotations

from lossadvisor.catalogue import Library, Match, find
from lossadvisor.catalogue.examples import examples, fences
from lossadvisor.catalogue.sections import sections
from lossadvisor.contracts import Relation, Want, by_id
from lossadvisor.values import Domain

TEXT = """\
Words before.

```python
loss = 1  # LA101
both = 2  # LA101 LA303
```

```text
no program  # LA101
```

```python file=net.py
x = 1
```

```python file=pkg/train.py
y = 2  # LA105
```

---

```python file=other.py
z = 3
```

```python
last = "# LA101 inside a string"
```
"""


def test_fences_keep_language_file_and_text() -> None:
    found = fences(TEXT)
    assert [fence.language for fence in found] == ["python", "text", "python", "python", "python", "python"]
    assert [fence.file for fence in found] == [None, None, "net.py", "pkg/train.py", "other.py", None]
    assert found[2].text == "x = 1\n"


def test_other_words_after_the_language_are_no_files() -> None:
    assert [fence.file for fence in fences("```python numbered file=a.py\nx\n```\n```python numbered\nx\n```\n")] == [
        "a.py", None,
    ]  # fmt: skip


def test_files_that_follow_each_other_are_one_project_until_a_line() -> None:
    programs = examples(TEXT)
    assert [[source.filename for source in program.sources] for program in programs] == [
        ["example.py"],
        ["net.py", "pkg/train.py"],
        ["other.py"],
        ["example.py"],
    ]


def test_marks_are_rows_and_codes() -> None:
    programs = examples(TEXT)
    assert programs[0].marks() == (("example.py", 1, "LA101"), ("example.py", 2, "LA101"), ("example.py", 2, "LA303"))
    assert programs[1].marks() == (("pkg/train.py", 1, "LA105"),)
    assert programs[3].marks() == ()


def test_headings_inside_fences_are_no_headings() -> None:
    body = "## One\n\n```python\n## Two\n```\n\n## Three\ntext\n"
    assert list(sections(body)) == ["One", "Three"]


def test_a_match_looks_at_contract_library_role_options_and_cause() -> None:
    contract = by_id["kl_div"]
    prediction, target = contract.ports[0], contract.ports[1]
    match = Match(
        wants=(Want.LOG_PROBABILITIES,),
        got=(Domain.PROBABILITIES,),
        relation=Relation.VIOLATES,
        contracts=("kl_div",),
        role="prediction",
        options={"reduction": "mean"},
        causes=("softmax",),
    )

    def covers(port: object = prediction, domain: Domain = Domain.PROBABILITIES, **more: object) -> bool:
        given = {"options": {}, "chain": ("torch.nn.Linear", "torch.softmax")} | more
        return match.covers(contract, port, Want.LOG_PROBABILITIES, domain, **given)  # type: ignore[arg-type]

    assert covers()
    assert covers(options={"reduction": "mean"})
    assert not covers(options={"reduction": "sum"})
    assert not covers(port=target)
    assert not covers(domain=Domain.SCORES)
    assert covers(chain=("torch.nn.Softmax",))
    assert not covers(chain=("torch.softmax", "torch.mul"))
    assert not covers(chain=())


def test_library_losses_are_kept_apart_from_those_of_torch() -> None:
    own, foreign = by_id["bce_with_logits"], by_id["torchvision.sigmoid_focal_loss"]
    words = {"wants": (Want.BINARY_LOGITS,), "got": (Domain.UNIT_INTERVAL,), "relation": Relation.VIOLATES}
    for library, expected in (
        (Library.TORCH, (True, False)),
        (Library.THIRD_PARTY, (False, True)),
        (Library.ANY, (True, True)),
    ):
        match = Match(library=library, **words)  # type: ignore[arg-type]
        assert (match.of(own, own.ports[0]), match.of(foreign, foreign.ports[0])) == expected


def test_the_help_of_a_rule_names_what_to_do() -> None:
    rule = find("LA105")
    assert "sigmoid" in rule.message
    assert rule.url == "https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html"
    assert rule.fix is not None
    assert find("LA303").fix is None
