"""`lossadvisor server`."""

from __future__ import annotations

import click

from lossadvisor.cli.options import Failure


@click.command(epilog="Example:  the command of a language server in an editor's settings; see docs/editors.md")
@click.option(
    "--delay", type=click.IntRange(0, 10_000), default=300, show_default=True, metavar="MILLISECONDS",
    help="How long nothing must be typed before the code is checked.",
)  # fmt: skip
@click.option("--stdio", is_flag=True, help="Accepted for editors that say it; there is no other way to talk.")
def server(delay: int, stdio: bool) -> int:
    """Speak the language server protocol over standard input and output.

    Editors start this; it needs the extra [server]: pip install 'lossadvisor[server]'.
    """
    try:
        from lossadvisor.server.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"pygls", "lsprotocol"}:
            raise
        raise Failure("the language server needs pygls 2: pip install 'lossadvisor[server]'") from None
    serve(delay / 1000)
    return 0
