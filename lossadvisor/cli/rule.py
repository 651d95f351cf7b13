"""`lossadvisor rule`."""

from __future__ import annotations

import json
import sys

import click

from lossadvisor.catalogue import Rule, UnknownRuleError, find, rules, select
from lossadvisor.cli.options import Failure, rule_names


@click.command(epilog="Example:  lossadvisor rule LA101")
@click.argument("name", metavar="[CODE|NAME|PREFIX]", required=False, shell_complete=rule_names)
@click.option("--output-format", "-f", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rule(name: str | None, form: str) -> int:
    """Print the page of a rule; with the beginning of a code list those rules, without anything all rules."""
    if name is None:
        _list(rules(), form)
        return 0
    try:
        several = select([name])
        if len(several) > 1:
            _list(several, form)
            return 0
        found = find(name)
    except UnknownRuleError as error:
        raise Failure(str(error)) from None
    if form == "json":
        sys.stdout.write(json.dumps(_as_json(found), indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(found.path.read_text(encoding="utf-8"))
    return 0


def _list(all_rules: tuple[Rule, ...], form: str) -> None:
    if form == "json":
        sys.stdout.write(json.dumps([_as_json(rule) for rule in all_rules], indent=2, ensure_ascii=False) + "\n")
        return
    for each in all_rules:
        print(f"{each.code}  {each.tier.value:8}{each.name}: {each.summary}")


def _as_json(found: Rule) -> dict[str, object]:
    return {
        "code": found.code,
        "name": found.name,
        "summary": found.summary,
        "severity": found.severity.value,
        "tier": found.tier.value,
        "since": found.since,
        "fix": None if found.fix is None else found.fix.value,
        "help": found.help,
        "url": found.url,
        "sections": dict(found.sections()),
    }
