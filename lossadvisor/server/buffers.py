"""What is open in the editor, taken out of the protocol's workspace at one moment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from lsprotocol import types
from pygls.uris import to_fs_path
from pygls.workspace import Workspace

from lossadvisor.late import dataclass


@dataclass(frozen=True, slots=True)
class Buffer:
    """One open file with the text that the editor has, saved or not.

    The text of a notebook is its JSON, built from the cells; `cells` are then the URIs of all its cells, in order.
    """

    uri: str
    path: Path
    text: str
    cells: tuple[str, ...] = ()


def open_buffers(workspace: Workspace) -> tuple[Buffer, ...]:
    """The open files that are files of this machine, in the order of their paths."""
    return tuple(sorted((*_notebooks(workspace), *_texts(workspace)), key=lambda buffer: buffer.path))


def versions(workspace: Workspace) -> dict[str, int | None]:
    """The version of every open text, by URI."""
    return {uri: document.version for uri, document in workspace.text_documents.items()}


def _texts(workspace: Workspace) -> Iterator[Buffer]:
    in_notebooks = {cell.document for notebook in workspace.notebook_documents.values() for cell in notebook.cells}
    for document in workspace.text_documents.values():
        path = _path(document.uri)
        if path is not None and document.uri not in in_notebooks:
            yield Buffer(document.uri, path, document.source)


def _notebooks(workspace: Workspace) -> Iterator[Buffer]:
    for notebook in workspace.notebook_documents.values():
        path = _path(notebook.uri)
        if path is None:
            continue
        uris = tuple(cell.document for cell in notebook.cells)
        cells = [
            {
                "cell_type": "code" if cell.kind is types.NotebookCellKind.Code else "markdown",
                "source": workspace.get_text_document(cell.document).source,
            }
            for cell in notebook.cells
        ]
        yield Buffer(notebook.uri, path, json.dumps({"cells": cells, "metadata": {}}), uris)


def _path(uri: str) -> Path | None:
    if not uri.startswith("file:"):
        return None  # a text that was never saved, or one behind a protocol of the editor's own
    path = to_fs_path(uri)
    return Path(path) if path else None
