"""Registration far away: `@MODELS.register_module()` above a class of another file fills what `MODELS` holds.

Importing a module runs its decorators and its plain statements; here modules are evaluated on demand. So when the name
of a registry is first read, what the project registers there is registered, as Python would: definitions whose
decorators lead to it, plain statements that hand it a definition of their own module, and subclasses of a class that
takes note of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import library_registries, subclassing
from lossadvisor.interpreter.guards import ALWAYS
from lossadvisor.interpreter.scopes import ModuleScope
from lossadvisor.interpreter.values import Cls, Dict, Mod, Obj, Seq, Value
from lossadvisor.patterns import pattern
from lossadvisor.project.parsing import parse_expression
from lossadvisor.project.registering import NOTED, defined, stated
from lossadvisor.project.texts import spellings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.project import Definition, Statement
    from lossadvisor.source.document import Document

_CHAIN = pattern(r"[\w.]+")
_QUOTED = pattern(r"""["']([\w.-]+)["']""")
_STRING = pattern(r"\"[^\"\n]*\"|'[^'\n]*'")
_MOST = 60  # registrations of one registry


class Registries:
    """What a project registers, by the words that lead to where it does."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.registering = machine.project.registering
        self._filled: set[tuple[ModuleScope, str]] = set()
        self.noted = subclassing.Noted()
        self._keys: dict[str, list[tuple[Document, Definition, str]]] | None = None
        self._known_as: dict[int, dict[str, ModuleScope]] = {}  # registries of libraries, by variable

    def find(self, registry: Dict, key: str) -> Value | None:
        """What is registered under `key` in a registry of a library: only that definition is evaluated."""
        if key not in registry.items:
            for document, definition, text in self._decorated().get(key, ()):
                chain = _chain(text)
                if self._leads(document, chain, chain[0], registry, text):
                    self._register(document, definition, text)
        return registry.items.get(key)

    def _decorated(self) -> dict[str, list[tuple[Document, Definition, str]]]:
        """Decorated definitions, with the decorator, by what they may be registered as."""
        if self._keys is None:
            self._keys = {}
            decorating = self.registering.decorating.values()
            for document in dict.fromkeys(one for documents in decorating for one in documents):
                for statement in self.machine.project.index(document).statements:
                    for definition in statement.definitions:
                        for text in definition.decorators:
                            for key in {definition.name, *_QUOTED.findall(text)}:
                                self._keys.setdefault(key, []).append((document, definition, text))
        return self._keys

    def complete(self, registry: Dict) -> None:
        """Run the registrations of a registry of a library, as far as there are not too many."""
        for name, scope in self._known_as.pop(id(registry), {}).items():
            self._run(scope, name, registry)

    def fill(self, scope: ModuleScope, name: str, value: Value) -> None:
        """Run the registrations of the registry `name`, which module `scope` has just bound to `value`."""
        if isinstance(value, Cls):
            self.noted.tell(self.machine, value)
        if not isinstance(value, Obj | Dict | Seq | Cls) or (scope, name) in self._filled:
            return
        self._filled.add((scope, name))
        if isinstance(value, Dict) and value.kind == library_registries.KIND:
            self._known_as.setdefault(id(value), {})[name] = scope  # its entries are looked up one by one
            return
        self._run(scope, name, value)
        if isinstance(value, Dict | Seq):
            for writer in self._writers(scope, name):
                function = self.machine.modules.name(scope, writer)
                if function is not None and not isinstance(function, Cls):
                    self._run(scope, writer, function)

    def _writers(self, scope: ModuleScope, name: str) -> list[str]:
        """Functions of the module that mention the container and serve as decorators somewhere, and classes that may
        take note of their subclasses there."""
        found: list[str] = []
        for statement in scope.index.statements:
            for definition in statement.definitions:
                notes = definition.kind == "class" and NOTED in definition.fragment.text()
                if notes or (definition.kind == "function" and self.registering.registers(definition.name)):
                    text = definition.fragment.text()
                    if re.search(rf"\b{name}\b", text):
                        found.append(definition.name)
        return found

    def _run(self, scope: ModuleScope, name: str, value: Value) -> None:
        found = list(self._of(name, value))
        documents: dict[str, set[Document]] = {}
        for document, definition, text in found:
            documents.setdefault(_registered_as(definition, text), set()).add(document)
        for document, definition, text in found:
            if len(documents[_registered_as(definition, text)]) == 1:  # else what is imported decides which of them
                self._register(document, definition, text)
        self._run_statements(scope, name, value)

    def _of(self, name: str, registry: Value) -> Iterator[tuple[Document, Definition, str]]:
        """The definitions that are registered there, with their documents and the decorators."""
        left = _MOST
        for document in self.registering.decorating.get(name, ()):
            spelled = spellings(document, frozenset({name}))
            for statement in self.machine.project.index(document).statements:
                for definition in statement.definitions:
                    for text in definition.decorators:
                        if left and not spelled.isdisjoint(_chain(text)):
                            left -= 1
                            if self._leads(document, _chain(text), name, registry, text):
                                yield document, definition, text
                                break

    def _leads(self, document: Document, chain: list[str], name: str, registry: Value, text: str) -> bool:
        """Whether a chain of names, as the document understands it, begins with this registry, no other one."""
        machine = self.machine
        scope = machine.modules.scope(document)
        first = chain[0]
        if first == name and first in scope.resolving and first not in scope.names and machine.modules.imports(
            scope, first
        ):
            scope.names[first] = registry  # the module with the registrations is itself the first to ask
        value = machine.modules.name(scope, first)
        for position, word in enumerate(chain[1:], start=1):
            if value is registry or not isinstance(value, Mod):
                break
            value = machine.modules.member(value.package, word)
            first = chain[position]
        further = first != chain[-1] or not text.endswith(chain[-1])
        return value is registry and (not isinstance(registry, Cls) or further)

    def _register(self, document: Document, definition: Definition, text: str) -> None:
        from lossadvisor.interpreter import calls

        machine = self.machine
        scope = machine.modules.scope(document)
        defined = machine.modules.name(scope, definition.name)
        if defined is None:
            return
        saved = machine.path
        with machine.modules.inside(scope, definition):
            try:
                node = parse_expression(text)
            except cst.ParserSyntaxError:
                return
            machine.path = ALWAYS
            calls.call(machine, machine.evaluate(node), calls.Arguments([defined], {}), None)
        machine.path = saved

    def _run_statements(self, scope: ModuleScope, name: str, registry: Value) -> None:
        """The statements of other modules that hand the registry a definition of theirs."""
        found: list[tuple[str, ModuleScope, Statement]] = []
        for document in self.registering.stating.get(name, ()):
            there = self.machine.modules.scope(document)
            own, spelled = defined(document.raw), spellings(document, frozenset({name}))
            for statement in there.index.statements if there is not scope else ():
                for chain, text in stated(statement.fragment.text(), own) if statement.plain else ():
                    if not spelled.isdisjoint(chain) and self._leads(document, chain, name, registry, text):
                        found.append((" ".join(_STRING.findall(text)) or text, there, statement))
        for key, there, statement in found[:_MOST]:
            same = {one.index.document for other, one, _ in found if other == key}
            if len(same) == 1 and statement not in there.executed:
                self.machine.modules.run(there, statement)


def _chain(text: str) -> list[str]:
    found = _CHAIN.match(text)
    return found.group().split(".") if found is not None else [""]


def _registered_as(definition: Definition, text: str) -> str:
    """What tells the entries of a registry apart: the arguments of the decorator, or else the name defined."""
    plain = text.endswith("()") or not text.endswith((")", "]"))
    return definition.name if plain else text
