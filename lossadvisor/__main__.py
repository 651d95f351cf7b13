"""`python -m lossadvisor`."""

import sys
from os import getcwd

if __name__ == "__main__":
    if sys.path and sys.path[0] in ("", getcwd()):
        del sys.path[0]  # Python looks for modules in the working directory first: a click.py there would be executed

    from lossadvisor.cli.start import entry

    entry()
