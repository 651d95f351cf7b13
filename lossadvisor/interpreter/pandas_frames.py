"""Tables and columns of pandas, as far as they tell the shape of the arrays that are taken from them.

A table is the external instance `pandas.DataFrame`, a column `pandas.Series`. Source: the pages of these classes on
pandas.pydata.org.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.values import External, Known, Layer, Opaque, Seq, Tensor, Value
from lossadvisor.transfers.apply import dtype_named
from lossadvisor.values import Dim, Dtype, Fact, Place

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

FRAME, SERIES, INDEXER = "pandas.DataFrame", "pandas.Series", "pandas.indexer"
_COLUMNS = "<columns>"  # the number of columns, where it is known
_DTYPE = "<dtype>"
_READERS = frozenset({
    "pandas.read_csv", "pandas.read_parquet", "pandas.read_excel", "pandas.read_feather", "pandas.read_table",
    "pandas.read_pickle", "pandas.read_hdf", "pandas.DataFrame",
})
# Options that make something else of a file than one table with plain columns.
_OTHERWISE = frozenset({"chunksize", "iterator", "squeeze", "typ", "sheet_name"})
# What keeps a table a table and a column a column.
_KEEPS = frozenset({
    "dropna", "fillna", "sample", "reset_index", "copy", "sort_values", "sort_index", "head", "tail", "rename", "query",
    "replace", "set_index", "astype", "drop_duplicates", "ffill", "bfill", "interpolate", "round", "clip", "abs",
    "shift", "diff", "infer_objects", "nlargest", "nsmallest", "truncate",
})
_FRAME_KEEPS = frozenset({"drop", "assign", "filter", "join", "merge", "select_dtypes", "reindex"})
_SERIES_KEEPS = frozenset({"map", "apply", "where", "mask", "cumsum", "rank", "pct_change", "str"})


def made(name: str, arguments: Arguments, place: Place) -> Value | None:
    """The table that a reader returns."""
    if name == SERIES:
        return Layer(SERIES, [], {}, place)
    if name not in _READERS or arguments.double or not _OTHERWISE.isdisjoint(arguments.keywords):
        return None
    header = arguments.keywords.get("header")
    return None if isinstance(header, Seq) else Layer(FRAME, [], {}, place)


def is_table(value: Value) -> bool:
    """Whether the value is a table, a column, or an indexer of one."""
    return isinstance(value, Layer) and value.name in (FRAME, SERIES, INDEXER)


def attribute(layer: Layer, name: str) -> Value | None:
    """`values`, `iloc` and `loc`; None for anything else."""
    if name in ("values", "array") and layer.name in (FRAME, SERIES):
        return array(layer)
    if name in ("iloc", "loc") and layer.name in (FRAME, SERIES):
        return Layer(INDEXER, [layer], {}, layer.place)
    if name == "shape":
        unknown = Opaque("the size of a table", number=Dtype.INTEGER)
        return Seq([unknown] if layer.name == SERIES else [unknown, unknown], "tuple")
    return None


def array(layer: Layer) -> Tensor:
    """The array of the numbers of a table (rows, columns) or of a column (rows,)."""
    kind = layer.attrs.get(_DTYPE)
    dtype = kind.number if isinstance(kind, Opaque) and kind.number is not None else Dtype.UNKNOWN
    count = layer.attrs.get(_COLUMNS)
    columns: Dim = count.value if isinstance(count, Known) and isinstance(count.value, int) else None
    shape: tuple[Dim, ...] = (None,) if layer.name == SERIES else (None, columns)
    return Tensor(Fact(dtype=dtype, shape=shape, reason="numbers of a table"))


def method(layer: Layer, last: str, arguments: Arguments) -> Value | None:
    """A method of a table or a column; None when it is not known."""
    if layer.name == INDEXER:
        return None
    if last in ("to_numpy", "__array__"):
        return array(layer)
    if last in ("tolist", "to_list") and layer.name == SERIES:
        return Seq([], "list", Opaque("an entry of a column"))
    if last == "pop" and layer.name == FRAME:
        return Layer(SERIES, [], {}, layer.place)
    if last == "astype":
        return _cast(layer, arguments)
    frame = layer.name == FRAME
    if last in _KEEPS or last in (_FRAME_KEEPS if frame else _SERIES_KEEPS):
        inplace = arguments.keywords.get("inplace")
        if inplace is not None and inplace != Known(False):
            return Known(None)
        kept = last not in _FRAME_KEEPS | {"reset_index", "set_index"}
        return Layer(layer.name, [], {}, layer.place, dict(layer.attrs) if kept else {})
    return None


def _cast(layer: Layer, arguments: Arguments) -> Value:
    wanted = arguments.get(0, "dtype")
    name = wanted.name if isinstance(wanted, External) else wanted.value if isinstance(wanted, Known) else None
    attrs = dict(layer.attrs)
    attrs.pop(_DTYPE, None)
    dtype = dtype_named(name)
    if dtype is not None:
        attrs[_DTYPE] = Opaque("an element", number=dtype)
    return Layer(layer.name, [], {}, layer.place, attrs)


def item(machine: Machine, layer: Layer, node: cst.Subscript) -> Value | None:
    """`table[key]`, `column[mask]` and what the indexers take; None when it is not known."""
    parts = [element.slice for element in node.slice]
    if layer.name == INDEXER:
        source = layer.args[0]
        return _located(machine, source, parts) if isinstance(source, Layer) else None
    if len(parts) != 1:
        return None
    if isinstance(parts[0], cst.Slice):
        return layer
    key = machine.evaluate(parts[0].value) if isinstance(parts[0], cst.Index) else None
    if layer.name == FRAME:
        return layer if _is_mask(key) else _columns(layer, key)
    return layer if _is_mask(key) else None


def _located(machine: Machine, source: Layer, parts: list[cst.BaseSlice]) -> Value | None:
    """iloc and loc: rows, then columns."""
    rows = parts[0]
    whole = isinstance(rows, cst.Slice)
    if not whole and isinstance(rows, cst.Index):
        key = machine.evaluate(rows.value)
        whole = _is_mask(key) or (isinstance(key, Seq) and key.kind == "list")
    if not whole:
        return None
    if source.name == SERIES or len(parts) == 1:
        return source if len(parts) == 1 else None
    columns = parts[1]
    if isinstance(columns, cst.Slice):
        return Layer(FRAME, [], {}, source.place)
    if not isinstance(columns, cst.Index):
        return None
    key = machine.evaluate(columns.value)
    if isinstance(key, Known) and isinstance(key.value, int):
        return Layer(SERIES, [], {}, source.place)
    return _columns(source, key)


def _columns(layer: Layer, key: Value | None) -> Value | None:
    """One column by its name, a table of several by a list."""
    attrs = {_DTYPE: layer.attrs[_DTYPE]} if _DTYPE in layer.attrs else {}
    if isinstance(key, Opaque) and isinstance(key.default, Known | Seq):
        key = key.default
    match key:
        case Known(value=str()):
            return Layer(SERIES, [], {}, layer.place, attrs)
        case Seq(kind="list", items=items, rest=rest, grown=grown):
            if rest is None and not grown:
                attrs[_COLUMNS] = Known(len(items))
            return Layer(FRAME, [], {}, layer.place, attrs)
        case _:
            return None


def _is_mask(key: Value | None) -> bool:
    """Truth values by row: a comparison."""
    return isinstance(key, Tensor) and key.fact.dtype is Dtype.BOOL


def arithmetic(left: Value, right: Value) -> Value | None:
    """A table or a column combined with a number, or with another of its kind."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Layer) and one.name in (FRAME, SERIES):
            plain = isinstance(other, Known) or (isinstance(other, Opaque) and other.number is not None)
            if plain or (isinstance(other, Layer) and other.name == one.name):
                return Layer(one.name, [], {}, one.place)
    return None
