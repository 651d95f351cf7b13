"""The language server itself: what the protocol asks for, answered from the latest judgement."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
import traceback
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from lossadvisor import __version__
from lossadvisor.server.actions import FIX_ALL, Action, actions
from lossadvisor.server.buffers import open_buffers, versions
from lossadvisor.server.diagnostics import by_uri
from lossadvisor.server.hovering import hover
from lossadvisor.server.judging import Judgement, Overtaken, Snapshot, judge
from lossadvisor.server.pacing import Pace

PATIENCE = 10.0  # seconds that a hover or a menu waits for an analysis under way
_STACK = 64 * 1024 * 1024  # bytes; deep expressions recurse, and threads begin with little on some systems
_WATCHED = "**/{*.py,*.pyi,*.ipynb,pyproject.toml,lossadvisor.toml,.gitignore}"
_NOTEBOOKS = types.NotebookDocumentSyncOptions([
    types.NotebookDocumentFilterWithNotebook(
        "jupyter-notebook", cells=[types.NotebookCellLanguage("python"), types.NotebookCellLanguage("markdown")]
    ),
])  # fmt: skip


class Server(LanguageServer):
    """One connection to one editor. All state lives in the thread of the event loop."""

    def __init__(self, delay: float) -> None:
        super().__init__(
            "lossadvisor",
            __version__,
            text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
            notebook_document_sync=_NOTEBOOKS,
        )
        self.delay = delay
        self.leaving = False
        self.judgement = Judgement()
        self.table: Mapping[str, Any] = {}
        self._published: set[str] = set()
        self._told: tuple[str, ...] = ()
        self._pace: Pace | None = None
        threading.stack_size(_STACK)
        self._worker = ThreadPoolExecutor(1, "analysis")

    @property
    def pace(self) -> Pace:
        """Made on first use, when there is a loop to run in."""
        if self._pace is None:
            self._pace = Pace(self.delay, self._round)
        return self._pace

    async def _round(self) -> None:
        """Analyse what is open now, and publish it unless something was typed meanwhile.

        In a large project the files near the open ones are analysed first: what is found in the open files is shown
        at once, and made good by the analysis of the whole project.
        """
        mark = self.pace.mark()
        snapshot = Snapshot(
            open_buffers(self.workspace), versions(self.workspace), self.table, self.workspace.position_codec
        )
        for near in (True, False):
            judgement = await self._judged(snapshot, mark, near)
            if judgement is None or self.pace.overtaken(mark):
                return
            self.judgement = judgement
            self._publish()
            if judgement.whole:
                return
            await self.pace.known(mark)

    async def _judged(self, snapshot: Snapshot, mark: int, near: bool) -> Judgement | None:
        work = partial(judge, snapshot, lambda: self.leaving or self.pace.overtaken(mark), near=near)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, work)
        except Overtaken:
            return None
        except Exception as error:  # one file that breaks the analysis must not end the session
            traceback.print_exc(file=sys.stderr)
            self._log(f"lossadvisor itself failed: {error!r}", types.MessageType.Error)
            return None

    def _publish(self) -> None:
        found = by_uri(self.judgement)
        opened = self.workspace.text_documents
        said = opened.keys() if not self.judgement.whole else self._published | found.keys() | opened.keys()
        for uri in sorted(said):
            version = self.judgement.versions.get(uri) if uri in opened else None
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, found.get(uri, []), version)
            )
        self._published = set(found) if self.judgement.whole else self._published | (found.keys() & said)
        if self.judgement.complaints != self._told:
            self._told = self.judgement.complaints
            for line in self._told:
                shown = types.ShowMessageParams(types.MessageType.Error, f"lossadvisor: {line}")
                self.window_show_message(shown)
        for layout in self.judgement.layouts if self.judgement.whole else ():
            for line in (*layout.analysis.notices, *layout.analysis.report.problems):
                self._log(line, types.MessageType.Warning)

    def _log(self, line: str, kind: types.MessageType) -> None:
        self.window_log_message(types.LogMessageParams(kind, line))

    async def settled(self) -> bool:
        """Whether the judgement speaks of the texts as they are now; waits for it a while."""
        return await self.pace.settled(PATIENCE)


def serve(delay: float) -> None:
    """Speak the protocol over standard input and output until the editor says exit.

    `delay` is in seconds: how long nothing must be typed before the analysis begins.
    """
    server = Server(delay)
    _documents(server)
    _notebooks(server)
    _questions(server)
    _environment(server)
    protocol = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    sys.stdout = sys.stderr  # whatever else is printed must not get between the messages
    server.start_io(stdout=protocol)


def _documents(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.pace.touch(at_once=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.pace.touch()

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.pace.touch(at_once=True)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.pace.touch(at_once=True)


def _notebooks(server: Server) -> None:
    @server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenNotebookDocumentParams) -> None:
        server.pace.touch(at_once=True)

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeNotebookDocumentParams) -> None:
        server.pace.touch()

    @server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseNotebookDocumentParams) -> None:
        server.pace.touch(at_once=True)


def _questions(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hovered(params: types.HoverParams) -> types.Hover | None:
        await server.settled()
        for layout in server.judgement.layouts:
            spot = layout.spot(params.text_document.uri, params.position)
            shown = None if spot is None else hover(layout, spot)
            if shown is not None:
                content = types.MarkupContent(types.MarkupKind.Markdown, shown.text)
                return types.Hover(content, layout.range(shown.span))
        return None

    kinds = [types.CodeActionKind.QuickFix, FIX_ALL]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds))
    async def asked(params: types.CodeActionParams) -> list[types.CodeAction]:
        if not await server.settled():
            return []  # edits for an older text would land in the wrong place
        wanted = params.context.only
        return [
            _code_action(server, action)
            for layout in server.judgement.layouts
            for action in actions(layout, params.text_document.uri, params.range)
            if wanted is None or any(f"{action.kind}.".startswith(f"{kind}.") for kind in map(_text, wanted))
        ]


def _text(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def _code_action(server: Server, action: Action) -> types.CodeAction:
    edits: dict[str, list[types.TextEdit]] = {}
    for change in action.changes:
        edits.setdefault(change.uri, []).append(types.TextEdit(change.range, change.content))
    workspace = server.client_capabilities.workspace
    edit_support = None if workspace is None else workspace.workspace_edit
    if edit_support is not None and edit_support.document_changes:
        versioned = [
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri, server.judgement.versions.get(uri)), list(some)
            )
            for uri, some in edits.items()
        ]
        edit = types.WorkspaceEdit(document_changes=versioned)
    else:
        edit = types.WorkspaceEdit(changes=edits)
    return types.CodeAction(
        action.title,
        types.CodeActionKind(action.kind) if action.kind in types.CodeActionKind._value2member_map_ else action.kind,
        diagnostics=list(action.diagnostics) or None,
        is_preferred=action.preferred or None,
        edit=edit,
    )


def _environment(server: Server) -> None:
    @server.feature(types.INITIALIZED)
    def initialized(params: types.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        watching = None if workspace is None else workspace.did_change_watched_files
        if watching is not None and watching.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions([types.FileSystemWatcher(_WATCHED)])
            watch = types.Registration("lossadvisor-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            server.client_register_capability(types.RegistrationParams([watch]))

    @server.feature(types.INITIALIZE)
    def begun(params: types.InitializeParams) -> None:
        server.table = _own_table(params.initialization_options)

    @server.feature(types.SHUTDOWN)
    def ended(params: None) -> None:
        server.leaving = True

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(params: types.DidChangeConfigurationParams) -> None:
        server.table = _own_table(params.settings)
        server.pace.touch(at_once=True)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def touched(params: types.DidChangeWatchedFilesParams) -> None:
        server.pace.touch()


def _own_table(sent: object) -> Mapping[str, Any]:
    """What an editor sends: our keys, under `lossadvisor` or not; the keys are those of the configuration file."""
    table = _plain(sent)
    if isinstance(table, dict) and isinstance(table.get("lossadvisor"), dict):
        table = table["lossadvisor"]
    return table if isinstance(table, dict) else {}


def _plain(value: object) -> Any:
    """Objects that the protocol's library makes of JSON without a schema, as dictionaries and lists again."""
    if hasattr(value, "_asdict"):
        return {key: _plain(inner) for key, inner in value._asdict().items()}
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
