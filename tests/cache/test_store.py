"""The folder of the cache: whole entries or none, and never a reason to fail."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from lossadvisor.cache import Store, clean
from lossadvisor.cache.folder import MOST


def test_an_entry_comes_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "cache")
    assert store.read("a") is None
    assert store.write("a", b"one")
    assert store.write("a", b"two")
    assert store.read("a") == b"two"
    assert (store.folder / ".gitignore").read_text() == "*\n"
    assert (store.folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


@pytest.mark.parametrize("damage", [lambda d: d[:-1], lambda d: b"", lambda d: d[:10], lambda d: d + b"x"])
def test_a_damaged_entry_is_none(tmp_path: Path, damage: object) -> None:
    store = Store(tmp_path)
    store.write("a", b"some body")
    (file,) = tmp_path.glob("*.run")
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    assert store.read("a") is None
    assert store.write("a", b"new") and store.read("a") == b"new"


def test_a_flipped_bit_is_seen(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write("a", b"some body")
    (file,) = tmp_path.glob("*.run")
    data = bytearray(file.read_bytes())
    for at in range(len(data)):
        file.write_bytes(bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]]))
        assert store.read("a") is None


def test_no_folder_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store(tmp_path / "file" / "cache")
    assert not store.write("a", b"x")
    assert store.read("a") is None


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    store.write("a", b"old")

    def full(source: str, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert not store.write("a", b"new")
    assert store.read("a") == b"old"
    assert not list(tmp_path.glob("*.part"))


def test_old_entries_make_room(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for number in range(MOST + 5):
        store.write(f"{number:04}", b"x")
        os.utime(tmp_path / f"{number:04}.run", ns=(number, number))
    store.write("last", b"x")
    left = {file.stem for file in tmp_path.glob("*.run")}
    assert len(left) == MOST and "last" in left and "0000" not in left


def test_writers_and_readers_at_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    bodies = {bytes([65 + number]) * 50_000 for number in range(4)}
    seen: set[bytes | None] = set()

    def write(body: bytes) -> None:
        for _ in range(20):
            store.write("a", body)

    def read() -> None:
        for _ in range(60):
            seen.add(store.read("a"))

    threads = [threading.Thread(target=write, args=(body,)) for body in bodies] + [threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen - {None} <= bodies
    assert store.read("a") in bodies


def test_clean_touches_only_its_own(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "a.run").write_text("precious")
    assert clean(foreign) is None and (foreign / "a.run").exists()
    store = Store(tmp_path / "cache")
    store.write("a", b"x")
    (store.folder / "notes.txt").write_text("mine")
    cleaned = clean(store.folder)
    assert cleaned is not None and cleaned.entries == 1 and len(cleaned.left) == 1
    assert [entry.name for entry in store.folder.iterdir()] == ["notes.txt"]
    assert clean(tmp_path / "nowhere") is None
