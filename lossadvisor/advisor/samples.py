"""Facts read from a sample of targets or outputs: a tensor file, an array file, a table of numbers."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lossadvisor.advisor.facts import FactError
from lossadvisor.late import dataclass

if TYPE_CHECKING:
    import numpy as np

FEW = 64
"""Up to so many distinct values are listed one by one."""

TOLERANCE = 1e-3
"""Sums of float32 or bfloat16 probabilities over a few thousand classes stay within this of 1."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample shows. `values` and their `counts` are empty when there are more than FEW distinct ones.

    `unit_axes` are the axes over which all sums are 1, `log_axes` those over which the
    exponentials sum to 1; `whole` says that every value is an integer.
    """

    path: str
    dtype: str
    shape: tuple[int, ...]
    low: float
    high: float
    whole: bool
    values: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    unit_axes: tuple[int, ...] = ()
    log_axes: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """One line for a person."""
        shape = ", ".join(map(str, self.shape))
        text = f"{self.path}: {self.dtype}, shape ({shape}), range {self.low:g} ... {self.high:g}"
        if 0 < len(self.values) <= 10:
            text += ", values " + ", ".join(
                f"{value:g} ({count})" for value, count in zip(self.values, self.counts, strict=True)
            )
        if set(self.values) == {0.0, 1.0}:
            text += f", share of ones {self.share_of_ones:.3g}"
        return text + "".join(f", sums to 1 over axis {axis}" for axis in self.unit_axes)

    @property
    def share_of_ones(self) -> float:
        """The count of the value 1 over all values."""
        return dict(zip(self.values, self.counts, strict=True)).get(1.0, 0) / max(1, sum(self.counts))


def read_sample(path: str, option: str) -> Sample:
    """The sample in a .pt, .npy or .csv file. Raises FactError with one line when it cannot be read."""
    if not Path(path).is_file():
        raise FactError(f"{option} {path}: there is no such file")
    if find_spec("numpy") is None:
        raise FactError(f"{option} {path}: reading a sample needs numpy: pip install 'lossadvisor[runtime]'")
    readers = {".pt": _read_pt, ".pth": _read_pt, ".npy": _read_npy, ".csv": _read_csv, ".tsv": _read_csv}
    reader = readers.get(Path(path).suffix.lower())
    if reader is None:
        raise FactError(f"{option} {path}: save the sample as .pt (torch.save), .npy (numpy.save) or .csv")
    array, dtype = reader(path, option)
    if array.size == 0:
        raise FactError(f"{option} {path}: the sample is empty; save at least one batch")
    return summarise(array, dtype, path, option)


def _read_pt(path: str, option: str) -> tuple[np.ndarray[Any, Any], str]:
    if find_spec("torch") is None:
        raise FactError(f"{option} {path}: reading .pt needs torch: pip install 'lossadvisor[runtime]', or save .npy")
    from lossadvisor.runtime.sample import SampleError, load_array

    try:
        return load_array(path)
    except SampleError as error:
        raise FactError(f"{option} {path}: {error}") from None


def _read_npy(path: str, option: str) -> tuple[np.ndarray[Any, Any], str]:
    import numpy as np

    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError):
        raise FactError(f"{option} {path}: not an array of numbers; save it by numpy.save(path, array)") from None
    if array.dtype.kind not in "biuf":
        raise FactError(f"{option} {path}: holds {array.dtype}, not numbers; save the numeric targets")
    return array, str(array.dtype)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _read_csv(path: str, option: str) -> tuple[np.ndarray[Any, Any], str]:
    import numpy as np

    delimiter = "\t" if Path(path).suffix.lower() == ".tsv" else ","
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file, delimiter=delimiter) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise FactError(f"{option} {path}: not a readable table ({_first_line(error)})") from None
    if rows and not all(_number(cell) for cell in rows[0]):
        rows = rows[1:]  # a header
    for index, row in enumerate(rows, 1):
        bad = next((cell for cell in row if not _number(cell)), None)
        if bad is not None:
            raise FactError(f"{option} {path}: row {index} holds {bad!r}, not a number; keep the target columns only")
        if len(row) != len(rows[0]):
            raise FactError(f"{option} {path}: row {index} has {len(row)} columns, the first has {len(rows[0])}")
    array = np.array([[float(cell) for cell in row] for row in rows])
    whole = all(_integer(cell) for row in rows for cell in row)
    return (array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array), "int64" if whole else "float32"


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _integer(cell: str) -> bool:
    return cell.strip().lstrip("+-").isdigit()


def summarise(array: np.ndarray[Any, Any], dtype: str, path: str, option: str) -> Sample:
    """What the numbers show. Raises FactError for values that are not finite."""
    import numpy as np

    numbers = array.astype(np.float64)
    broken = int((~np.isfinite(numbers)).sum())
    if broken:
        raise FactError(f"{option} {path}: {broken} of {numbers.size} values are not finite; clean them first")
    values, counts = np.unique(numbers, return_counts=True)
    few = len(values) <= FEW
    return Sample(
        path=path, dtype=dtype, shape=tuple(array.shape), low=float(values[0]), high=float(values[-1]),
        whole=bool((numbers == np.round(numbers)).all()),
        values=tuple(map(float, values)) if few else (), counts=tuple(map(int, counts)) if few else (),
        unit_axes=_unit_axes(numbers) if float(values[0]) >= 0 else (),
        log_axes=_unit_axes(np.exp(numbers)) if float(values[-1]) <= 0 else (),
    )


def _unit_axes(numbers: np.ndarray[Any, Any]) -> tuple[int, ...]:
    import numpy as np

    return tuple(
        axis for axis in range(1, numbers.ndim)
        if numbers.shape[axis] > 1 and bool((np.abs(numbers.sum(axis=axis) - 1) < TOLERANCE).all())
    )
