"""IPython's automagic: a cell of one line may leave out the `%` of a magic (`ls data`, `pip install torch`).

Only cells of one line are read that way, and only where the word is no variable; here: where the line is no Python.
Source: https://ipython.readthedocs.io/en/stable/interactive/magics.html
"""

from __future__ import annotations

import ast

from lossadvisor.patterns import pattern

_WORDS = frozenset({
    "alias", "autoawait", "autoreload", "bookmark", "cat", "cd", "clear", "colors", "conda", "config", "cp", "debug",
    "dirs", "edit", "env", "gui", "hist", "history", "ldir", "less", "lf", "lk", "ll", "load", "load_ext", "ls",
    "lsmagic", "lx", "macro", "magic", "mamba", "man", "matplotlib", "micromamba", "mkdir", "more", "mv", "notebook",
    "page", "pdb", "pdef", "pdoc", "pfile", "pinfo", "pinfo2", "pip", "popd", "precision", "prun", "psearch",
    "psource", "pushd", "pwd", "pycat", "pylab", "recall", "reload_ext", "rep", "rerun", "reset", "reset_selective",
    "rm", "rmdir", "run", "save", "sc", "set_env", "store", "sx", "system", "tb", "time", "timeit", "unalias",
    "unload_ext", "uv", "who", "who_ls", "whos", "xdel", "xmode",
})
_CALL = pattern(r"[ \t]*(\w+)[ \t]+\S")


def is_automagic(line: str) -> bool:
    """Whether the only line of a cell calls a magic by its bare name."""
    match = _CALL.match(line)
    if match is None or match.group(1) not in _WORDS:
        return False
    try:
        ast.parse(line.strip())
    except (SyntaxError, ValueError):
        return True
    return False
