"""Names: locals, closures, module scopes (executed on demand), imports, builtins."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import decorators, mentions, remembered
from lossadvisor.interpreter.guards import ALWAYS, Origin
from lossadvisor.interpreter.registries import Registries
from lossadvisor.interpreter.scopes import Frame, ModuleScope
from lossadvisor.interpreter.values import Cls, External, Func, Known, Mod, Opaque, Value
from lossadvisor.patterns import pattern
from lossadvisor.project.index import Definition, ImportBinding, Statement
from lossadvisor.project.parsing import parse_expression

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.source.document import Document

_CONVENTIONAL = {
    "torch": "torch",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
}
_BUILTINS = frozenset(dir(builtins))
_ALTERING = 2  # how many calls deep a function may store into its argument
# Stores into an attribute or element, `self` left out, and methods that change a module.
_STORES = pattern(
    r"(?<![\w.])(?!self\b)[A-Za-z_]\w*(?:\.\w+|\[[^\]\n]*\])+[ \t]*=(?!=)|\bsetattr\("
    r"|\.(?:add_module|register_\w+|apply|append|insert|extend)\("
)
_CALLED = pattern(r"(?<![\w.])([A-Za-z_][\w.]*)\(")


class Modules:
    """The module scopes of a project, made and executed on demand."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.registries = Registries(machine)

    @staticmethod
    def imports(scope: ModuleScope, name: str) -> bool:
        """Whether an import line of the module binds the name."""
        return any(binding.name == name for s in scope.index.binders.get(name, ()) for binding in s.imports)

    def scope(self, document: Document) -> ModuleScope:
        """The scope of a document."""
        scopes = self.machine.scopes
        found = scopes.get(document)
        if found is None:
            index = self.machine.project.index(document)
            found = scopes[document] = ModuleScope(index)
            found.conventional = "import torch" not in document.raw and "from torch" not in document.raw
        return found

    @contextmanager
    def inside(self, scope: ModuleScope, statement: Statement | Definition) -> Iterator[Frame]:
        """Run in the module's own frame, whatever path and frames are current."""
        machine = self.machine
        saved_path, saved_frames = machine.path, machine.frames
        frame = Frame(scope, statement.fragment, names=scope.names)
        machine.path, machine.frames = ALWAYS, [*saved_frames, frame]
        try:
            yield frame
        finally:
            machine.path, machine.frames = saved_path, saved_frames

    def name(self, scope: ModuleScope, name: str) -> Value | None:
        """The value of a module-level name, or None when the module does not bind it."""
        if name in scope.names:
            self._catch_up(scope, name)
            if self.machine.project.registering.names(name) and not self.imports(scope, name):
                self.registries.fill(scope, name, scope.names[name])
            remembered.touch(self.machine, scope.names[name])
            return scope.names[name]
        if name in scope.resolving:
            return None
        scope.resolving.add(name)
        try:
            until = self.machine.until.get(scope.index.document, float("inf"))
            binders = scope.index.binders.get(name, ())
            early = [statement for statement in binders if statement.fragment.first_row < until]
            for statement in early:
                self.run(scope, statement, name)
            if name not in scope.names:  # a line below binds it, where a function of this line cannot see it yet
                for statement in binders:
                    self.run(scope, statement, name)
            if name in scope.names:
                scope.resolving.discard(name)
                return self.name(scope, name)
            for star in scope.index.stars:
                value = self._from_star(scope, star, name)
                if value is not None:
                    scope.names[name] = value
                    return value
        finally:
            scope.resolving.discard(name)
        return Opaque(f"{name} could not be evaluated") if name in scope.index.binders else None

    def run(self, scope: ModuleScope, statement: Statement, wanted: str | None = None) -> None:
        """Execute one module statement; of imports and definitions only the wanted name, or all."""
        for binding in statement.imports:
            if wanted in (None, binding.name):
                scope.defined.add((statement, binding.name))
                scope.names[binding.name] = self.imported(scope, binding)
        for definition in statement.definitions:
            if wanted in (None, definition.name):
                scope.defined.add((statement, definition.name))
                scope.names[definition.name] = self.define(scope, definition, None)
        if not statement.plain or statement in scope.executed:
            return
        scope.executed.add(statement)
        self._preparations(scope, statement)
        # Lines behind this one have not run yet, whoever asks.
        document, until = scope.index.document, self.machine.until
        before = until.get(document)
        row = statement.fragment.first_row
        until[document] = row if before is None else min(row, before)
        try:
            with self.inside(scope, statement):
                self.machine.execute(statement.fragment.statements())
        finally:
            if before is None:
                until.pop(document, None)
            else:
                until[document] = before

    def _catch_up(self, scope: ModuleScope, name: str) -> None:
        """Run the lines before the running one that bind the name again or write into its value."""
        if name in scope.settled:
            return
        until = self.machine.until.get(scope.index.document, float("inf"))
        pending = self._pending(scope, name)
        for row, statement in pending:
            if row >= until:
                return
            self.run(scope, statement, name)
        if not pending:
            scope.settled.add(name)

    def _pending(self, scope: ModuleScope, name: str) -> list[tuple[int, Statement]]:
        """The statements that have not run and may change what the name stands for, in order."""
        found = [
            statement for statement in scope.index.binders.get(name, ())
            if statement.plain or (statement, name) not in scope.defined
        ]
        found += [change.statement for change in scope.writers().get(name, ())]
        found += [
            change.statement
            for change, callee in scope.takers().get(name, ())
            if change.statement not in scope.executed and self._alters(scope, callee)
        ]
        rows = {statement.fragment.first_row: statement for statement in found if statement not in scope.executed}
        return sorted(rows.items(), key=lambda item: item[0])

    def _alters(self, scope: ModuleScope, callee: str, depth: int = 0) -> bool:
        """Whether a function of the project stores into what it is given, or hands it to one that does."""
        first, *rest = callee.split(".")
        if first not in scope.index.binders or depth > _ALTERING:
            return False
        if any(statement.plain for statement in scope.index.binders[first]):
            return False  # a method of some value: what it changes is that value
        value = self.name(scope, first)
        for part in rest:
            value = self.member(value.package, part) if isinstance(value, Mod) else None
        if not isinstance(value, Func):
            return False
        text = value.fragment.text()
        return bool(_STORES.search(text)) or any(
            self._alters(value.scope, inner, depth + 1) for inner in dict.fromkeys(_CALLED.findall(text))
        )

    def _preparations(self, scope: ModuleScope, statement: Statement) -> None:
        """What earlier lines did to names that the statement uses: `parser.add_argument(...)` before `parse_args`."""
        words = set(mentions.of(self.machine, statement.fragment).words)
        for change in scope.changes():
            if change.row >= statement.fragment.first_row:
                break
            if change.alias is not None and change.alias[1] in words:
                words.add(change.alias[0])
            if not words.isdisjoint(change.touched) and change.statement not in scope.executed:
                self.run(scope, change.statement, next(iter(sorted(words & change.touched))))

    def define(self, scope: ModuleScope, definition: Definition, owner: Cls | None) -> Value:
        """The function or class that a definition makes."""
        if definition.kind == "function":
            func = Func(definition.name, None, definition.fragment, scope, None, owner, definition.decorators)
            if not func.decorators or owner is not None:
                return func
            with self.inside(scope, definition):
                return decorators.decorated(self.machine, func)
        with self.inside(scope, definition):
            bases = tuple(self._expression(text) for text in definition.bases)
        cls = Cls(definition.name, definition.fragment, scope, bases, {}, definition, None, definition.decorators)
        self.registries.noted.made(self.machine, cls)
        return cls

    def _expression(self, text: str) -> Value:
        try:
            node = parse_expression(text)
        except cst.ParserSyntaxError:
            return Opaque("a base class that does not parse")
        return self.machine.evaluate(node)

    def imported(self, scope: ModuleScope, binding: ImportBinding) -> Value:
        """What an import binds."""
        project, importer = self.machine.project, scope.index.document
        found = project.resolve(importer, binding.module, binding.level)
        if binding.member is None:
            return External(binding.module) if found is None else self.module(found)
        if found is None:
            if binding.level:
                return Opaque(f"{'.' * binding.level}{binding.module} is not part of the checked files")
            return External(f"{binding.module}.{binding.member}")
        if isinstance(found, tuple) and not binding.level and project.child(found, binding.member) is None:
            return External(f"{binding.module}.{binding.member}")  # a plain folder that is called like a library
        return self.member(found, binding.member)

    def member(self, module: Document | tuple[str, ...], name: str) -> Value:
        """An attribute of a module, or its submodule."""
        if not isinstance(module, tuple):
            value = self.name(self.scope(module), name)
            if value is not None:
                return value
        child = self.machine.project.child(module, name)
        return Opaque(f"{name} is not found in its module") if child is None else self.module(child)

    def module(self, found: Document | tuple[str, ...]) -> Mod:
        """A document or package folder as a module value."""
        return Mod(None if isinstance(found, tuple) else self.scope(found), found)

    def _from_star(self, scope: ModuleScope, star: ImportBinding, name: str) -> Value | None:
        found = self.machine.project.resolve(scope.index.document, star.module, star.level)
        if found is None:
            # A star import of a library binds those public names that a table knows; of others nothing is known.
            known = not star.level and _public(star.module, name)
            return External(f"{star.module}.{name}") if known else None
        if isinstance(found, tuple):
            return None
        other = self.scope(found)
        if other is scope or name.startswith("_"):
            return None
        return self.name(other, name)


def _public(module: str, name: str) -> bool:
    """Whether a star import of a library brings `name`: only names that some table knows are claimed."""
    from lossadvisor.contracts import by_name
    from lossadvisor.interpreter.trainers import TRAINERS
    from lossadvisor.transfers import FUNCTIONS, LAYERS

    qualified = f"{module}.{name}"
    if qualified in FUNCTIONS or qualified in LAYERS or qualified in by_name or qualified in TRAINERS:
        return True
    return module in ("torch", "torch.nn", "torch.nn.functional") and name in ("nn", "Sequential", "Module",
                                                                               "ModuleList")


def name_value(machine: Machine, name: str) -> Value:
    """The value of a name in the current frame."""
    frame: Frame | None = machine.frame
    scope = machine.frame.scope
    while frame is not None and frame.names is not scope.names:
        if name in frame.names:
            return frame.names[name]
        frame = frame.closure
    value = machine.modules.name(scope, name)
    if value is not None:
        if isinstance(value, Known) and isinstance(value.value, bool) and _is_switch(scope, name):
            key = ("module", str(scope.index.document.path), name)
            return Opaque(f"{name} is a switch of the module", key, value, Origin.CONFIG)
        return value
    if name in _OWN:
        return _own_name(machine, scope, name)
    if name in _BUILTINS:
        return External(f"builtins.{name}")
    if scope.conventional and name in _CONVENTIONAL:
        return External(_CONVENTIONAL[name])
    if scope.conventional and "." not in name:
        from lossadvisor.contracts import by_name
        from lossadvisor.transfers import LAYERS

        if f"torch.nn.{name}" in by_name or f"torch.nn.{name}" in LAYERS:
            return External(f"torch.nn.{name}")
    return Opaque(f"{name} is not defined in the checked files")



_OWN = frozenset({"__name__", "__package__", "__path__", "__file__"})


def _own_name(machine: Machine, scope: ModuleScope, name: str) -> Value:
    """What a module knows of itself. Any file may be started; only the `__init__` of a package never is."""
    document = scope.index.document
    package = document.path.name == "__init__.py"
    match name:
        case "__name__" if not package:
            return Known("__main__")
        case "__name__" | "__package__":
            return Known(machine.project.dotted(document))
        case "__path__" if package:
            return Opaque("the folder of a module", ("folder of", document))
        case "__file__":
            return Opaque("the file of a module", ("file of", document))
        case _:
            return Opaque(f"{name} is not defined in the checked files")


def _is_switch(scope: ModuleScope, name: str) -> bool:
    """A module name that one plain line sets to True or False: a setting that a reader may change."""
    binders = scope.index.binders.get(name, ())
    return len(binders) == 1 and binders[0].plain and binders[0].fragment.first_row == binders[0].fragment.last_row
