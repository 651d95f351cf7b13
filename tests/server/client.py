"""A client of the language server protocol, as small as can be: JSON over the pipes of a process of its own."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds


class Client:
    """Starts the server in `folder`; use as a context manager."""

    def __init__(self, folder: Path, *, options: object = None, capabilities: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self._incoming: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._next = 0
        self.notes: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lossadvisor", "server", "--delay", "50"],
            cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        threading.Thread(target=self._listen, daemon=True).start()
        self._errors: list[bytes] = []
        threading.Thread(target=self._drain, daemon=True).start()
        self.capabilities = self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": folder.as_uri(),
                "capabilities": capabilities or {},
                "initializationOptions": options,
                "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name}],
            },
        )["capabilities"]
        self.tell("initialized", {})

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> int:
        """Say good-bye as the protocol wants it; the exit status of the server."""
        if self._process.poll() is None:
            self.ask("shutdown", None)
            self.tell("exit", None)
        try:
            return self._process.wait(20)
        finally:
            self._process.kill()

    # --- messages ----------------------------------------------------------------------------------------------

    def tell(self, method: str, params: object) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: object) -> Any:
        self._next += 1
        number = self._next
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        answer = self._wait(lambda message: message.get("id") == number and "method" not in message)
        assert "error" not in answer, answer
        return answer["result"]

    def until(self, method: str, right: Callable[[Any], bool] = lambda params: True) -> Any:
        """The parameters of the next notification of that name that is right, those seen before included, once."""
        for index, message in enumerate(self.notes):
            if message["method"] == method and right(message["params"]):
                del self.notes[: index + 1]
                return message["params"]
        self.notes.clear()
        found = self._wait(lambda message: message.get("method") == method and right(message["params"]))
        self.notes.clear()
        return found["params"]

    def _wait(self, right: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                message = self._incoming.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                message = None
            assert message is not None, f"no answer; notes: {self.notes}; errors: {b''.join(self._errors).decode()}"
            if "method" in message and "id" in message:
                self._send({"jsonrpc": "2.0", "id": message["id"], "result": None})
            if right(message):
                return message
            if "method" in message:
                self.notes.append(message)

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()) not in {b"\r\n", b""}:
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                self._incoming.put(None)
                return
            self._incoming.put(json.loads(stream.read(length)))

    def _drain(self) -> None:
        assert self._process.stderr is not None
        self._errors.extend(self._process.stderr)

    # --- what an editor does -----------------------------------------------------------------------------------

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def open(self, name: str, text: str | None = None) -> None:
        text = (self.folder / name).read_text(encoding="utf-8") if text is None else text
        item = {"uri": self.uri(name), "languageId": "python", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})

    def change(self, name: str, text: str, version: int) -> None:
        changes = [{"text": text}]
        document = {"uri": self.uri(name), "version": version}
        self.tell("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def diagnostics(self, name: str, right: Callable[[Any], bool] = lambda found: True) -> list[dict[str, Any]]:
        """The next diagnostics of the file that are right."""
        uri = self.uri(name)
        params = self.until(
            "textDocument/publishDiagnostics", lambda p: p["uri"] == uri and right(p["diagnostics"])
        )
        found: list[dict[str, Any]] = params["diagnostics"]
        return found

    def hover(self, name: str, line: int, character: int) -> dict[str, Any] | None:
        place = {"textDocument": {"uri": self.uri(name)}, "position": {"line": line, "character": character}}
        found: dict[str, Any] | None = self.ask("textDocument/hover", place)
        return found

    def actions(self, name: str, line: int, character: int, only: list[str] | None = None) -> list[dict[str, Any]]:
        at = {"line": line, "character": character}
        context: dict[str, Any] = {"diagnostics": []}
        if only is not None:
            context["only"] = only
        params = {"textDocument": {"uri": self.uri(name)}, "range": {"start": at, "end": at}, "context": context}
        found: list[dict[str, Any]] = self.ask("textDocument/codeAction", params)
        return found


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """The text after edits in UTF-16 units, as an editor applies them."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)

    def offset(place: dict[str, int]) -> int:
        line = lines[place["line"]] if place["line"] < len(lines) else ""
        units = line.encode("utf-16-le")[: place["character"] * 2]
        return starts[place["line"]] + len(units.decode("utf-16-le"))

    for edit in sorted(edits, key=lambda edit: offset(edit["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        text = text[:start] + edit["newText"] + text[end:]
    return text
