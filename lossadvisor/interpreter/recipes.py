"""What configurations say of the arguments of a class: `dict(type="Head", classes=4)` in a Python file of settings.

A class that is registered under its name is built from such a mapping by code that takes the name out and hands on the
rest. Which file a run reads is chosen on the command line; but what the files of the project say of a class is what it
is built with, so an argument that nobody is seen to give has the values that they have. A mapping is meant for a class
when one of its values is the name of the class and its other keys are parameters of the class.
Source: https://mmengine.readthedocs.io/en/latest/advanced_tutorials/registry.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import field
from typing import TYPE_CHECKING

import libcst as cst

from lossadvisor.interpreter.guards import ALWAYS, Condition, Guard, Origin
from lossadvisor.interpreter.values import Cls, Func, Obj, Value, union
from lossadvisor.late import dataclass
from lossadvisor.project.data import only_settings
from lossadvisor.project.parsing import parse_expression

if TYPE_CHECKING:
    from lossadvisor.interpreter.machine import Machine
    from lossadvisor.source import Document

_MOST = 6  # ways to build one class


@dataclass(frozen=True, slots=True)
class Recipe:
    """One mapping: where it stands, and the text of each value that is no name of a class."""

    document: Document
    row: int
    texts: tuple[tuple[str, str], ...]
    words: frozenset[str]  # the keys whose values are more than numbers
    own_names: bool  # some of these uses a name of the file

    @property
    def same(self) -> object:
        """Equal for recipes that say the same, numbers aside."""
        words = tuple(pair for pair in self.texts if pair[0] in self.words)
        return words, self.document.filename if self.own_names else ""


@dataclass(slots=True)
class Recipes:
    """The recipes of a project by the name of what they build, found when the first one is asked for."""

    machine: Machine
    by_name: dict[str, list[Recipe]] | None = None
    chosen: dict[int, tuple[Recipe, ...]] = field(default_factory=dict)  # by class
    busy: set[tuple[int, str]] = field(default_factory=set)

    def given(self, func: Func, receiver: Value | None, name: str, otherwise: Value) -> Value | None:
        """What the project's configurations give for a parameter of the class's initializer; None for nothing.

        `otherwise` is what it is where a configuration does not name it.
        """
        if func.name != "__init__" or not isinstance(receiver, Obj) or (id(receiver.cls), name) in self.busy:
            return None
        recipes = self._of(receiver.cls, func)
        told = {dict(recipe.texts).get(name) for recipe in recipes}
        if told <= {None}:
            return None
        self.busy.add((id(receiver.cls), name))
        try:
            return self._chosen(receiver.cls, recipes, name, otherwise)
        finally:
            self.busy.discard((id(receiver.cls), name))

    def _chosen(self, cls: Cls, recipes: tuple[Recipe, ...], name: str, otherwise: Value) -> Value:
        found: list[tuple[Guard, Value]] = []
        for number, recipe in enumerate(recipes):
            text = dict(recipe.texts).get(name)
            value = otherwise if text is None else self._value(recipe, text)
            if len({dict(one.texts).get(name) for one in recipes}) == 1:
                return value
            key = ("eq", ("recipe", id(cls.fragment)), ("int", number))
            word = f"the configuration {recipe.document.filename}"
            found.append((frozenset({(Condition(key, None, Origin.CONFIG, word), True)}), value))
        return union(found)

    def _value(self, recipe: Recipe, text: str) -> Value:
        scope = self.machine.modules.scope(recipe.document)
        index = scope.index
        statement = next(one for one in index.statements if one.fragment.last_row >= recipe.row)
        with self.machine.modules.inside(scope, statement):
            self.machine.path = ALWAYS
            return self.machine.evaluate(parse_expression(text))

    def _of(self, cls: Cls, func: Func) -> tuple[Recipe, ...]:
        found = self.chosen.get(id(cls))
        if found is None:
            found = self.chosen[id(cls)] = tuple(self._meant(cls, func)) if cls.decorators else ()
        return found

    def _meant(self, cls: Cls, func: Func) -> Iterator[Recipe]:
        if self.by_name is None:
            self.by_name = _all(self.machine)
        tree = func.tree()
        if not isinstance(tree, cst.FunctionDef):
            return
        parameters = {one.name.value for one in (*tree.params.params, *tree.params.kwonly_params)} - {"self"}
        seen: list[object] = []
        for recipe in self.by_name.get(cls.name, ()):
            keys = {key for key, _ in recipe.texts}
            meant = bool(keys & parameters) and (tree.params.star_kwarg is not None or keys <= parameters)
            if meant and recipe.same not in seen and len(seen) < _MOST:
                seen.append(recipe.same)
                yield recipe


def _all(machine: Machine) -> dict[str, list[Recipe]]:
    found: dict[str, list[Recipe]] = {}
    project = machine.project
    own = [one for one in project.documents if one.kind == "python" and only_settings(one.raw)]
    for document in (*own, *project.configurations()):
        if "dict(" in document.raw or "{" in document.raw:
            for node in ast.walk(document.parse()):
                for name, recipe in _read(document, node):
                    found.setdefault(name, []).append(recipe)
            document.forget()
    return found


def _read(document: Document, node: ast.AST) -> Iterator[tuple[str, Recipe]]:
    """The recipe that a mapping is for each of the names among its values."""
    pairs: list[tuple[str, ast.expr]] = []
    match node:
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
            pairs = [(one.arg, one.value) for one in keywords if one.arg is not None]
        case ast.Dict(keys=keys, values=values):
            pairs = [(key.value, value) for key, value in zip(keys, values, strict=True)
                     if isinstance(key, ast.Constant) and isinstance(key.value, str)]  # fmt: skip
    for key, value in pairs:
        if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value.isidentifier():
            others = [(other, one) for other, one in pairs if other != key]
            words = frozenset(other for other, one in others if any(map(_speaks, ast.walk(one))))
            names = any(isinstance(inner, ast.Name) and inner.id != "dict"
                        for other, one in others if other in words for inner in ast.walk(one))  # fmt: skip
            texts = tuple((other, ast.unparse(one)) for other, one in others)
            yield value.value, Recipe(document, value.lineno, texts, words, names)


def _speaks(node: ast.AST) -> bool:
    """A word, a truth value or nothing: what code decides by."""
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, str | bool))
