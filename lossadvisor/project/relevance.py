"""Which definitions can have to do with a loss: those that name one, and transitively those that name these.

Work is done on demand: a file that names no loss, no activation and no such definition is never parsed or evaluated.
Every file is cut into words once; only files whose words agree are indexed, and only their statements are read again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from lossadvisor.late import dataclass
from lossadvisor.patterns import pattern
from lossadvisor.project import registering, words
from lossadvisor.project.texts import Texts, spellings, stem

if TYPE_CHECKING:
    from lossadvisor.project.index import ModuleIndex, Statement
    from lossadvisor.project.project import Project
    from lossadvisor.source.document import Document

_ANYWHERE = frozenset({"i", "x", "_"})
"""Names bound in so many scripts that to follow them leads everywhere."""
_FARTHEST = 6
"""Hops from a definition to its users that are followed."""
_ENOUGH = 4_000
"""With more units than this at hand, those that are one hop farther from a loss would not get their turn."""
_FILLED = 8
"""Names of a module that one function is taken to fill."""
_CROWD = 100
"""A name used in more files than this is part of the furniture; beyond the first hop its users are not followed."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A top-level statement of a module: what a root evaluation starts from. `depth` counts hops from a loss.

    `loss`: it names a loss itself.
    """

    document: Document
    index: ModuleIndex
    statement: Statement
    depth: int
    loss: bool = False


Elsewhere = Callable[[str, frozenset[str]], bool]
"""Whether a rule may speak of a text, which has these words, though no loss is near."""

Sought = dict[str, set[str]]
"""Names, each with the words of which a file must have one to mean it: the modules that define it."""


@dataclass(slots=True)
class _Frontier:
    """What to look for next: definitions, and registries, which those who only decorate with them do not use."""

    names: Sought = field(default_factory=dict)
    registries: Sought = field(default_factory=dict)


@dataclass(slots=True)
class _Search:
    """The state of one search. `quiet` are found for an activation alone: who names them has not been asked yet."""

    project: Project
    texts: Texts = field(default_factory=Texts)
    found: dict[Statement, Unit] = field(default_factory=dict)
    quiet: set[Statement] = field(default_factory=set)
    frontier: _Frontier = field(default_factory=_Frontier)


def _fresh(frontier: _Frontier, seen: set[tuple[str, str]]) -> _Frontier:
    """What has not been looked for before; it counts as seen from now on."""
    fresh = _Frontier(_unseen(frontier.names, seen), _unseen(frontier.registries, seen))
    seen |= {(name, stem) for name, stems in (*fresh.names.items(), *fresh.registries.items()) for stem in stems}
    return fresh


def _unseen(sought: Sought, seen: set[tuple[str, str]]) -> Sought:
    left = {name: {stem for stem in stems if (name, stem) not in seen} for name, stems in sought.items()}
    return {name: stems for name, stems in left.items() if stems}


def relevant(
    project: Project, losses: Collection[str], elsewhere: Elsewhere
) -> list[Unit]:
    """The units that name a loss or answer to `elsewhere`, and those that name definitions of units that name a loss.

    A file counts as a user of a definition only when it also names the module (or its package) that holds it.
    """
    names = frozenset(losses)
    search = _Search(project)
    texts = search.texts
    for document in project.documents:
        named = not names.isdisjoint(texts.all(document))
        spelled = spellings(document, names) if named else names
        has_loss = named and not spelled.isdisjoint(texts.used(document))
        if has_loss or elsewhere(document.raw, texts.all(document)):
            _start(search, document, spelled if has_loss else frozenset(), elsewhere)
    _follow(search)
    return list(search.found.values())


def users(project: Project, given: Collection[Document]) -> list[Unit]:
    """The units of `given`, and those that name definitions of these, over as many hops as in `relevant`.

    Here a file must import a definition or write its module before it in order to use it.
    """
    search = _Search(project, Texts(strictly=True))
    search.texts.reached |= set(given)
    for document in given:
        index = project.index(document)
        for statement in index.statements:
            search.found[statement] = Unit(document, index, statement, 0)
            _lead_on(search, index, statement, frozenset())
    _follow(search)
    return list(search.found.values())


def _follow(search: _Search) -> None:
    """Find the users of what the search looks for, their users, and so on."""
    seen: set[tuple[str, str]] = set()
    for depth in range(1, _FARTHEST + 1):
        fresh = _fresh(search.frontier, seen)
        if (not fresh.names and not fresh.registries) or len(search.found) > _ENOUGH:
            break
        search.frontier = _Frontier()
        found = _users(search, fresh)
        crowds = _crowds(found) if depth > 1 else frozenset()
        for document, (wanted, registries) in found.items():
            if not crowds.issuperset(wanted | registries):
                _spread(search, document, wanted - crowds, registries - crowds, depth)


_DYNAMIC = frozenset({"getattr", "__dict__", "vars", "config", "cfg", "args"})
"""Words of files in which a name may be asked of a module that is handed on."""


def by_hand(text: str) -> bool:
    """Whether a text (the code of a definition) may hold a loss that is written by hand."""
    return _BY_HAND.search(text) is not None


_STORED = pattern(r"^([A-Za-z_]\w*)(?:\.\w+)+[ \t]*=(?!=)|^setattr\(([A-Za-z_]\w*)\b")  # `args.criterion = ...`


# A loss written by hand, by the name of what is defined or a picked log-probability that is averaged, and labels that
# are masked by the padding of a tokenizer which others choose.
_BY_HAND = pattern(
    r"(?:def|class) \w*(?:[Ll]oss|[Dd]ice|[Ff]ocal|[Tt]versky|[Jj]accard|[Ee]ntropy|[Cc]riterion)"
    r"|pad_token_id\b[^\n]*-\s*100|-100[^\n]*pad_token_id"
    r"|\.gather\([\s\S]*\.mean\(\)"
)


def _start(search: _Search, document: Document, losses: frozenset[str], elsewhere: Elsewhere) -> None:
    """The statements that name a loss (they lead on to their users) or answer to `elsewhere` (they do not)."""
    index = search.project.index(document)
    for statement, text in search.texts.statements(index):
        have = words.words(text)
        if losses and not losses.isdisjoint(have):
            search.found[statement] = Unit(document, index, statement, 0, True)
            _lead_on(search, index, statement, losses)
        elif elsewhere(text, have):
            search.found[statement] = Unit(document, index, statement, 0)
            if by_hand(text):
                _lead_on(search, index, statement, losses)
            else:
                search.quiet.add(statement)


def _users(
    search: _Search, fresh: _Frontier
) -> dict[Document, tuple[frozenset[str], frozenset[str]]]:
    """The documents whose code uses what is sought, with the names and the registries that each uses.

    A module that only imports a sought name hands it on, under another name if it says so: from then on it may be
    imported from there, too.
    """
    found: dict[Document, tuple[frozenset[str], frozenset[str]]] = {}
    texts = search.texts
    stems = frozenset(stem for some in fresh.names.values() for stem in some)
    for document in search.project.documents:
        have = texts.all(document)
        # A module handed on as a value, `getattr(losses, name)`, is used in all its names.
        dynamic = not _DYNAMIC.isdisjoint(have) and not stems.isdisjoint(have)
        for name in _handed_on(fresh.names, texts.stars(document)):
            search.frontier.names.setdefault(name, set()).add(stem(document))
        for alias, module in texts.modules_renamed(document):
            for name in _handed_on(fresh.names, frozenset({module})):
                search.frontier.names.setdefault(name, set()).add(alias)
        handed = texts.handed(document, stems) if dynamic else frozenset()
        wanted, registries = _meant(fresh.names, document, texts), _meant(fresh.registries, document, texts)
        if not wanted and not registries and not handed:
            continue
        wanted |= texts.renamed(document, wanted)
        used = wanted & texts.used(document) if wanted else wanted
        package = document.path.stem == "__init__"
        for name in wanted if texts.strictly and package else wanted - used:  # `__all__` is no use
            if package or texts.imports(document, name):
                search.frontier.names.setdefault(name, set()).add(stem(document))
        wanted, registries = used | handed, registries & texts.bare(document) if registries else registries
        if wanted or registries:
            found[document] = wanted, registries
    return found


def _handed_on(sought: Sought, stars: frozenset[str]) -> list[str]:
    return [name for name, stems in sought.items() if not stars.isdisjoint(stems)] if stars else []


def _meant(sought: Sought, document: Document, texts: Texts) -> frozenset[str]:
    """The sought names in a document that also names a module which defines them."""
    own, have = texts.own(document), texts.all(document)
    common = have & sought.keys()
    return frozenset(
        name
        for name in common
        if own in sought[name]
        or (not sought[name].isdisjoint(have) and texts.takes(document, name, sought[name]))
    )


def _crowds(users: Mapping[Document, tuple[frozenset[str], frozenset[str]]]) -> frozenset[str]:
    counts = Counter(name for wanted, registries in users.values() for name in wanted | registries)
    return frozenset(name for name, number in counts.items() if number > _CROWD)


def _spread(
    search: _Search, document: Document, names: frozenset[str], registries: frozenset[str], depth: int
) -> None:
    """The statements of a document that use one of the names, or a registry other than to register with it."""
    index = search.project.index(document)
    search.texts.reached.add(document)
    for statement, code in search.texts.statements(index):
        if statement.imports or (statement in search.found and statement not in search.quiet):
            continue
        text = words.without_imports(code)
        uses = not names.isdisjoint(words.words(text))
        if not uses and registries:
            uses = not registries.isdisjoint(words.words(words.without_decorators(text)))
        if uses:
            search.found.setdefault(statement, Unit(document, index, statement, depth))
            search.quiet.discard(statement)
        if uses or not statement.imported.isdisjoint(names):
            _lead_on(search, index, statement, names | registries, uses)


def _lead_on(
    search: _Search, index: ModuleIndex, statement: Statement, sought: frozenset[str], uses: bool = True
) -> None:
    """Look for the users of a statement from now on; of one that only imports, for those of what it hands on."""
    frontier, own = search.frontier, stem(index.document)
    for name in _names(statement, sought) if uses else statement.imported & sought:
        frontier.names.setdefault(name, set()).add(own)
    # A class that is registered is used by those who name the registry, not the class.
    for head in _registries(index, statement):
        for binder in index.binders.get(head, ()):
            for binding in binder.imports:
                inside = search.project.resolve(index.document, binding.module, binding.level)
                if binding.name == head and inside:
                    holder = binding.module.rsplit(".", 1)[-1] or own
                    for name in (head, *_filled(search, inside, head)):
                        frontier.registries.setdefault(name, set()).add(holder)


def _filled(search: _Search, module: Document | tuple[str, ...], function: str) -> list[str]:
    """The names of a module that a function of it speaks of: where it puts what it is given is among them."""
    if isinstance(module, tuple):
        return []
    index = search.project.index(module)
    found: list[str] = []
    for statement in index.binders.get(function, ()):
        if any(definition.kind == "function" for definition in statement.definitions):
            have = words.words(words.code(statement.fragment.text()))
            found += [name for name, binders in index.binders.items() if name in have and binders[0].plain]
    return found[:_FILLED]


def _registries(index: ModuleIndex, statement: Statement) -> list[str]:
    """The first names of what a definition is decorated with, or of what a statement hands a definition to."""
    if statement.definitions:
        decorators = [text for definition in statement.definitions for text in definition.decorators]
        return [text.split("(", 1)[0].split(".", 1)[0] for text in decorators]
    if not statement.plain or statement.binds:
        return []
    own = registering.defined(index.document.raw)
    return [chain[0] for chain, _ in registering.stated(statement.fragment.text(), own)]


def _names(statement: Statement, sought: frozenset[str]) -> set[str]:
    """The names under which others use what a statement binds; of what it imports, only what is sought itself."""
    if statement.definitions:
        return {definition.name for definition in statement.definitions}
    if statement.imports:
        return set()
    if not statement.binds:
        return {name for found in _STORED.findall(statement.fragment.text()) for name in found if name}
    own = [name for name in statement.binds if name not in statement.imported or name in sought]
    return {name for name in own[:8] if not name.startswith("__")} - _ANYWHERE
