"""Facts are read or refused in one line; contradictions name both facts; observations follow from the target."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from lossadvisor.advisor import Activation, Balance, FactError, Facts, Task, advise
from lossadvisor.advisor.conflicts import CONFLICTS, check
from lossadvisor.advisor.facts import read_balance, read_dtype, read_range, read_shape

T = Task

CONTRADICTIONS: tuple[tuple[Facts, str, str], ...] = (
    (Facts(T.BINARY, classes=10), "--task binary", "--classes 10"),
    (Facts(T.MULTICLASS, classes=1), "--task multiclass", "--classes 1"),
    (Facts(T.MULTICLASS, output_shape=("N", 1)), "--task multiclass", "--output-shape N,1"),
    (Facts(T.MULTICLASS, classes=3, output_shape=("N", 10)), "--classes 3", "--output-shape N,10"),
    (Facts(T.REGRESSION, ignore_index=-1), "--ignore-index -1", "--task regression"),
    (Facts(T.MULTICLASS, ignore_index=255, soft_labels=True), "--ignore-index 255", "--soft-labels"),
    (Facts(T.CTC, mask=True), "--mask", "--task ctc"),
    (Facts(T.MULTICLASS, soft_labels=True, target_dtype="int64"), "--soft-labels", "--target-dtype int64"),
    (Facts(T.RANKING, soft_labels=True), "--soft-labels", "--task ranking"),
    (Facts(T.REGRESSION, label_noise=True), "--label-noise", "--task regression"),
    (Facts(T.COUNT, imbalance=Balance()), "--imbalance", "--task count"),
    (Facts(T.MULTICLASS, classes=4, imbalance=Balance((), (5, 6))), "--imbalance 5,6", "--classes 4"),
    (Facts(T.BINARY, imbalance=Balance((), (5, 6, 7))), "--imbalance 5,6,7", "--task binary"),
    (Facts(T.MULTILABEL, imbalance=Balance((), (5, 6))), "--imbalance 5,6", "--task multilabel"),
    (Facts(T.MULTICLASS, imbalance=Balance((0.1,))), "--imbalance 0.1", "--task multiclass"),
    (Facts(T.MULTICLASS, classes=3, target_range=(0, 9)), "--target-range 0,9", "--classes 3"),
    (Facts(T.SEQUENCE, target_range=(-1, 4)), "--target-range -1,4", "--task sequence"),
    (Facts(T.COUNT, target_range=(-2, 4)), "--target-range -2,4", "--task count"),
    (Facts(T.BINARY, soft_labels=True, target_range=(0, 5)), "--target-range 0,5", "--soft-labels"),
    (Facts(T.REGRESSION, target_dtype="bool"), "--target-dtype bool", "--task regression"),
    (Facts(T.REGRESSION, output_shape=(8, 3), target_shape=(8, 4)), "--output-shape 8,3", "--target-shape 8,4"),
    (Facts(T.BINARY, uncertainty=True), "--uncertainty", "--task binary"),
    (Facts(T.MULTICLASS, outliers=True), "--outliers", "--task multiclass"),
)


@pytest.mark.parametrize(("facts", "first", "second"), CONTRADICTIONS)
def test_contradictions_name_the_two_facts_in_one_line(facts: Facts, first: str, second: str) -> None:
    with pytest.raises(FactError) as caught:
        advise(facts)
    line = str(caught.value)
    assert line.startswith((f"{first} contradicts {second}", f"{second} contradicts {first}")), line
    assert "\n" not in line and len(line.split(": ", 1)[1]) > 15


def test_every_contradiction_is_tried() -> None:
    for conflict in CONFLICTS:
        assert any(conflict.clash(facts) for facts, _, _ in CONTRADICTIONS), conflict


def test_plain_facts_of_every_task_contradict_nothing() -> None:
    for task in Task:
        check(Facts(task))


def test_labels_from_one_are_an_observation() -> None:
    notes = advise(Facts(T.MULTICLASS, classes=10, target_range=(1, 10))).observations
    assert [note.code for note in notes] == ["LA208"]


@pytest.mark.parametrize(
    ("facts", "code", "words"),
    [
        (Facts(T.BINARY, target_dtype="int64"), "LA203", "labels.float()"),
        (Facts(T.MULTICLASS, target_dtype="float32"), "LA201", "labels.long()"),
        (Facts(T.SEGMENTATION, classes=2, target_range=(0, 255)), "LA204", "divide by 255"),
        (Facts(T.MULTICLASS, output_activation=Activation.SOFTMAX), "LA101", "remove it"),
        (Facts(T.BINARY, output_activation=Activation.SIGMOID), "LA105", "remove it"),
        (Facts(T.MULTICLASS, target_shape=("N", 1)), "LA202", "squeeze(1)"),
        (Facts(T.MULTICLASS, target_shape=("N", 10)), "LA202", "argmax(dim=1)"),
        (Facts(T.REGRESSION, output_shape=("N", 1), target_shape=("N",)), "LA304", "squeeze"),
        (Facts(T.METRIC, target_range=(0, 1)), "LA205", "2 * labels - 1"),
        (Facts(T.SEGMENTATION, classes=4, target_shape=("N", 1, "H", "W")), "LA202", "masks.squeeze(1)"),
    ],
)
def test_observations(facts: Facts, code: str, words: str) -> None:
    found = advise(facts).observations
    assert any(note.code == code and words in note.text for note in found), found


def test_facts_are_read() -> None:
    assert read_shape("N,3,H,W", "--output-shape") == ("N", 3, "H", "W")
    assert read_shape("(32, 10)", "--output-shape") == (32, 10)
    assert read_dtype("torch.long") == "int64"
    assert read_range("-1..1") == (-1.0, 1.0)
    assert read_balance("0.1,0.3") == Balance((0.1, 0.3))
    assert read_balance("900,80,20") == Balance((), (900, 80, 20))
    assert read_balance("yes") == Balance()


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda text: read_shape(text, "--output-shape"), "N,-3"),
        (read_dtype, "string"),
        (read_range, "5,1"),
        (read_range, "1"),
        (read_range, "0,inf"),
        (read_balance, "0"),
        (read_balance, "100,0"),
        (read_balance, "-3,5"),
        (read_balance, "lots"),
    ],
)
def test_unreadable_facts_are_refused_by_name(read, text: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(FactError, match=re.escape(text)) as caught:
        read(text)
    assert str(caught.value).startswith("--")


def test_a_missing_task_lists_all_tasks() -> None:
    with pytest.raises(FactError, match=r"--task is missing.*binary.*gan"):
        advise(Facts())


def test_a_class_count_must_be_positive() -> None:
    with pytest.raises(FactError, match="--classes 0"):
        check(replace(Facts(T.MULTICLASS), classes=0))
