"""The abstract machine: path, frames, budget, and the two dispatches (expressions and statements)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import libcst as cst

from lossadvisor.interpreter import expressions, lookup, plumbing, sharing, statements
from lossadvisor.interpreter.events import Event
from lossadvisor.interpreter.guards import ALWAYS, Guard, conflicts, conjoin, negations
from lossadvisor.interpreter.mentions import Mentions
from lossadvisor.interpreter.recipes import Recipes
from lossadvisor.interpreter.remembered import Memory
from lossadvisor.interpreter.scopes import Frame, ModuleScope
from lossadvisor.interpreter.values import NONE, Cls, Func, Known, Opaque, Single, Tensor, Union, Value, options, union
from lossadvisor.project import Definition, Fragment, NodePlace, Project
from lossadvisor.values import Place, Step

MAX_DEPTH = 40
MAX_CONDITIONS = 16  # under which a value may be written before it counts as unknown
MAX_STEPS = 40_000  # of one root
MIN_SHARE = 1_000  # what even the last call of a long chain may spend
GLANCE = 300  # the least that a call may take when a root is evaluated in outline; else a quarter of the root's


class OutOfBudget(Exception):
    """The budget of one root is spent; what was found so far stands."""


class Machine:
    """Evaluates code of one project, or of one of its `portions`. All state of a run is here."""

    def __init__(self, project: Project, portions: int = 1) -> None:
        self.project = project
        self.scopes: dict[object, ModuleScope] = {}
        self.frames: list[Frame] = []
        self.path: Guard = ALWAYS
        self.chosen: Guard = ALWAYS  # what the path says only because the thing called is one of several
        self.steps = 0
        self.contexts: list[str] = []  # no_grad, autocast, ... that are switched on, outermost first
        self.switch: Guard = ALWAYS  # under which the autocast among them is on
        self.most = MAX_STEPS
        self.limit = MAX_STEPS
        self.outline = False  # large callees are passed over, so that the root itself is read to its end
        self.cut = False  # something was passed over since the root began, because it was too large
        self.large: set[Fragment] = set()  # functions that took more than a glance
        self.events: list[Event] = []
        self.visited: set[int] = set()  # identities of function nodes evaluated with a visible caller
        self.partly: set[int] = set()  # functions of which some branch was never possible
        self.finished: set[tuple[int, int]] = set()  # roots read to their end: function, class of the object or 0
        self.visited_for: set[tuple[int, int]] = set()  # inherited methods, with the class of the object
        self.until: dict[object, int] = {}  # by document, the row of the module statement that is running
        self.stack: list[Func] = []
        self.calls: list[Place] = []
        self.turns: list[int] = []  # when the running turns began of loops whose number of turns is not known
        self.shared: dict[int, tuple[Tensor, list[Tensor]]] = {}  # by identity: views and bases
        self.lasting: dict[int, tuple[Tensor, list[Tensor]]] = {}  # the same, made by the lines of modules
        self.mentions: dict[Fragment, Mentions] = {}
        self.assigners: dict[Fragment, dict[str, tuple[Definition, ...]]] = {}  # by class body and attribute
        self.memory = Memory()
        self.plumbing = plumbing.Plumbing(plumbing.MOST // portions)
        self.recipes = Recipes(self)
        self.composing: Value | None = None  # the folder of configurations that the running lines have chosen
        self.built: list[Cls] = []  # the classes of which visible code makes an instance
        self.modules = lookup.Modules(self)

    # --- frames and places -------------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def place(self, node: cst.CSTNode) -> NodePlace:
        return NodePlace(self.frame.fragment, node)

    # --- dispatch ----------------------------------------------------------------------------------------------

    def evaluate(self, node: cst.BaseExpression) -> Value:
        """The value of an expression under the current path."""
        self.steps += 1
        if self.steps > self.limit:
            raise OutOfBudget
        handler = expressions.TABLE.get(type(node))
        if handler is None:
            return Opaque(f"{type(node).__name__} is not followed")
        return self.narrow(handler(self, node))

    def narrow(self, value: Value) -> Value:
        """Only the alternatives that the current path allows; what an unknown usually is, only where it may be that."""
        if not self.path:
            return value
        if isinstance(value, Opaque) and value.default is not None and value.key is not None:
            return otherwise(value, self.path)
        if not isinstance(value, Union):
            return value
        left = [(guard, single) for guard, single in value.options if not conflicts(guard, self.path)]
        if len(left) == len(value.options):
            return value
        if not left:
            return Opaque("no alternative is possible here")
        return left[0][1] if len(left) == 1 else Union(tuple(left))

    def execute(self, body: Sequence[cst.CSTNode]) -> bool:
        """Run statements; False when control cannot fall out at the end."""
        for node in body:
            self.steps += 1
            if self.steps > self.limit:
                raise OutOfBudget
            handler = statements.TABLE.get(type(node))
            if handler is not None and not handler(self, node):
                return False
        return True

    # --- guarded writes ----------------------------------------------------------------------------------------

    def merge_write(self, old: Value | None, new: Value, base: Guard, since: Guard = ALWAYS) -> Value:
        """What a slot holds after writing `new` under the current path into a slot that exists since `base`.

        `since` is the condition under which the slot has been filled for the first time, if it had one.
        """
        relative = self.path - base
        if not relative or old is None:
            return new
        if len(relative) > MAX_CONDITIONS:
            return Opaque("a value that depends on too many conditions")
        kept: list[tuple[Guard, Value]] = []
        apart = bool(since) and conjoin(since, relative) is None  # two branches of which only one is ever taken
        for negation in [since] if apart else negations(relative):
            for guard, single in options(old):
                both = conjoin(guard, negation)
                if both is not None:
                    kept.append((both, single))
        for guard, single in options(new):
            both = conjoin(guard, relative)
            if both is not None:
                kept.append((both, single))
        return union(kept)

    def under(self, guard: Guard) -> Guard | None:
        """The current path extended by `guard`, or None when that is impossible."""
        return conjoin(self.path, guard)

    def each(self, value: Value) -> list[tuple[Guard, Single]]:
        """Alternatives of a value that are possible here."""
        if not isinstance(value, Union):
            return [(ALWAYS, value)]
        return [(guard, single) for guard, single in options(value) if not conflicts(guard, self.path)]

    def present(self, value: Value) -> list[tuple[Guard, Single]]:
        """The same without None, where it is something else otherwise: what is done next fails on None."""
        found = self.each(value)
        held = [(guard, single) for guard, single in found if single != NONE]
        return held or found

    def branches(self, value: Value) -> Iterator[Single]:
        """The same one by one, each with the path on which it is the one: for what changes them."""
        saved = self.path
        for guard, single in self.each(value):
            here = conjoin(saved, guard)
            if here is None:
                continue
            self.path = here
            try:
                yield single
            finally:
                self.path = saved

    def result(self, found: list[tuple[Guard, Value]]) -> Value:
        """Results of several alternatives as one value."""
        return union(found) if found else Opaque("no alternative is possible here")

    # --- trails ------------------------------------------------------------------------------------------------

    def stepped(self, value: Value, step: Step) -> Value:
        """Add one step to the trail of every tensor alternative that has one."""
        if isinstance(value, Tensor):
            return self._step(value, step)
        if isinstance(value, Union):
            return Union(tuple(
                (guard, self._step(single, step) if isinstance(single, Tensor) else single)
                for guard, single in value.options
            ))
        return value

    def _step(self, tensor: Tensor, step: Step) -> Tensor:
        trail = tensor.fact.trail
        if not trail or len(trail) > 16:
            return tensor
        stepped = Tensor(replace(tensor.fact, trail=(*trail, step)))
        sharing.share(self, tensor, stepped)
        return stepped


def otherwise(value: Opaque, path: Guard) -> Opaque:
    """Where the path says of this unknown what is not so by default: without its default, or with what it says."""
    told = [
        (condition, polarity) for condition, polarity in path
        if len(condition.key) > 1 and condition.key[1] == value.key and condition.default is (not polarity)
    ]
    if not told:
        return value
    for condition, polarity in told:
        constant = condition.constant
        if condition.key[0] == "eq" and polarity and isinstance(constant, bool | int | float | str):
            return replace(value, default=Known(constant))
    return replace(value, default=None)


def returned(frame: Frame, fell_through: bool, path: Guard) -> Value:
    """What a finished frame returns; nothing is known where no path through it was seen to an end."""
    found = [(guard - frame.base, value) for guard, value in frame.returns]
    if fell_through:
        found.append((path - frame.base, NONE) if found else (ALWAYS, NONE))
    return union(found) if found else Opaque("a function of which no way to its end is seen")
