"""Walking through modules: what a module holds, which modules a package has, what a class is.

Sources: the pages of inspect and pkgutil.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import libcst as cst

from lossadvisor.interpreter.pythonlib.given import Handler, first
from lossadvisor.interpreter.values import Bound, Cls, External, Func, Known, Layer, Mod, Obj, Opaque, Seq, Value

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.source import Document

_MOST = 60  # members of a module, modules of a package


def members(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """inspect.getmembers(module, predicate): pairs of name and value, in the order of the names."""
    from lossadvisor.interpreter import calls
    from lossadvisor.interpreter.truth import decided_any

    module = first(arguments)
    predicate = arguments.get(1, "predicate")
    if not isinstance(module, Mod) or module.scope is None:
        return Opaque("the members of something")
    names = sorted(name for name in module.scope.index.binders if not name.startswith("__"))
    if len(names) > _MOST * 2:
        return Opaque("the members of a large module")
    pairs: list[Value] = []
    for name in names:
        value = machine.modules.name(module.scope, name)
        if value is None:
            continue
        if predicate is not None:
            answer = calls.call(machine, predicate, calls.Arguments([value], {}), node)
            if decided_any(answer) is not True:
                continue
        pairs.append(Seq([Known(name), value], "tuple"))
    return Seq(pairs[:_MOST], "list", None, machine.path)


def modules(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """pkgutil.iter_modules(package.__path__): finder, name and whether it is a package, for each module beside."""
    folder = folder_of(arguments.get(0, "path"))
    prefix = arguments.get(1, "prefix")
    before = prefix.value if isinstance(prefix, Known) and isinstance(prefix.value, str) else ""
    if folder is None or (prefix is not None and not before):
        return Opaque("the modules of a folder")
    found = machine.project.children(folder)[:_MOST]
    return Seq([
        Seq([Opaque("a finder of modules"), Known(before + name), Known(package)], "tuple") for name, package in found
    ], "list", None, machine.path)


def folder_of(value: Value | None) -> Document | None:
    """The package that a path, or a list of one path, stands for: `__path__`, `os.path.dirname(__file__)`."""
    value = value.items[0] if isinstance(value, Seq) and len(value.items) == 1 else value
    match value:
        case Opaque(key=("folder of", document)):
            return cast("Document", document)
        case _:
            return None


def own_folder(document: Document) -> Opaque:
    """The folder of a module."""
    return Opaque("the folder of a module", ("folder of", document))


def folder(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """os.path.dirname(__file__)."""
    match first(arguments):
        case Opaque(key=("file of", document)):
            return own_folder(cast("Document", document))
        case Known(value=str() as text):
            return Known(text.rpartition("/")[0])
        case _:
            return Opaque("a folder")


def same_path(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """os.path.abspath and its like: another way to write the same path."""
    return first(arguments)


def files(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """os.listdir(os.path.dirname(__file__)): the Python files and packages there."""
    package = folder_of(first(arguments))
    if package is None:
        return Opaque("the names of files")
    found = machine.project.children(package)[:_MOST]
    return Seq([Known(name if package else f"{name}.py") for name, package in found], "list", None, machine.path)


def is_class(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """inspect.isclass."""
    match first(arguments):
        case Cls():
            return Known(True)
        case Func() | Bound() | Known() | Mod() | Seq() | Obj() | Layer():
            return Known(False)
        case External(name=name) if name.rsplit(".", 1)[-1][:1].isupper() and name.count(".") > 1:
            return Known(True)
        case _:
            return Opaque("whether it is a class")


def is_function(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """inspect.isfunction."""
    value = first(arguments)
    if isinstance(value, Opaque | External):
        return Opaque("whether it is a function")
    return Known(isinstance(value, Func))


def is_subclass(machine: Machine, arguments: Arguments, node: cst.Call | None) -> Value:
    """issubclass of a class of the project."""
    from lossadvisor.interpreter import classes

    cls, wanted = arguments.get(0, "cls"), arguments.get(1, "class_or_tuple")
    kinds = wanted.items if isinstance(wanted, Seq) else [wanted]
    if not isinstance(cls, Cls) or not all(isinstance(kind, Cls | External) for kind in kinds):
        return Opaque("issubclass")
    order = classes.linearize(machine, cls)
    if any(one is kind or one == kind for one in order for kind in kinds):
        return Known(True)
    known = all(isinstance(one, Cls) or one in (External("torch.nn.Module"), External("builtins.object"))
                for one in order)
    return Known(False) if known else Opaque("issubclass")


FUNCTIONS: dict[str, Handler] = {
    "inspect.getmembers": members,
    "inspect.isclass": is_class,
    "inspect.isfunction": is_function,
    "builtins.issubclass": is_subclass,
    "os.path.dirname": folder,
    **dict.fromkeys(("os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser"), same_path),
    "os.listdir": files,
    "pkgutil.iter_modules": modules,
    "pkgutil.walk_packages": modules,
}
