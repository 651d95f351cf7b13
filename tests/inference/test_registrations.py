"""Registries filled far away: decorators, statements, subclasses, and modules that are walked through."""

from __future__ import annotations

from collections import Counter

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import HEADER, domain, domains

BASE = "import torch\nfrom torch import nn\n\n\nclass Base(nn.Module):\n    pass\n"


def _net(name: str, base: str, result: str, above: str = "") -> str:
    return f"""

{above}
class {name}({base}):
    def __init__(self, classes=3):
        super().__init__()
        self.fc = nn.Linear(8, classes)

    def forward(self, x):
        return {result}
"""


def _nets(base: str, above: str = "", plain: str = "") -> str:
    soft = _net("Net", base, "self.fc(x).softmax(1)", above)
    return HEADER + soft + _net("Plain", base, "self.fc(x)", plain)


def _train(lines: str) -> str:
    return f"{HEADER}{lines}\n\n\ndef step(x, y):\n    return F.cross_entropy(model(x), y)\n"


DICT = """
ENTRIES = {}


def register(name):
    def enter(cls):
        ENTRIES[name] = cls
        return cls
    return enter
"""


@pytest.mark.parametrize(
    ("imports", "above"),
    [
        ("from book import register", "@register('{name}')"),
        ("from book import register as enter_model", "@enter_model('{name}')"),
        ("import book", "@book.register('{name}')"),
        ("import book as shelf", "@shelf.register('{name}')"),
    ],
)
def test_a_decorator_by_any_name(imports: str, above: str) -> None:
    nets = imports + "\n" + _nets("nn.Module", above.format(name="net"), above.format(name="plain"))
    train = _train("import nets\nfrom book import ENTRIES\nmodel = ENTRIES['net']()")
    assert domain({"book.py": DICT, "nets.py": nets, "train.py": train}) is Domain.PROBABILITIES


def test_a_class_method_as_decorator() -> None:
    book = """
class Factory:
    entries = {}

    @classmethod
    def register(cls, name):
        def enter(made):
            cls.entries[name] = made
            return made
        return enter

    @classmethod
    def create(cls, name, **options):
        return cls.entries[name](**options)
"""
    nets = "from book import Factory\n" + _nets("nn.Module", "@Factory.register('net')", "@Factory.register('plain')")
    train = _train("import nets\nfrom book import Factory\nmodel = Factory.create('net', classes=5)")
    assert domain({"book.py": book, "nets.py": nets, "train.py": train}) is Domain.PROBABILITIES


BOOK = """
class Book:
    def __init__(self):
        self.kept = {}

    def add(self, name, cls):
        self.kept[name] = cls


BOOK = Book()
"""


@pytest.mark.parametrize(
    ("book", "statement", "made"),
    [
        ("ENTRIES = {}\n", "book.ENTRIES['net'] = Net", "book.ENTRIES['net']()"),
        (DICT, "book.register('net')(Net)", "book.ENTRIES['net']()"),
        (BOOK, "book.BOOK.add(\n    'net', Net\n)", "book.BOOK.kept['net']()"),
    ],
)
def test_a_statement_of_another_module(book: str, statement: str, made: str) -> None:
    nets = "import book\n" + _nets("nn.Module") + f"\n\n{statement}\n"
    train = _train(f"import nets\nimport book\nmodel = {made}")
    assert domain({"book.py": book, "nets.py": nets, "train.py": train}) is Domain.PROBABILITIES


def test_two_modules_that_register_under_one_name() -> None:
    files = {
        "book.py": "ENTRIES = {}\n",
        "nets.py": "import book\n" + _nets("nn.Module") + "\n\nbook.ENTRIES['net'] = Net\n",
        "others.py": "import book\n" + _nets("nn.Module") + "\n\nbook.ENTRIES['net'] = Plain\n",
        "train.py": _train("import nets\nimport book\nmodel = book.ENTRIES['net']()"),
    }
    assert domains(files) == {Domain.UNKNOWN}


@pytest.mark.parametrize(
    ("base", "line", "made"),
    [
        ("    kept = {}\n    def __init_subclass__(cls, **options):\n        super().__init_subclass__(**options)\n"
         "        Base.kept[cls.__name__] = cls\n", "Base", "Base.kept['Net']()"),
        ("    kept = {}\n    def __init_subclass__(cls, name=None, **options):\n        cls.kept[name] = cls\n",
         "Base, name='first'", "Base.kept['first']()"),
        ("    pass\n", "Base", "{cls.__name__: cls for cls in Base.__subclasses__()}['Net']()"),
        ("    pass\n", "Base", "next(cls for cls in Base.__subclasses__() if cls.__name__ == 'Net')()"),
    ],
)  # fmt: skip
def test_subclasses(base: str, line: str, made: str) -> None:
    files = {
        "base.py": f"import torch\nfrom torch import nn\n\n\nclass Base(nn.Module):\n{base}",
        "nets.py": "from base import Base\n" + HEADER + _net("Net", line, "self.fc(x).softmax(1)"),
        "train.py": _train(f"import nets\nfrom base import Base\nmodel = {made}"),
    }
    assert domain(files) is Domain.PROBABILITIES


def test_subclasses_kept_in_a_mapping_of_the_module() -> None:
    base = BASE.replace("    pass\n", "    def __init_subclass__(cls):\n        KEPT[cls.__name__.lower()] = cls\n")
    files = {
        "base.py": "KEPT = {}\n" + base,
        "nets.py": "from base import Base\n" + _nets("Base"),
        "train.py": _train("import nets\nfrom base import KEPT\nmodel = KEPT['net']()"),
    }
    assert domain(files) is Domain.PROBABILITIES


def test_what_a_class_sets_on_those_that_derive_from_it() -> None:
    hook = "    def __init_subclass__(cls, ending=None):\n        cls.ending = ending\n"
    files = {
        "base.py": BASE.replace("    pass\n", hook),
        "nets.py": "from base import Base\n" + HEADER
        + _net("Net", "Base, ending=nn.Softmax(-1)", "self.ending(self.fc(x))"),
        "train.py": _train("from nets import Net\nmodel = Net()"),
    }
    assert domain(files) is Domain.PROBABILITIES


def test_a_class_that_keeps_nothing_is_told_only_of_what_is_made(entered: Counter[str]) -> None:
    """To know of all is to evaluate them all: only what may be found elsewhere is worth that."""
    hook = "    def __init_subclass__(cls):\n        cls.known = True\n"
    others = "".join(f"\n\nclass Other{n}(Base):\n    pass\n" for n in range(9))
    files = {
        "base.py": BASE.replace("    pass\n", hook),
        "others.py": "from base import Base\n" + others,
        "nets.py": "from base import Base\n" + HEADER + _net("Net", "Base", "self.fc(x)"),
        "train.py": _train("from nets import Net\nmodel = Net()"),
    }
    assert domain(files) is Domain.SCORES
    assert entered["__init_subclass__"] == 1


@pytest.mark.parametrize(
    "models",
    [
        "dict(inspect.getmembers(nets, inspect.isclass))",
        "{name: cls for name, cls in inspect.getmembers(nets, inspect.isclass) if issubclass(cls, nn.Module)}",
        "dict(inspect.getmembers(sys.modules['nets'], lambda one: inspect.isclass(one)))",
    ],
)
def test_members_of_a_module(models: str) -> None:
    train = _train(f"import inspect, sys\nimport nets\nMODELS = {models}\nmodel = MODELS['Net']()")
    assert domain({"nets.py": _nets("nn.Module"), "train.py": train}) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    ("walk", "module"),
    [
        ("for _, name, _ in pkgutil.iter_modules(__path__):", "f'{__name__}.{name}'"),
        ("for one in pkgutil.iter_modules([os.path.dirname(__file__)]):\n    name = one[1]", "'.' + name, __name__"),
        ("for file in os.listdir(os.path.dirname(__file__)):\n    name = file[:-3]", "f'.{name}', package=__package__"),
    ],
)
def test_modules_of_a_package(walk: str, module: str) -> None:
    init = f"""
import importlib, inspect, os, pkgutil
MODELS = {{}}
{walk}
    MODELS.update(inspect.getmembers(importlib.import_module({module}), inspect.isclass))
"""
    files = {
        "nets/__init__.py": init,
        "nets/soft.py": _nets("nn.Module"),
        "train.py": _train("from nets import MODELS\nmodel = MODELS['Net']()"),
    }
    assert domain(files) is Domain.PROBABILITIES


@pytest.mark.parametrize(
    "made",
    [
        "importlib.import_module('nets.%s' % 'soft').Net()",
        "importlib.import_module('.soft', 'nets').Net()",
        "importlib.import_module(f'nets.{args.net}').Net()",
        "__import__('nets.soft', fromlist=['Net']).Net()",
        "__import__('nets.soft').soft.Net()",
        "getattr(importlib.import_module('.'.join(PARTS[:-1])), PARTS[-1])()",
    ],
)
def test_modules_by_a_text(made: str) -> None:
    lines = f"""
import argparse, importlib
parser = argparse.ArgumentParser()
parser.add_argument("--net", default="soft")
args = parser.parse_args()
PARTS = 'nets.soft.Net'.split('.')
model = {made}
"""
    files = {"nets/__init__.py": "", "nets/soft.py": _nets("nn.Module"), "train.py": _train(lines)}
    assert domain(files) is Domain.PROBABILITIES
