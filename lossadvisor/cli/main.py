"""The entry point: a group of commands that are imported when they are called, and the manners of a process."""

from __future__ import annotations

import errno
import gc
import os
import sys
from importlib import import_module

import click

from lossadvisor import __version__
from lossadvisor.cli.commands import COMMANDS, Command
from lossadvisor.cli.outlines import outline

_EPILOG = "Example:  lossadvisor check src --output-format concise"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 120}
_BY_NAME = {command.name: command for command in COMMANDS}


class LazyGroup(click.Group):
    """Commands from the table; listing them imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [command.name for command in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        command = _BY_NAME.get(cmd_name)
        if command is None:
            return None
        loaded = _load(command)
        loaded.name = cmd_name
        return loaded

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _BY_NAME and not args[0].startswith("-"):
            from lossadvisor.config.errors import suggestion

            raise click.UsageError(f"no command {args[0]!r}{suggestion(args[0], _BY_NAME)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(command.name, command.help) for command in COMMANDS])


def _load(command: Command) -> click.Command:
    module, attribute = command.target.split(":")
    loaded = getattr(import_module(module), attribute)
    assert isinstance(loaded, click.Command), command.target
    return loaded


@click.group(cls=LazyGroup, epilog=_EPILOG, context_settings=_CONTEXT, invoke_without_command=True)
@click.version_option(__version__, "-V", "--version", prog_name="lossadvisor", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> int:
    """The type checker for PyTorch losses.

    The code that is checked is read, never imported or executed.
    """
    if context.invoked_subcommand is not None:
        return 0
    print(context.get_help(), file=sys.stderr)  # nothing was asked for: wrong usage, in every version of click
    return 2


def main() -> None:
    """Run the command line and exit: 0 nothing to report, 1 findings, 2 wrong usage or a file that stayed unread."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # started with the stream closed
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - for as long as the process lasts
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            # Code can hold any character; a terminal that cannot show one must not end the run.
            reconfigure(errors="backslashreplace")
    outline()
    gc.freeze()  # what has been imported stays
    try:
        status = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        _say(error)
        status = 2
    except (click.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        status = 130
    except BrokenPipeError:
        # Whoever read our output has gone (`| head`). Python would complain once more while closing stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 141
    except MemoryError:
        print("error: out of memory: raise max-memory, exclude large files, or check fewer at once", file=sys.stderr)
        status = 2
    except Exception as error:
        status = 2
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # closing would fail once more
            print(f"error: {error.strerror}", file=sys.stderr)
        else:
            import traceback  # dear, and hardly ever needed

            traceback.print_exc()
            print("error: lossadvisor itself failed; please report the lines above", file=sys.stderr)
    sys.exit(status if isinstance(status, int) else 0)


def _say(error: click.ClickException) -> None:
    """One line for what is wrong, and for wrong usage where to read on."""
    print(f"error: {error.format_message()}", file=sys.stderr)
    context = getattr(error, "ctx", None)
    if isinstance(error, click.UsageError) and context is not None:
        print(f"Try '{context.command_path} --help'.", file=sys.stderr)


if __name__ == "__main__":
    main()
