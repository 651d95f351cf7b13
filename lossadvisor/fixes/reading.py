"""How one expression reads another: what keeps its numbers, what only looks at their order, what keeps a module."""

from __future__ import annotations

import ast

from lossadvisor.fixes.naming import Names
from lossadvisor.fixes.sheet import Sheet

_KEEPS_VALUES = frozenset({
    "view", "reshape", "squeeze", "unsqueeze", "flatten", "contiguous", "transpose", "permute", "t", "to", "cuda",
    "cpu", "float", "double", "clone", "requires_grad_",
})  # fmt: skip
_ORDER = frozenset({"argmax", "size", "shape", "device", "dtype", "dim", "ndim", "numel", "is_cuda"})
KEEPS_MODULE = frozenset({"to", "cuda", "cpu", "train", "eval", "float", "double", "half", "requires_grad_", "apply"})
OF_MODULE = KEEPS_MODULE | {
    "parameters", "named_parameters", "state_dict", "load_state_dict", "zero_grad", "modules", "children", "training",
    "named_modules", "named_children", "buffers", "share_memory", "add_module",
}  # fmt: skip
WRAPPERS = ("torch.nn.DataParallel", "torch.nn.parallel.DataParallel", "torch.compile",
             "torch.nn.parallel.DistributedDataParallel")


def carried(sheet: Sheet, node: ast.expr) -> ast.expr:
    """The expression around a node that holds the same numbers: other shapes, other devices."""
    while True:
        attribute = sheet.parents.get(node)
        call = sheet.parents.get(attribute) if attribute is not None else None
        if not isinstance(attribute, ast.Attribute) or attribute.attr not in _KEEPS_VALUES:
            return node
        if not isinstance(call, ast.Call) or call.func is not attribute:
            return node
        node = call


def carried_module(sheet: Sheet, names: Names, node: ast.expr) -> ast.expr:
    while True:
        parent = sheet.parents.get(node)
        if isinstance(parent, ast.Call) and names.meaning(parent.func) in WRAPPERS and parent.args[:1] == [node]:
            node = parent
            continue
        call = sheet.parents.get(parent) if parent is not None else None
        if not isinstance(parent, ast.Attribute) or parent.attr not in KEEPS_MODULE or not isinstance(call, ast.Call):
            return node
        node = call


def order_only(sheet: Sheet, node: ast.expr) -> bool:
    """`out.argmax(1)`, `torch.argmax(out, 1)`, `_, k = torch.max(out, 1)`, `out.shape`."""
    parent = sheet.parents.get(node)
    match parent:
        case ast.Attribute(attr=attribute) if attribute in _ORDER:
            return True
        case ast.Attribute(attr="max" | "topk" | "data" | "detach"):
            call = sheet.parents.get(parent)
            whole = call if isinstance(call, ast.Call) else parent
            return _index_only(sheet, whole) if parent.attr in ("max", "topk") else order_only(sheet, whole)
        case ast.Call(func=ast.Attribute(attr="argmax" | "ones_like" | "zeros_like" | "full_like"), args=[first, *_]):
            return first is node
        case ast.Call(func=ast.Attribute(attr="max" | "topk"), args=[first, *_]) if first is node:
            return _index_only(sheet, parent)
        case _:
            return False


def _index_only(sheet: Sheet, node: ast.expr) -> bool:
    match sheet.parents.get(node):
        case ast.Subscript(slice=ast.Constant(value=1)) | ast.Attribute(attr="indices"):
            return True
        case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id=values), _])]):
            return values == "_" or not any(
                isinstance(one, ast.Name) and one.id == values and isinstance(one.ctx, ast.Load)
                for one in ast.walk(sheet.scope(node))
            )
        case _:
            return False


def inside(sheet: Sheet, node: ast.AST, scope: ast.AST) -> bool:
    around: ast.AST | None = node
    while around is not None and around is not scope:
        around = sheet.parents.get(around)
    return around is scope


def called(sheet: Sheet, node: ast.expr) -> bool:
    parent = sheet.parents.get(node)
    return isinstance(parent, ast.Call) and parent.func is node
