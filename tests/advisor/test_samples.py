"""Facts from samples: what is inferred, what is refused, and that nothing in a file is executed."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

np = pytest.importorskip("numpy")

from lossadvisor.advisor import Activation, Balance, FactError, Facts, Task, advise  # noqa: E402
from lossadvisor.advisor.inference import infer  # noqa: E402
from lossadvisor.advisor.samples import Sample, read_sample  # noqa: E402


def saved(folder: Path, array, name: str = "sample.npy") -> Sample:  # type: ignore[no-untyped-def]
    path = folder / name
    np.save(path, array)
    return read_sample(str(path), "--target")


def softmax(scores):  # type: ignore[no-untyped-def]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("target", "task"),
    [
        (np.array([0, 1, 1, 0]), Task.BINARY),
        (np.array([-1.0, 1.0, 1.0]), Task.BINARY),
        (np.arange(40) % 5, Task.MULTICLASS),
        (np.eye(4)[np.arange(12) % 4], Task.MULTICLASS),
        (softmax(RNG.normal(size=(16, 4))), Task.MULTICLASS),
        ((RNG.random((32, 6)) > 0.6).astype("float32"), Task.MULTILABEL),
        (RNG.integers(0, 4, (3, 8, 8)), Task.SEGMENTATION),
        (RNG.normal(size=50), Task.REGRESSION),
    ],
)
def test_the_task_is_guessed_and_answered(tmp_path: Path, target, task: Task) -> None:  # type: ignore[no-untyped-def]
    found = infer(Facts(), saved(tmp_path, target), None)
    assert found.facts.task is task
    assert any(line.startswith(f"assumed --task {task.value}") for line in found.lines)
    assert advise(found.facts).best.snippet


def test_what_the_user_says_is_kept(tmp_path: Path) -> None:
    said = Facts(Task.ORDINAL, classes=7)
    found = infer(said, saved(tmp_path, np.arange(40) % 5), None).facts
    assert (found.task, found.classes) == (Task.ORDINAL, 7)


def test_byte_masks_with_few_foreground_pixels(tmp_path: Path) -> None:
    masks = np.zeros((4, 1, 10, 10), dtype="uint8")
    masks[:, :, 0, :5] = 255
    facts = infer(Facts(), saved(tmp_path, masks), None).facts
    assert facts.imbalance == Balance((0.05,)) and facts.classes == 2
    answer = advise(facts)
    assert answer.best.id == "segmentation-binary"
    assert {"LA203", "LA204"} <= {note.code for note in answer.observations}


def test_void_pixels_are_found(tmp_path: Path) -> None:
    masks = np.arange(400).reshape(1, 20, 20) % 5
    masks[0, 0] = 255
    facts = infer(Facts(), saved(tmp_path, masks), None).facts
    assert (facts.ignore_index, facts.classes) == (255, 5)
    assert "ignore_index=255" in advise(facts).best.loss


def test_counts_become_weights(tmp_path: Path) -> None:
    facts = infer(Facts(), saved(tmp_path, np.repeat([0, 1, 2], [90, 8, 2])), None).facts
    assert facts.imbalance == Balance((), (90, 8, 2))


@pytest.mark.parametrize(
    ("output", "activation"),
    [
        (softmax(RNG.normal(size=(16, 4))), Activation.SOFTMAX),
        (np.log(softmax(RNG.normal(size=(16, 4)))), Activation.LOG_SOFTMAX),
        (1 / (1 + np.exp(-RNG.normal(size=(16, 4)))), Activation.SIGMOID),
        (np.maximum(RNG.normal(size=(16, 4)) * 3, 0), Activation.RELU),
        (RNG.normal(size=(16, 4)), None),
    ],
)
def test_the_last_activation_is_recognised(tmp_path: Path, output, activation) -> None:  # type: ignore[no-untyped-def]
    facts = infer(Facts(Task.MULTICLASS), None, saved(tmp_path, output)).facts
    assert facts.output_activation is activation
    assert facts.output_shape == ("N", 4)


def test_tables(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("label\n" + "0\n" * 95 + "1\n" * 5)
    sample = read_sample(str(path), "--target")
    assert (sample.dtype, sample.shape, sample.share_of_ones) == ("int64", (100,), 0.05)
    assert infer(Facts(), sample, None).facts.imbalance == Balance((0.05,))


def test_tensors(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    path = tmp_path / "sample.pt"
    torch.save(torch.tensor([[0.5, 0.5]], dtype=torch.bfloat16, requires_grad=True), path)
    sample = read_sample(str(path), "--output")
    assert (sample.dtype, sample.shape, sample.unit_axes) == ("bfloat16", (1, 2), (1,))
    torch.save({"weight": torch.zeros(2)}, path)
    with pytest.raises(FactError, match=r"--output .*sample.pt: holds a dictionary \(weight\)"):
        read_sample(str(path), "--output")


class Bomb:
    """A pickle that would write a file when it is loaded without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):  # type: ignore[no-untyped-def]
        return open, (str(self.path), "w")


@pytest.mark.parametrize("name", ["bomb.pt", "bomb.npy"])
def test_nothing_in_a_sample_is_executed(tmp_path: Path, name: str) -> None:
    if name.endswith(".pt"):
        pytest.importorskip("torch")
    path, trace = tmp_path / name, tmp_path / "exploded"
    path.write_bytes(pickle.dumps(Bomb(trace)))
    with pytest.raises(FactError, match=name):
        read_sample(str(path), "--target")
    assert not trace.exists()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.csv", None, "there is no such file"),
        ("sample.txt", b"1", "save the sample as"),
        ("text.csv", b"a\nb\n", "not a number"),
        ("ragged.csv", b"1,2\n3\n", "has 1 columns"),
        ("empty.csv", b"", "the sample is empty"),
        ("nan.csv", b"1\nnan\n", "1 of 2 values are not finite"),
        ("junk.npy", b"hello", "not an array of numbers"),
    ],
)
def test_unreadable_samples_are_named(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FactError) as caught:
        read_sample(str(path), "--target")
    assert words in str(caught.value) and name in str(caught.value) and "\n" not in str(caught.value)
