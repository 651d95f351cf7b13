"""The language server driven over its pipes by a client."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.client import ROOT, Client, applied

pytest.importorskip("pygls")

TRAIN = "src/garden/train.py"
NET = "src/garden/net.py"
SOFTMAX = """\
import torch.nn as nn
import torch.nn.functional as F

net = nn.Linear(4, 3)
criterion = nn.CrossEntropyLoss()


def step(x, y):
    return criterion(F.softmax(net(x), dim=1), y)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project whose model and loss stand in two files."""
    return Path(shutil.copytree(ROOT / "fixtures" / "two_files", tmp_path / "garden"))


@pytest.fixture
def client(project: Path) -> Iterator[Client]:
    with Client(project) as client:
        yield client


def test_a_finding_links_both_files(client: Client) -> None:
    client.open(TRAIN)
    (found,) = client.diagnostics(TRAIN)
    assert (found["code"], found["severity"], found["source"]) == ("LA101", 1, "lossadvisor")
    assert found["range"] == {"start": {"line": 19, "character": 29}, "end": {"line": 19, "character": 44}}
    assert "cannot fall below 1.461" in found["message"]
    assert found["codeDescription"]["href"].startswith("https://docs.pytorch.org/")
    cause = found["relatedInformation"][-1]
    assert cause["location"]["uri"] == client.uri(NET)
    assert cause["location"]["range"]["start"]["line"] == 20
    assert cause["message"] == "softmax makes probabilities"


def test_diagnostics_follow_what_is_typed_before_it_is_saved(client: Client) -> None:
    """The model is mended in an unsaved buffer; the finding in the other file goes away, and comes back."""
    client.open(TRAIN)
    client.open(NET)
    assert client.diagnostics(TRAIN, bool)
    text = (client.folder / NET).read_text()
    mended = text.replace("F.softmax(x, dim=1)", "x")
    assert mended != text
    client.change(NET, mended, 2)
    assert client.diagnostics(TRAIN, lambda found: not found) == []
    client.change(NET, text, 3)
    assert client.diagnostics(TRAIN, bool)
    assert (client.folder / NET).read_text() == text


def test_a_cause_in_the_only_open_file_shows_the_loss_in_the_closed_one(client: Client) -> None:
    client.open(NET)
    (found,) = client.diagnostics(TRAIN)
    assert found["code"] == "LA101"
    client.tell("textDocument/didClose", {"textDocument": {"uri": client.uri(NET)}})
    assert client.diagnostics(TRAIN, lambda found: not found) == []


def test_code_that_does_not_parse_yet(client: Client) -> None:
    client.open("a.py", SOFTMAX + "\ndef half(:\n")
    assert {found["code"] for found in client.diagnostics("a.py")} == {"LA101", "LA900"}


def test_hover(client: Client) -> None:
    client.open(TRAIN)
    client.open(NET)
    at_loss = client.hover(TRAIN, 19, 22)
    assert at_loss is not None
    text = at_loss["contents"]["value"]
    assert text.startswith("**torch.nn.CrossEntropyLoss**: LA101")
    assert "| `input` | logits over axis 1 | probabilities over axis 1 (float, shape (?, 10)) |" in text
    assert "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html" in text
    at_argument = client.hover(TRAIN, 19, 32)
    assert at_argument is not None
    assert at_argument["range"] == {"start": {"line": 19, "character": 29}, "end": {"line": 19, "character": 44}}
    text = at_argument["contents"]["value"]
    assert text.startswith("**probabilities over axis 1 (float, shape (?, 10))**")
    assert "wants logits over axis 1" in text
    assert "net.py:21" in text and "softmax makes probabilities" in text
    at_cause = client.hover(NET, 20, 20)
    assert at_cause is not None
    assert "train.py:20" in at_cause["contents"]["value"] and "LA101" in at_cause["contents"]["value"]
    assert client.hover(NET, 0, 0) is None


def test_hover_on_a_sound_loss_says_that_it_is_proved(client: Client) -> None:
    client.open("a.py", SOFTMAX.replace("F.softmax(net(x), dim=1)", "net(x)"))
    shown = client.hover("a.py", 8, 12)
    assert shown is not None
    assert "proved consistent" in shown["contents"]["value"]


def test_silencing(client: Client) -> None:
    client.open("a.py", SOFTMAX)
    line, character = 8, 25
    here, file = (action for action in client.actions("a.py", line, character) if action["title"].startswith("Silence"))
    silenced = applied(SOFTMAX, here["edit"]["changes"][client.uri("a.py")])
    assert silenced == SOFTMAX.replace("dim=1), y)", "dim=1), y)  # noqa: LA101")
    client.change("a.py", silenced, 2)
    assert client.diagnostics("a.py", lambda found: not found) == []
    whole = applied(SOFTMAX, file["edit"]["changes"][client.uri("a.py")])
    assert whole == "# lossadvisor: ignore-file[LA101]\n" + SOFTMAX
    assert client.actions("a.py", 0, 0) == []


def test_silencing_keeps_the_first_lines_and_other_codes(client: Client) -> None:
    text = "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n" + SOFTMAX.replace(", y)\n", ", y)  # noqa: E501 (long)\n")
    text = text.replace("def step", "名 = '𝔘'; \ndef step").replace("return", "'𝔘𝔘'; return")
    client.open("a.py", text)
    line = next(i for i, row in enumerate(text.split("\n")) if "return" in row)
    (found,) = client.diagnostics("a.py")
    assert found["range"]["start"] == {"line": line, "character": text.split("\n")[line].index("F.soft") + 2}
    menu = client.actions("a.py", line, found["range"]["start"]["character"])
    here, file = (action for action in menu if action["title"].startswith("Silence"))
    assert "# noqa: E501, LA101 (long)" in applied(text, here["edit"]["changes"][client.uri("a.py")])
    whole = applied(text, file["edit"]["changes"][client.uri("a.py")])
    assert whole.split("\n")[:3] == [*text.split("\n")[:2], "# lossadvisor: ignore-file[LA101]"]


def test_edits_carry_versions_where_the_editor_understands_them(project: Path) -> None:
    capabilities = {"workspace": {"workspaceEdit": {"documentChanges": True}}}
    with Client(project, capabilities=capabilities) as client:
        client.open("a.py", SOFTMAX)
        client.change("a.py", SOFTMAX + "\n", 7)
        action = client.actions("a.py", 8, 25)[0]
        (change,) = action["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": client.uri("a.py"), "version": 7}
        assert client.actions("a.py", 8, 25, only=["refactor"]) == []


def test_configuration_is_read_again(client: Client) -> None:
    client.open(TRAIN)
    assert client.diagnostics(TRAIN, bool)
    config = client.folder / "lossadvisor.toml"
    changed = {"changes": [{"uri": config.as_uri(), "type": 2}]}
    config.write_text("ignore = ['LA101']\n")
    client.tell("workspace/didChangeWatchedFiles", changed)
    assert client.diagnostics(TRAIN, lambda found: not found) == []
    config.write_text("ignroe = ['LA101']\n")
    client.tell("workspace/didChangeWatchedFiles", changed)
    assert client.diagnostics(TRAIN, bool)
    message = client.until("window/showMessage")["message"]
    assert "unknown key 'ignroe'" in message and "lossadvisor.toml" in message


def test_settings_of_the_editor(project: Path) -> None:
    with Client(project, options={"lossadvisor": {"ignore": ["LA101"]}}) as client:
        client.open(TRAIN)
        assert client.diagnostics(TRAIN) == []
        client.tell("workspace/didChangeConfiguration", {"settings": {"lossadvisor": {}}})
        assert client.diagnostics(TRAIN, bool)
        client.tell("workspace/didChangeConfiguration", {"settings": {"lossadvisor": {"min-confidence": "sure"}}})
        assert "min-confidence: must be one of" in client.until("window/showMessage")["message"]


def test_watches_the_files_it_depends_on(project: Path) -> None:
    capabilities = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}
    with Client(project, capabilities=capabilities) as client:
        wanted = client.until("client/registerCapability")["registrations"]
        assert [one["method"] for one in wanted] == ["workspace/didChangeWatchedFiles"]
        assert "lossadvisor.toml" in json.dumps(wanted)


def test_cells_of_a_notebook(client: Client) -> None:
    """Each cell is a text of its own; the finding is shown in the cell of the loss, its cause in another."""
    sources = ["# Title", "import torch.nn as nn\nnet = nn.Sequential(nn.Linear(4, 3), nn.Softmax(1))", "%time 1",
               "criterion = nn.CrossEntropyLoss()\ncriterion(net(x), y)"]  # fmt: skip
    cells = [f"vscode-notebook-cell:{client.folder}/n.ipynb#c{i}" for i in range(len(sources))]
    texts = [
        {"uri": uri, "languageId": "markdown" if i == 0 else "python", "version": 1, "text": source}
        for i, (uri, source) in enumerate(zip(cells, sources, strict=True))
    ]
    notebook = {
        "uri": client.uri("n.ipynb"), "notebookType": "jupyter-notebook", "version": 1,
        "cells": [{"kind": 1 if i == 0 else 2, "document": uri} for i, uri in enumerate(cells)],
    }  # fmt: skip
    client.tell("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": texts})
    params = client.until("textDocument/publishDiagnostics", lambda params: params["diagnostics"])
    assert params["uri"] == cells[3]
    (found,) = params["diagnostics"]
    assert (found["code"], found["range"]["start"]) == ("LA101", {"line": 1, "character": 10})
    assert found["relatedInformation"][-1]["location"]["uri"] == cells[1]
    place = {"textDocument": {"uri": cells[3]}, "position": {"line": 1, "character": 1}}
    assert "CrossEntropyLoss" in client.ask("textDocument/hover", place)["contents"]["value"]
    at = {"line": 1, "character": 11}
    asked = {"textDocument": {"uri": cells[3]}, "range": {"start": at, "end": at}, "context": {"diagnostics": []}}
    action = next(one for one in client.ask("textDocument/codeAction", asked) if "noqa" in one["title"])
    assert applied(sources[3], action["edit"]["changes"][cells[3]]).endswith("criterion(net(x), y)  # noqa: LA101")


def test_a_fence_of_markdown(client: Client) -> None:
    program = SOFTMAX.partition("def ")[0] + "criterion(F.softmax(net(x), dim=1), y)\n"
    text = "# Title\n\n1. First:\n\n  ```python\n" + "".join(f"  {row}\n" for row in program.splitlines()) + "  ```\n"
    client.open("guide.md", text)
    (found,) = client.diagnostics("guide.md")
    line, character = found["range"]["start"]["line"], found["range"]["start"]["character"]
    assert text.split("\n")[line][character:].startswith("F.softmax")
    assert client.hover("guide.md", line, character) is not None
    action = next(one for one in client.actions("guide.md", line, character) if "noqa" in one["title"])
    assert "y)  # noqa: LA101\n  ```" in applied(text, action["edit"]["changes"][client.uri("guide.md")])
    assert client.hover("guide.md", 0, 2) is None


def test_files_of_an_environment_are_left_alone(client: Client) -> None:
    path = client.folder / ".venv" / "lib" / "somebody.py"
    path.parent.mkdir(parents=True)
    path.write_text(SOFTMAX)
    client.open(".venv/lib/somebody.py")
    assert client.diagnostics(".venv/lib/somebody.py") == []


def test_leaves_when_told(project: Path) -> None:
    client = Client(project)
    client.open(TRAIN)
    assert client.close() == 0


def test_without_pygls_one_line_says_what_to_install(project: Path) -> None:
    code = "import sys; sys.modules['pygls'] = None; from lossadvisor.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "server"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr == "error: the language server needs pygls 2: pip install 'lossadvisor[server]'\n"
