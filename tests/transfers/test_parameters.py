"""The parameters of the transfer table stand where torch has them, so that a positional `dim` is read as one."""

from __future__ import annotations

import inspect
from operator import attrgetter

import pytest
import torch

from lossadvisor.transfers import FUNCTIONS, LAYERS, METHODS

# Named by the table in its own way: whatever else is multiplied or compared, and what only the functional form has.
_ANY = frozenset({"other", "_stacklevel"})
ROWS = {
    **{name: row.parameters for name, row in FUNCTIONS.items() if name.startswith("torch.")},
    **{f"torch.Tensor.{name}": row.parameters for name, row in METHODS.items()},
}
# torch.linalg.norm calls the order of the norm ord; a schema calls the tensor self, which Python calls input.
_RENAMED = {"ord": "p", "self": "input"}


def _overloads(name: str) -> list[list[str]]:
    """The parameter names of each way to call it, without the first, which is what the operation is applied to."""
    found = attrgetter(name.removeprefix("torch."))(torch)
    try:
        return [list(inspect.signature(found).parameters)[1:]]
    except ValueError:
        pass
    last = name.rsplit(".", 1)[1]
    schemas = [s for space in ("aten::", "aten::special_", "aten::linalg_") for s in
               torch._C._jit_get_schemas_for_operator(space + last)]  # fmt: skip
    return [[a.name for a in schema.arguments if not a.is_out][1:] for schema in schemas]


def _fits(claimed: tuple[str, ...], real: list[str]) -> bool:
    return all(
        one in _ANY or one == _RENAMED.get(other, other)
        for one, other in zip(claimed[1:], real, strict=False)
    )


READ = [name for name, parameters in ROWS.items() if len(parameters) > 1 and name.rsplit(".", 1)[1] != "type"]


@pytest.mark.parametrize("name", READ)
def test_parameters_stand_where_torch_has_them(name: str) -> None:
    overloads = _overloads(name)
    assert overloads, "torch does not say how it is called"
    assert any(_fits(ROWS[name], real) for real in overloads), f"{ROWS[name]} against {overloads}"


BUILT = {name: row.constructor for name, row in LAYERS.items() if name.startswith("torch.") and row.constructor}


@pytest.mark.parametrize("name", BUILT)
def test_constructors_take_what_torch_takes(name: str) -> None:
    layer = attrgetter(name.removeprefix("torch."))(torch)
    assert tuple(inspect.signature(layer).parameters)[: len(BUILT[name])] == BUILT[name]


def test_the_order_is_judged() -> None:
    assert not any(_fits(("input", "dim", "index"), real) for real in _overloads("torch.take_along_dim"))
    assert not any(_fits(("input", "dim", "keepdim"), real) for real in _overloads("torch.Tensor.norm"))
