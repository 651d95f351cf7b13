"""Where a value goes: into the loss of a finding, into something that a change does not touch, or elsewhere.

A change to an operation is a change for everybody who gets its value. Only when all of them are known can it be made.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import field
from enum import Enum
from itertools import accumulate

from lossadvisor.findings import Finding
from lossadvisor.fixes.naming import Names
from lossadvisor.fixes.parts import Part, container
from lossadvisor.fixes.reading import (
    KEEPS_MODULE,
    OF_MODULE,
    WRAPPERS,
    called,
    carried,
    carried_module,
    inside,
    order_only,
)
from lossadvisor.fixes.sheet import Sheet
from lossadvisor.fixes.site import Sheets
from lossadvisor.late import dataclass

_MOST = 4_000
"""Expressions that are followed from one operation."""


class End(Enum):
    """What becomes of a value."""

    LOSS = "loss"  # an argument of a loss that the finding is about
    ORDER = "order"  # only the order of the numbers, or their shape, matters
    OTHER = "other"  # anything else, or not known


@dataclass(eq=False, slots=True)
class Flow:
    """Follows values through one project for findings that are to be mended together.

    `calls` collects the calls of a model whose results go to none of these losses, although somewhere else.
    """

    sheets: Sheets
    findings: tuple[Finding, ...]
    calls: list[tuple[Sheet, Names, ast.Call]] = field(default_factory=list)
    blind: bool = False  # a file that may read the value could not be read itself
    _met: set[ast.AST] = field(default_factory=set)
    _meant: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)

    def _is_meant(self, sheet: Sheet, node: ast.expr) -> bool:
        """Whether the expression is a part of one that a finding stands on."""
        filename = sheet.document.filename
        if filename not in self._meant:
            self._meant[filename] = _places(sheet, self.findings)
        starts, reached = self._meant[filename]
        before = bisect_right(starts, sheet.start(node))
        return before > 0 and reached[before - 1] >= sheet.end(node)

    def ends(self, sheet: Sheet, node: ast.expr, part: Part | None = None) -> set[End]:
        """Where the value of an expression goes, or where that of one of its parts does."""
        if node in self._met:
            return set()
        if len(self._met) > _MOST:
            self.blind = True
            return {End.OTHER}
        self._met.add(node)
        if part is not None:
            return self._of_part(sheet, node, part)
        node = carried(sheet, node)
        if self._is_meant(sheet, node):
            return {End.LOSS}
        if order_only(sheet, node):
            return {End.ORDER}
        match sheet.parents.get(node):
            case ast.Assign(targets=[ast.Name() as target], value=value) if value is node:
                return self._of_name(sheet, target)
            case ast.Return():
                return self._returned(sheet, node)
            case ast.Expr():
                return {End.ORDER}
            case ast.Call(args=arguments) as call if node in arguments:
                held = self._held(sheet, node)
                return self._passed(call, arguments.index(node)) if held is None else held
            case _:
                held = self._held(sheet, node)
                return {End.OTHER} if held is None else held

    def _held(self, sheet: Sheet, node: ast.expr) -> set[End] | None:
        """Where a value goes inside of another; None when it is no part of one."""
        held = container(self.sheets, sheet, node)
        return None if held is None else self.ends(sheet, *held)

    def _of_part(self, sheet: Sheet, whole: ast.expr, part: Part) -> set[End]:
        """Where one part of a value goes."""
        parent = sheet.parents.get(whole)
        match parent:
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value) if value is whole:
                target = targets[part] if isinstance(part, int) and part < len(targets) else None
                starred = any(isinstance(one, ast.Starred) for one in targets)
                return self._of_name(sheet, target) if isinstance(target, ast.Name) and not starred else {End.OTHER}
            case ast.Assign(targets=[ast.Name() as target], value=value) if value is whole:
                return self._of_name(sheet, target, part)
            case ast.Subscript(value=value, slice=ast.Constant(value=key)) if value is whole:
                if type(key) is not type(part):
                    return {End.OTHER}
                return self.ends(sheet, parent) if key == part else set()
            case ast.Attribute(attr=name) if isinstance(part, str):
                if name != part:
                    return {End.OTHER} if called(sheet, parent) else set()
                return self.ends(sheet, parent)
            case ast.Return():
                return self._returned(sheet, whole, part)
            case ast.Expr():
                return {End.ORDER}
            case _:
                return {End.OTHER}

    def _passed(self, call: ast.Call, position: int) -> set[End]:
        """A value handed to a function of the project."""
        parameter = self._parameter(call, position)
        if parameter is None:
            return {End.OTHER}
        sheet, _, loads = parameter
        found: set[End] = set()
        for load in loads:
            found |= self.ends(sheet, load)
        return found

    def _of_name(self, sheet: Sheet, target: ast.Name, part: Part | None = None) -> set[End]:
        """All reads that the assignment can reach: those after it and, in a loop, all in the loop."""
        scope, statement = sheet.scope(target), sheet.statement(target)
        if statement is None:
            return {End.OTHER}
        reach = sheet.end(statement)
        around = sheet.parents.get(statement)
        while around is not None and around is not scope:
            if isinstance(around, ast.For | ast.While):
                reach = sheet.start(around)
            around = sheet.parents.get(around)
        found: set[End] = set()
        for node in sheet.naming.get(target.id, ()) if isinstance(scope, ast.Module) else ast.walk(scope):
            match node:
                case ast.Global(names=names) | ast.Nonlocal(names=names) if target.id in names:
                    return {End.OTHER}
                case ast.Name(id=target.id, ctx=ast.Load()):
                    if isinstance(scope, ast.Module):
                        found |= self.ends(sheet, node, part)
                    elif sheet.scope(node) is not scope:
                        return {End.OTHER}
                    elif sheet.start(node) >= reach:
                        found |= self.ends(sheet, node, part)
        return found

    def _returned(self, sheet: Sheet, node: ast.expr, part: Part | None = None) -> set[End]:
        function = sheet.scope(node)
        if not isinstance(function, ast.FunctionDef) or function.decorator_list:
            return {End.OTHER}
        around = sheet.parents.get(function)
        if isinstance(around, ast.ClassDef) and function.name == "forward":
            return self._of_class(sheet, around, part)
        if isinstance(around, ast.Module):
            found: set[End] = set()
            uses = list(self._uses(sheet, function.name))
            if not uses:
                return {End.OTHER}  # called by somebody who is not here
            for other, names, use in uses:
                call = other.parents.get(use)
                if not isinstance(call, ast.Call) or call.func is not use:
                    return {End.OTHER}
                found |= self._of_call(other, names, call, part)
            return found
        return {End.OTHER}

    def _uses(self, sheet: Sheet, name: str) -> Iterator[tuple[Sheet, Names, ast.expr]]:
        """Every place of the project that reads a name; by spelling, so rather too many."""
        for filename in self.sheets.documents:
            if name not in self.sheets.documents[filename].raw:
                continue
            found = self.sheets.of(filename)
            if found is None:
                self.blind = True
                continue
            for node in found[0].reads.get(name, ()):
                if isinstance(node, ast.Attribute) or found[0] is sheet or found[1].brings(name):
                    yield (*found, node)

    def _of_class(self, sheet: Sheet, definition: ast.ClassDef, part: Part | None) -> set[End]:
        """All calls of all instances of a module class, those of its own methods among them."""
        found: set[End] = set()
        own = self.sheets.of(sheet.document.filename)
        for node in ast.walk(definition):
            match node:
                case ast.Call(func=ast.Name(id="self")) if own is not None:
                    found |= self._of_call(*own, node, part)
                case ast.Attribute(value=ast.Name(id="self"), attr="forward"):
                    return {End.OTHER}
        for other, names, use in self._uses(sheet, definition.name):
            call = other.parents.get(use)
            if isinstance(call, ast.Call) and call.func is use:
                found |= self.of_instance(other, names, call, part)
            elif not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "super"):
                return {End.OTHER}
        return found

    def of_instance(self, sheet: Sheet, names: Names, node: ast.expr, part: Part | None = None) -> set[End]:
        """What happens to the results of a module that an expression is."""
        node = carried_module(sheet, names, node)
        parent = sheet.parents.get(node)
        match parent:
            case ast.Call(func=function) if function is node:
                return self._of_call(sheet, names, parent, part)
            case ast.Assign(targets=[ast.Name() | ast.Attribute() as target]):
                return self.of_holder(sheet, target, part)
            case ast.Tuple(elts=values) if isinstance(sheet.parents.get(parent), ast.Assign):
                assign = sheet.parents[parent]
                assert isinstance(assign, ast.Assign)
                match assign.targets:
                    case [ast.Tuple(elts=targets)] if len(targets) == len(values) and assign.value is parent:
                        held = targets[values.index(node)]
                        if isinstance(held, ast.Name | ast.Attribute):
                            return self.of_holder(sheet, held, part)
        return {End.OTHER}

    def of_holder(self, sheet: Sheet, target: ast.Name | ast.Attribute, part: Part | None = None) -> set[End]:
        """What happens to the results of the module that a name or an attribute holds."""
        found: set[End] = set()
        name = target.id if isinstance(target, ast.Name) else target.attr
        scope = sheet.scope(target)
        local = isinstance(target, ast.Name) and not isinstance(scope, ast.Module)
        for other, names, use in self._uses(sheet, name):
            if local and (other is not sheet or isinstance(use, ast.Attribute) or not inside(sheet, use, scope)):
                continue
            if isinstance(target, ast.Name) and isinstance(use, ast.Attribute) and names.meaning(use) is None:
                continue  # an attribute of that name is another thing, unless it is a module's
            if isinstance(target, ast.Attribute) and isinstance(use, ast.Name):
                continue
            if use not in self._met:
                self._met.add(use)
                found |= self._use_of_module(other, names, use, part)
        return found

    def _use_of_module(self, sheet: Sheet, names: Names, use: ast.expr, part: Part | None) -> set[End]:
        parent = sheet.parents.get(use)
        match parent:
            case ast.Attribute(attr=attribute) if attribute in OF_MODULE:
                call = sheet.parents.get(parent)
                if attribute in KEEPS_MODULE and isinstance(call, ast.Call):
                    outer = sheet.parents.get(call)
                    return set() if isinstance(outer, ast.Expr) else self.of_instance(sheet, names, call, part)
                return set()
            case ast.Call(func=function) if function is use:
                return self._of_call(sheet, names, parent, part)
            case ast.Call(args=arguments) if use in arguments:
                if names.meaning(parent.func) in WRAPPERS:
                    return self.of_instance(sheet, names, parent, part)
                return self._of_parameter(parent, arguments.index(use), part)
            case _:
                return {End.OTHER}

    def _of_parameter(self, call: ast.Call, position: int, part: Part | None) -> set[End]:
        """A module handed to a function of the project."""
        parameter = self._parameter(call, position)
        if parameter is None:
            return {End.OTHER}
        sheet, names, loads = parameter
        found: set[End] = set()
        for load in loads:
            if load not in self._met:
                self._met.add(load)
                found |= self._use_of_module(sheet, names, load, part)
        return found

    def _parameter(self, call: ast.Call, position: int) -> tuple[Sheet, Names, list[ast.Name]] | None:
        """Where the function that is called reads the parameter of that position, which it never binds again."""
        if not isinstance(call.func, ast.Name) or any(isinstance(one, ast.Starred) for one in call.args):
            return None
        name, found = call.func.id, []
        for filename, document in self.sheets.documents.items():
            if f"def {name}" in document.raw and (known := self.sheets.of(filename)) is not None:
                found += [(known, node) for node in known[0].tree.body if isinstance(node, ast.FunctionDef)
                          and node.name == name]
        if len(found) != 1:
            return None
        (sheet, names), function = found[0]
        parameters = [*function.args.posonlyargs, *function.args.args]
        if position >= len(parameters):
            return None
        parameter = parameters[position].arg
        reads = [node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id == parameter]
        return (sheet, names, reads) if all(isinstance(node.ctx, ast.Load) for node in reads) else None

    def _of_call(self, sheet: Sheet, names: Names, call: ast.Call, part: Part | None) -> set[End]:
        """The result of one call of the model; kept aside when it goes whole to no loss of the finding."""
        ends = self.ends(sheet, call, part)
        if part is not None:
            return ends
        if End.OTHER in ends and End.LOSS not in ends:
            self.calls.append((sheet, names, call))
            return set()
        return ends


def _places(sheet: Sheet, findings: Iterable[Finding]) -> tuple[list[int], list[int]]:
    """Where the expressions of the findings in a file begin, in order, and how far one has reached by then."""
    wholes = [sheet.at(finding.span) for finding in findings if finding.span.filename == sheet.document.filename]
    places = sorted((sheet.start(whole), sheet.end(whole)) for whole in wholes if whole is not None)
    return [start for start, _ in places], list(accumulate((end for _, end in places), max))
