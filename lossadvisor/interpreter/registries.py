"""Registration by decorator: `@MODELS.register_module()` above a class far away fills what `MODELS` holds.

Importing a module runs its decorators; here modules are evaluated on demand. So when the name of a registry is first
read, the definitions of the project whose decorators begin with that name are registered, by calling the decorator as
Python would.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter import library_registries
from lossadvisor.interpreter.guards import ALWAYS
from lossadvisor.interpreter.scopes import ModuleScope
from lossadvisor.interpreter.values import Dict, Obj, Seq, Value
from lossadvisor.patterns import pattern
from lossadvisor.project.parsing import parse_expression

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.project import Definition
    from lossadvisor.source.document import Document

_DECORATOR = pattern(r"^@(\w+)(?:\.register\w*|\.add|\.\w*register\w*|\[|\(|\s*$)", re.MULTILINE)
_DEFINED = pattern(r"^def (\w+)", re.MULTILINE)
_WORD = pattern(r"[A-Za-z_]\w*")
_QUOTED = pattern(r"""["']([\w.-]+)["']""")
_MOST = 60  # registrations of one registry


class Registries:
    """The decorated definitions of a project by the first name of their decorator."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._documents: dict[str, list[Document]] | None = None
        self._words: frozenset[str] | None = None
        self._filled: set[tuple[ModuleScope, str]] = set()
        self._keys: dict[str, list[tuple[Document, Definition, str]]] | None = None
        self._known_as: dict[int, dict[str, Dict]] = {}  # registries of libraries by the names of their variables

    def _by_name(self) -> dict[str, list[Document]]:
        if self._documents is None:
            self._documents = {}
            for document in self.machine.project.documents:
                if "@" in document.raw:
                    for name in set(_DECORATOR.findall(document.raw)):
                        self._documents.setdefault(name, []).append(document)
        return self._documents

    def names(self, name: str) -> bool:
        """Whether some decorator of the project begins with that name."""
        return name in self._by_name() or name in self._containers()

    def _containers(self) -> frozenset[str]:
        """Words of the functions that serve as plain decorators: the containers that they may fill are among them."""
        if self._words is None:
            found: set[str] = set()
            for document in self.machine.project.documents:
                for decorator in _DEFINED.findall(document.raw):
                    if decorator in self._by_name():
                        found.update(_WORD.findall(document.raw))
                        break
            self._words = frozenset(found)
        return self._words

    def find(self, registry: Dict, key: str) -> Value | None:
        """What is registered under `key` in a registry of a library: only that definition is evaluated."""
        if key not in registry.items:
            for document, definition, name in self._decorated().get(key, ()):
                if self._is(document, name, registry):
                    self._register(document, definition, name)
        return registry.items.get(key)

    def _decorated(self) -> dict[str, list[tuple[Document, Definition, str]]]:
        """Decorated definitions, with the first name of the decorator, by what they may be registered as."""
        if self._keys is None:
            self._keys = {}
            for document in dict.fromkeys(one for documents in self._by_name().values() for one in documents):
                for statement in self.machine.project.index(document).statements:
                    for definition in statement.definitions:
                        for text in definition.decorators:
                            head = _WORD.match(text)
                            for key in {definition.name, *_QUOTED.findall(text)} if head is not None else ():
                                self._keys.setdefault(key, []).append((document, definition, head[0] if head else ""))
        return self._keys

    def complete(self, registry: Dict) -> None:
        """Run the registrations of a registry of a library, as far as there are not too many."""
        for name in self._known_as.pop(id(registry), ()):
            self._run(name, registry)

    def fill(self, scope: ModuleScope, name: str, value: Value) -> None:
        """Run the registrations of the registry `name`, which module `scope` has just bound to `value`."""
        if not isinstance(value, Obj | Dict | Seq) or (scope, name) in self._filled:
            return
        self._filled.add((scope, name))
        if isinstance(value, Dict) and value.kind == library_registries.KIND:
            self._known_as.setdefault(id(value), {})[name] = value  # its entries are looked up one by one
            return
        self._run(name, value)
        if isinstance(value, Dict | Seq):
            for decorator in self._writers(scope, name):
                function = self.machine.modules.name(scope, decorator)
                if function is not None:
                    self._run(decorator, function)

    def _writers(self, scope: ModuleScope, name: str) -> list[str]:
        """Functions of the module that mention the container and serve as decorators somewhere."""
        found: list[str] = []
        for statement in scope.index.statements:
            for definition in statement.definitions:
                fragment = definition.fragment
                if definition.kind == "function" and definition.name in self._by_name():
                    text = fragment.text()
                    if re.search(rf"\b{name}\b", text):
                        found.append(definition.name)
        return found

    def _run(self, name: str, value: Value) -> None:
        found = list(self._of(name, value))
        documents: dict[str, set[Document]] = {}
        for document, definition in found:
            documents.setdefault(_registered_as(definition, name), set()).add(document)
        for document, definition in found:
            if len(documents[_registered_as(definition, name)]) == 1:  # else what is imported decides which of them
                self._register(document, definition, name)

    def _of(self, name: str, registry: Value) -> Iterator[tuple[Document, Definition]]:
        """The definitions that are registered there, with their documents."""
        left = _MOST
        for document in self._by_name().get(name, ()):
            for statement in self.machine.project.index(document).statements:
                for definition in statement.definitions:
                    if left and any(re.match(rf"{name}\b(?:[.\[(]|$)", text) for text in definition.decorators):
                        left -= 1
                        if self._is(document, name, registry):
                            yield document, definition

    def _is(self, document: Document, name: str, registry: Value) -> bool:
        """Whether the name means this registry there, no other one."""
        machine = self.machine
        scope = machine.modules.scope(document)
        if name in scope.resolving and name not in scope.names and machine.modules.imports(scope, name):
            scope.names[name] = registry  # the module with the registrations is itself the first to ask
        return machine.modules.name(scope, name) is registry

    def _register(self, document: Document, definition: Definition, name: str) -> None:
        from lossadvisor.interpreter import calls

        machine = self.machine
        scope = machine.modules.scope(document)
        defined = machine.modules.name(scope, definition.name)
        if defined is None:
            return
        for text in definition.decorators:
            if not re.match(rf"{name}\b", text):
                continue
            saved = machine.path
            with machine.modules.inside(scope, definition):
                try:
                    node = parse_expression(text)
                except cst.ParserSyntaxError:
                    return
                machine.path = ALWAYS
                calls.call(machine, machine.evaluate(node), calls.Arguments([defined], {}), None)
            machine.path = saved


def _registered_as(definition: Definition, name: str) -> str:
    """What tells the entries of a registry apart: the arguments of the decorator, or else the name defined."""
    texts = [text for text in definition.decorators if re.match(rf"{name}\b", text)]
    plain = all(text.endswith("()") or not text.endswith((")", "]")) for text in texts)
    return definition.name if plain else " ".join(texts)
