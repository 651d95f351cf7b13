"""Lists that a loop fills, some of it under a condition, and what their elements are when they are joined."""

from __future__ import annotations

from textwrap import indent

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import domain, domains, reveal


def _program(lines: str, join: str) -> str:
    return f"""
def f(batch, flag, y):
    parts = []
{indent(lines, "    ")}
    return F.mse_loss(torch.{join}, y)
"""


@pytest.mark.parametrize(
    "lines",
    [
        "for one in batch:\n    if one:\n        parts.append(torch.tensor(1))\n    parts.append(torch.tensor(0))",
        "for one in batch:\n    parts.append(torch.tensor(0))\n    if one:\n        parts.append(torch.tensor(1))",
        "for one in batch:\n    if one:\n        parts.append(torch.tensor(1))\n"
        "    else:\n        parts.append(torch.tensor(0))",
        "if flag:\n    parts.append(torch.tensor(1))\nparts.append(torch.tensor(0))",
    ],
)
def test_what_is_appended_in_any_order_is_joined(lines: str) -> None:
    assert domain(_program(lines, "stack(parts)")) is Domain.MULTI_HOT


def test_the_number_of_parts_is_not_known() -> None:
    lines = "if flag:\n    parts.append(torch.randn(3))\nparts.append(torch.randn(3))"
    assert reveal(_program(lines, "stack(parts)")).shape == (None, 3)


def test_parts_of_different_meaning_have_none_in_common() -> None:
    lines = "if flag:\n    parts.append(torch.sigmoid(batch))\nparts.append(F.logsigmoid(batch))"
    assert domain(_program(lines, "cat(parts)")) is Domain.UNKNOWN


def test_parts_that_exclude_each_other_are_not_mixed() -> None:
    lines = """\
part = torch.sigmoid(batch[0])
if flag:
    part = part.log()
for one in batch:
    if one:
        parts.append(part)"""
    wanted = frozenset({Domain.UNIT_INTERVAL, Domain.LOG_UNIT_INTERVAL})
    assert domains(_program(lines, "cat(parts)")) == wanted


def test_the_first_of_a_list_filled_under_a_condition_is_either() -> None:
    lines = "if flag:\n    parts.append(F.logsigmoid(batch[0]))\nparts.append(torch.sigmoid(batch[0]))"
    wanted = frozenset({Domain.UNIT_INTERVAL, Domain.LOG_UNIT_INTERVAL})
    assert domains(_program(lines, "clone(parts[0])")) == wanted


COUNTED = """
def f(path, flag, x, y):
    with open(path) as lines:
        read = lines.read().splitlines()
    parts = []
    for line in read:
        {filled}
    classes = len({counted})
    return F.cross_entropy(nn.Linear(8, classes)(x), y)
"""


@pytest.mark.parametrize("filled", ["parts.append(line)", "parts += [line]", "parts = parts + [line]"])
@pytest.mark.parametrize(
    "counted",
    ["parts", "sorted(set(part.split('/')[0] for part in parts))", "[part for part in parts]", "set(parts)",
     "list(enumerate(parts))", "tuple(map(str, parts))", "parts[1:]", "parts + parts", "[*parts]", "parts.copy()",
     "{part: 0 for part in parts}", "list(reversed(parts))", "list(zip(parts, parts))"],
)
def test_what_is_built_from_a_list_of_unknown_length_has_none(filled: str, counted: str) -> None:
    assert reveal(COUNTED.format(filled=filled, counted=counted)).classes is None


def test_a_list_of_an_object_that_a_loop_replaces_has_no_known_length() -> None:
    program = """
class Data:
    def __init__(self, path):
        self.names = []
        for line in open(path):
            self.names += [line.split()[0]]

def f(x, y):
    data = Data("names.txt")
    return F.cross_entropy(nn.Linear(8, len(data.names))(x), y)
"""
    assert reveal(program).classes is None


def test_a_set_has_as_many_elements_as_there_are_different_constants() -> None:
    program = "F.cross_entropy(nn.Linear(8, len(set({names})))(x), y)"
    assert reveal(program.format(names="['cat', 'dog', 'owl']")).classes == 3
    assert reveal(program.format(names="['cat', first(), 'owl']")).classes is None
