"""The machine that tries mutants: what it changes, and that a change reaches those who hold what is changed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .mutants import mixed
from .mutations import of_module, of_rule
from .patching import Unpatchable, executed, replace_code, replace_names
from .serving import Knowledge, forked

ROOT = Path(__file__).resolve().parents[2]
NAME = "tests_patched_module"
TEXT = """\
from functools import lru_cache

LIMIT = 3
WORDS = frozenset({"a", "b"})
TABLE = {"one": 1, "two": 2}


def double(x):
    if x > LIMIT:
        return x * 2
    return x


@lru_cache
def kept(x, more=1):
    return x + more


class Box:
    @property
    def size(self):
        return 4


CHECKS = {"double": double}
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    (tmp_path / f"{NAME}.py").write_text(TEXT)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module(NAME)
    del sys.modules[NAME]


def test_mutants_of_a_module(module: object, tmp_path: Path) -> None:
    found = list(of_module(tmp_path / f"{NAME}.py", NAME))
    changes = {(mutant.old, mutant.new): mutant.inside for mutant in found}
    assert changes[("x > LIMIT", "x >= LIMIT")] is True
    assert changes[("x * 2", "(x / 2)")] is True
    assert changes[("3", "(3 + 1)")] is False
    assert changes[('"one": 1,', "")] is False
    assert changes[('"a"', "'a_'")] is False
    for mutant in found:
        compile(mutant.applied(TEXT), NAME, "exec")
        assert mutant.applied(TEXT) != TEXT


def test_mutants_of_a_rule() -> None:
    found = list(of_rule(ROOT / "rules" / "softmax-before-cross-entropy.md"))
    assert any(mutant.old == "error" and mutant.new == "warning" for mutant in found)
    assert any(mutant.old.startswith("role") and not mutant.new for mutant in found)


def test_code_reaches_whoever_holds_the_function(module: object) -> None:
    names = vars(module)
    double, kept, box = names["double"], names["kept"], names["Box"]()
    replace_code(module, TEXT.replace("x > LIMIT", "x >= LIMIT").replace("return 4", "return 5"))  # type: ignore[arg-type]
    assert double(3) == 6 and names["CHECKS"]["double"](3) == 6
    assert box.size == 5
    replace_code(module, TEXT.replace("more=1", "more=7"))  # type: ignore[arg-type]
    assert kept(1) == 8


def test_names_are_bound_anew_and_tables_changed_in_place(module: object) -> None:
    names = vars(module)
    table, double = names["TABLE"], names["double"]
    text = TEXT.replace('"two": 2', '"three": 3').replace("LIMIT = 3", "LIMIT = 0").replace('"a", "b"', '"b"')
    rows, others = replace_names(module, text)  # type: ignore[arg-type]
    assert (rows, others) == ([], True)
    assert table == {"one": 1, "three": 3} and names["WORDS"] == {"b"}
    assert double(1) == 2


def test_what_changes_nothing_is_told(module: object) -> None:
    assert replace_names(module, TEXT) == ([], False)  # type: ignore[arg-type]


def test_a_change_is_taken_back_by_the_text_that_was(module: object) -> None:
    names = vars(module)
    changed = TEXT.replace("x * 2", "x * 3").replace('"one": 1', '"one": 7')
    replace_code(module, changed)  # type: ignore[arg-type]
    replace_names(module, changed)  # type: ignore[arg-type]
    assert (names["double"](5), names["TABLE"]["one"]) == (15, 7)
    replace_code(module, TEXT)  # type: ignore[arg-type]
    replace_names(module, TEXT)  # type: ignore[arg-type]
    assert (names["double"](5), names["TABLE"]["one"]) == (10, 1)


def test_classes_whose_text_is_the_same_stay(module: object) -> None:
    names = vars(module)
    box = names["Box"]
    assert executed(module, TEXT.replace("LIMIT = 3", "LIMIT = 4"))["Box"] is box  # type: ignore[arg-type]
    assert executed(module, TEXT.replace("return 4", "return 5"))["Box"] is not box  # type: ignore[arg-type]
    with pytest.raises(Unpatchable):  # its functions are replaced, no more than that
        replace_names(module, TEXT.replace("class Box:", "class Box:\n    more = 1\n"))  # type: ignore[arg-type]


def test_a_row_that_is_gone_leaves_every_tuple() -> None:
    from lossadvisor.contracts import libraries
    from lossadvisor.contracts.libraries import timm

    text = Path(timm.__file__).read_text(encoding="utf-8")
    start = text.index("    loss(\n        _PACKAGE,\n        \"ZlprLoss\"")
    end = text.index("    loss(\n", start + 1)
    gone = forked(lambda: [*replace_names(timm, text[:start] + text[end:]),
                           [row.id for row in libraries.LIBRARIES]])  # fmt: skip
    assert gone[0] == ["timm.ZlprLoss"]
    assert "timm.ZlprLoss" not in gone[2] and "timm.TwoWayLoss" in gone[2]


def test_what_was_learned_of_other_files_is_kept() -> None:
    old = Knowledge({"a.py::x": 1.0, "b.py::y": 2.0}, {"m.py": {3: ["a.py::x", "b.py::y"]}}, {"mse": ["b.py::y"]})
    new = Knowledge({"b.py::z": 3.0}, {"m.py": {3: ["b.py::z"], 4: ["b.py::z"]}}, {"mse": ["b.py::z"]})
    known = old.limited(["a.py"]).joined(new)
    assert known.durations == {"a.py::x": 1.0, "b.py::z": 3.0}
    assert known.rows == {"m.py": {3: ["a.py::x", "b.py::z"], 4: ["b.py::z"]}}
    assert known.contracts == {"mse": ["b.py::z"]}


def test_what_cannot_be_put_in_place(module: object) -> None:
    with pytest.raises(Unpatchable):
        replace_code(module, TEXT.replace("double", "triple"))  # type: ignore[arg-type]


def test_tests_take_turns() -> None:
    assert mixed(["a[1]", "a[2]", "b", "a[3]", "c[1]", "c[2]"]) == ["a[1]", "b", "c[1]", "a[2]", "c[2]", "a[3]"]
