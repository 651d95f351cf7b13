"""The commands: name, where they are written, and the line that `--help` shows."""

from __future__ import annotations

from lossadvisor.late import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """A command; `target` is "module:attribute"."""

    name: str
    target: str
    help: str


COMMANDS: tuple[Command, ...] = (
    Command("check", "lossadvisor.cli.check:check", "Report losses that do not get what they expect."),
    Command("losses", "lossadvisor.cli.losses:losses", "List every loss call with its verdict."),
    Command("validate", "lossadvisor.cli.validate:validate", "Prove losses with numbers on synthetic tensors."),
    Command("run", "lossadvisor.cli.run:run", "Run a script and watch the losses of its training loop."),
    Command("advise", "lossadvisor.cli.advise:advise_command", "From the task to the right loss."),
    Command("rule", "lossadvisor.cli.rule:rule", "Explain a rule, or list all rules."),
    Command("audit", "lossadvisor.cli.audit:audit", "Check many projects, on many processors or a cluster."),
    Command("clean", "lossadvisor.cli.clean:clean_command", "Delete what earlier runs have left for later ones."),
    Command("server", "lossadvisor.cli.server:server", "Serve an editor (language server protocol)."),
)
