"""Late dataclasses do what those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import pickle
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import lossadvisor
from lossadvisor import late, late_methods

ROOT = Path(__file__).resolve().parents[2]


@late.dataclass(frozen=True, slots=True)
class Late:
    first: int
    second: str = "b"
    third: list[int] = dataclasses.field(default_factory=list, compare=False)
    fourth: int = dataclasses.field(default=4, init=False)
    fifth: int = dataclasses.field(default=5, kw_only=True, repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Plain:
    first: int
    second: str = "b"
    third: list[int] = dataclasses.field(default_factory=list, compare=False)
    fourth: int = dataclasses.field(default=4, init=False)
    fifth: int = dataclasses.field(default=5, kw_only=True, repr=False)


@late.dataclass(order=True)
class LateOpen:
    row: int
    column: int = 1
    doubled: int = dataclasses.field(default=0, init=False)

    def __post_init__(self) -> None:
        self.doubled = 2 * self.row


@late.dataclass(frozen=True)
class LateBase:
    first: int


@late.dataclass(frozen=True)
class LateHeir(LateBase):
    second: int = 2

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LateHeir)

    def __hash__(self) -> int:
        return 7


CALLS: tuple[tuple[tuple[Any, ...], dict[str, Any]], ...] = (
    ((1,), {}),
    ((1, "c"), {}),
    ((1, "c", [3]), {"fifth": 6}),
    ((), {"second": "d", "first": 2}),
)


@pytest.mark.parametrize("_", range(2 * late_methods.OFTEN))
@pytest.mark.parametrize(("given", "named"), CALLS)
def test_the_same_objects(given: tuple[Any, ...], named: dict[str, Any], _: int) -> None:
    """Before and after the methods are written."""
    mine, theirs = Late(*given, **named), Plain(*given, **named)
    assert dataclasses.astuple(mine) == dataclasses.astuple(theirs)
    assert repr(mine) == repr(theirs).replace("Plain", "Late")
    assert hash(mine) == hash(theirs)
    assert mine == Late(*given, **named) and mine != Late(9) and mine != theirs


@pytest.mark.parametrize(("given", "named"), [((), {}), ((1, 2, 3, 4), {}), ((1,), {"sixth": 6}), ((1,), {"first": 1})])
def test_the_same_mistakes(given: tuple[Any, ...], named: dict[str, Any]) -> None:
    fresh: Any = type("Late", (), {**_content(Late), "__annotations__": Late.__annotations__})
    for cls in (Late, Plain, late.dataclass(frozen=True, slots=True)(fresh)):
        with pytest.raises(TypeError, match=r"__init__\(\)"):
            cls(*given, **named)


def _content(cls: Any) -> dict[str, Any]:
    return {field.name: field for field in dataclasses.fields(cls)} | {"first": dataclasses.field()}


def test_the_general_methods_are_replaced() -> None:
    @late.dataclass(frozen=True, slots=True)
    class Fresh:
        first: int

    first = vars(Fresh)["__init__"], vars(Fresh)["__hash__"]
    for _ in range(late_methods.OFTEN - 1):
        hash(Fresh(1))
    assert (vars(Fresh)["__init__"], vars(Fresh)["__hash__"]) == first
    hash(Fresh(1))
    assert vars(Fresh)["__init__"] is not first[0] and vars(Fresh)["__hash__"] is not first[1]


def test_a_method_taken_over_stays_that_of_its_class() -> None:
    @late.dataclass(frozen=True)
    class Base:
        first: int

    @late.dataclass(frozen=True)
    class Heir(Base):
        second: int

        __hash__ = Base.__hash__

    for turn in range(2 * late_methods.OFTEN):
        assert hash(Heir(1, turn)) == hash(Heir(1, -turn)) == hash(Base(1))


def test_a_factory_makes_one_for_each() -> None:
    assert Late(1).third is not Late(1).third


def test_frozen_ones_stay_as_they_are() -> None:
    for mine in (Late(1), LateHeir(1)):
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'first'"):
            mine.first = 2  # type: ignore[misc]
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'first'"):
            del mine.first
    with pytest.raises(dataclasses.FrozenInstanceError):
        LateHeir(1).new = 2  # type: ignore[attr-defined]


def test_copies() -> None:
    mine = Late(1, "c", [3], fifth=6)
    for other in (copy.copy(mine), copy.deepcopy(mine), pickle.loads(pickle.dumps(mine))):
        assert other == mine and other.fifth == 6 and other.third == [3]
    assert dataclasses.replace(mine, first=2) == Late(2, "c", fifth=6)


def test_patterns() -> None:
    match Late(1, "c"):
        case Late(first, second):
            assert (first, second) == (1, "c")


def test_open_ones() -> None:
    mine = LateOpen(3)
    assert mine.doubled == 6
    mine.row = 4
    assert mine.row == 4 and LateOpen(1, 2) < LateOpen(2, 1) <= LateOpen(2, 1) and LateOpen(3) > LateOpen(2)
    with pytest.raises(TypeError, match="unhashable"):
        hash(mine)


def test_what_a_class_says_itself_is_kept() -> None:
    assert LateHeir(1, 2) == LateHeir(3, 4)
    assert hash(LateHeir(1, 2)) == 7


def test_others_may_derive() -> None:
    heir = dataclasses.dataclass(frozen=True)(type("Heir", (LateBase,), {"__annotations__": {"last": int}}))
    assert heir(1, 2) == heir(first=1, last=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="cannot inherit non-frozen"):
        dataclasses.dataclass(type("Heir", (LateBase,), {"__annotations__": {"last": int}}))


def _classes() -> list[type[Any]]:
    found: set[type[Any]] = set()
    for info in pkgutil.walk_packages(lossadvisor.__path__, "lossadvisor."):
        if info.name.split(".")[1] not in {"runtime", "hosts", "server", "__main__"}:
            module = importlib.import_module(info.name)
            found |= {one for one in vars(module).values() if isinstance(one, type) and dataclasses.is_dataclass(one)}
    return sorted((one for one in found if "__late_frozen__" in one.__dict__), key=lambda one: one.__qualname__)


def test_every_class_is_called_as_it_would_be() -> None:
    classes = _classes()
    assert len(classes) > 100
    for cls in classes:
        written = inspect.signature(late_methods.initialiser(cls)).parameters.values()
        content: dict[str, Any] = {field.name: field for field in dataclasses.fields(cls)}
        content["__annotations__"] = {field.name: field.type for field in dataclasses.fields(cls)}
        twin = dataclasses.dataclass(type(cls.__name__, (), content))
        expected = inspect.signature(twin.__init__).parameters.values()
        assert [(one.name, one.kind) for one in written][1:] == [(one.name, one.kind) for one in expected][1:]


LIBCST = """
import dataclasses, inspect, pickle, sys
from lossadvisor import late_methods
from lossadvisor.cli.outlines import outline
from lossadvisor.sparing import sparing
{enter}
    import libcst as cst
    if "outline" in {enter!r}:
        assert "libcst.helpers" not in sys.modules and "subprocess" not in sys.modules
assert dataclasses.dataclass is late_methods.plain
from libcst.metadata import MetadataWrapper, PositionProvider
import libcst.matchers
source = open(sys.argv[1]).read()
module = cst.parse_module(source)
wrapper = MetadataWrapper(module)
positions = wrapper.resolve(PositionProvider)
print(hash(module.code), len(positions), sorted(str(place) for place in positions.values())[:50])
name = cst.Name("x")
mistakes = [lambda: cst.Name(), lambda: cst.Name(""), lambda: cst.Name(1, 2, 3, 4), lambda: cst.Name(y=1)]
mistakes += [lambda: setattr(name, "value", "y"), lambda: delattr(name, "value")]
for mistake in mistakes:
    try:
        mistake()
    except Exception as error:
        print(type(error).__name__, error)
print(name == cst.Name("x"), name == name, hash(name) == id(name), repr(name))
print(name.with_changes(value="z").value, name.deep_clone().value, pickle.loads(pickle.dumps(name)).value)
print(sorted(cst.__all__), [type(getattr(cst, name)) for name in sorted(cst.__all__)])
nodes = [getattr(cst, name) for name in sorted(cst.__all__)]
for cls in (one for one in nodes if isinstance(one, type) and issubclass(one, cst.CSTNode)):
    fields = [(field.name, type(field.default), field.init, field.kw_only) for field in dataclasses.fields(cls)]
    print(cls.__name__, fields, cls.__dataclass_params__)
"""


def test_libcst_is_the_same() -> None:
    told = []
    ways = ("if True:", "with sparing():", "outline()\nif True:", "outline()\nwith sparing():")
    for enter in ways:
        code = LIBCST.format(enter=enter)
        done = subprocess.run(
            [sys.executable, "-c", code, str(ROOT / "lossadvisor" / "late.py")],
            cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        told.append(done.stdout)
    usual, *others = (one.splitlines() for one in told)
    for other in others:
        assert other == usual


def test_an_outline_that_does_not_go_is_none() -> None:
    """As with a version of libcst that is laid out in another way."""
    code = (
        "import sys\n"
        "from lossadvisor.cli import outlines\n"
        "outlines.OUTLINED = {'libcst': ('_exceptions', '_nodes.other')}\n"
        "outlines.outline()\n"
        "import libcst\n"
        "print('libcst.helpers' in sys.modules, libcst.parse_module('a = 1\\n').code, end='')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "True a = 1\n"
