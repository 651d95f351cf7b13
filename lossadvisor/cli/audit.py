"""`lossadvisor audit`."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from lossadvisor.cli.options import Failure
from lossadvisor.workers import Done, ExecutorError, open_executor, work

Line = dict[str, Any]
_EMPTY: Line = {"files": 0, "seconds": 0.0, "losses": {}, "problems": [], "findings": []}


@click.command(epilog="Example:  lossadvisor audit repositories.txt --output audit.jsonl --jobs 8")
@click.argument("listing", type=click.Path(path_type=Path), metavar="LIST")
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True, help="Where each result is a line.")
@click.option("--jobs", "-j", type=click.IntRange(min=0), default=0, help="Processes (default: one per processor).")
@click.option("--executor", "where", default="processes", show_default=True, help="processes or dask://HOST:PORT.")
def audit(listing: Path, output: Path, jobs: int, where: str) -> int:
    """Check every folder that LIST names, one in each line, and sum up.

    Results are written as JSON lines while they come. What already has a result in the output is not done again, so
    an audit that was interrupted goes on where it stopped. Each folder is checked with its own configuration,
    and nothing is written into it.
    """
    items = _items(listing)
    finished = _finished(output)
    todo = [item for item in items if item not in finished]
    try:
        with open(output, "a", encoding="utf-8") as file:
            for done in work(todo, partial(examine_folder, str(Path.cwd())), partial(open_executor, where, jobs)):
                finished[done.item] = _line(done)
                file.write(json.dumps(finished[done.item], ensure_ascii=False, default=str) + "\n")
                file.flush()
    except OSError as error:
        raise Failure(f"{output}: {error.strerror or error}") from None
    except ExecutorError as error:
        raise Failure(str(error)) from None
    lines = [finished[item] for item in items]
    print(summary(lines))
    return 2 if any(line["error"] for line in lines) else 1 if any(line["findings"] for line in lines) else 0


def _items(listing: Path) -> list[str]:
    try:
        rows = (sys.stdin if str(listing) == "-" else listing.open(encoding="utf-8")).read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{listing}: {getattr(error, 'strerror', None) or error}") from None
    return list(dict.fromkeys(row.strip() for row in rows if row.strip() and not row.startswith("#")))


def _finished(output: Path) -> dict[str, Line]:
    """Results of an earlier audit; a line that was cut off by its end is taken away, errors are tried again."""
    try:
        text = output.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{output}: {getattr(error, 'strerror', None) or error}") from None
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        output.write_text(whole, encoding="utf-8")
    found: dict[str, Line] = {}
    for number, row in enumerate(whole.splitlines(), start=1):
        try:
            line = json.loads(row)
            found[line["folder"]] = {**_EMPTY, "error": None, **line}
        except (ValueError, KeyError, TypeError):
            raise Failure(f"{output}:{number}: not a line of an audit: give another --output") from None
    return {name: line for name, line in found.items() if not line["error"]}


def examine_folder(home: str, folder: str) -> Line:
    """The result of one folder, named as from `home`, as JSON. Runs in a process of its own, which may be elsewhere."""
    from lossadvisor.config import load_settings
    from lossadvisor.engine import analysis
    from lossadvisor.reporters.jsons import as_json

    root = Path(home, folder).resolve()
    if not root.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder")
    started = time.perf_counter()
    report = analysis(["."], replace(load_settings(root), cache=False, jobs=1), root).report
    return {
        "files": report.files,
        "seconds": round(time.perf_counter() - started, 3),
        "losses": Counter(loss.verdict.value for loss in report.losses),
        "problems": list(report.problems),
        "findings": [as_json(finding) for finding in report.findings],
    }


def _line(done: Done[Line]) -> Line:
    return {"folder": done.item, "error": done.error, **(done.result or _EMPTY)}


def summary(lines: list[Line]) -> str:
    """How often each rule was found, in how many folders, and what was looked at."""
    found: Counter[tuple[str, str]] = Counter()
    folders: Counter[tuple[str, str]] = Counter()
    losses: Counter[str] = Counter()
    for line in lines:
        codes = Counter((finding["code"], finding["name"]) for finding in line["findings"])
        found += codes
        folders.update(codes.keys())
        losses.update(line["losses"])
    rows = [f"{number:6}  {folders[rule]:6}  {rule[0]} {rule[1]}" for rule, number in _ordered(found)]
    errors = [f"error: {line['folder']}: {line['error']}" for line in lines if line["error"]]
    files = sum(line["files"] for line in lines)
    calls = ", ".join(f"{number} {verdict}" for verdict, number in sorted(losses.items())) or "none"
    head = ["finds   folders  rule", *rows] if rows else ["no findings"]
    return "\n".join([*head, f"{len(lines)} folders, {files:,} files; loss calls: {calls}", *errors])


def _ordered(found: Mapping[tuple[str, str], int]) -> list[tuple[tuple[str, str], int]]:
    return sorted(found.items(), key=lambda row: (-row[1], row[0]))
