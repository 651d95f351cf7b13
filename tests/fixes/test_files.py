"""What happens to the files: bytes, modes, links, kills, and edits that do not go together."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import mended, write

from lossadvisor.findings import Confidence, Edit, Finding, Fix, FixApplicability, Severity
from lossadvisor.fixes.apply import StaleEdit, compatible, edited
from lossadvisor.fixes.writing import WriteError, replace_all, target
from lossadvisor.values import Location, Span


def edit(row: int, start: int, end: int, content: str, name: str = "a.py") -> Edit:
    return Edit(Span(name, None, Location(row, start), Location(row, end)), content)


def finding(code: str, *edits: Edit) -> Finding:
    return Finding(
        code, "name", "message", Severity.ERROR, Confidence.CERTAIN, edits[0].span,
        fix=Fix(FixApplicability.SAFE, "message", edits),
    )  # fmt: skip


def test_bytes_outside_of_the_edit_stay() -> None:
    data = "\ufeff# é\r\nx = 'ü'\t# ä\r\n\r\ny\r\n".encode()
    assert edited(data, [edit(2, 5, 8, "a\nb")]) == "\ufeff# é\r\nx = a\r\nb\t# ä\r\n\r\ny\r\n".encode()


def test_the_declared_encoding_is_kept() -> None:
    data = "# coding: latin-1\nx = 'ü'\n".encode("latin-1")
    assert edited(data, [edit(2, 1, 2, "y")]) == "# coding: latin-1\ny = 'ü'\n".encode("latin-1")
    with pytest.raises(StaleEdit, match="iso8859-1"):
        edited(data, [edit(2, 1, 2, "λ")])


def test_places_that_are_gone() -> None:
    with pytest.raises(StaleEdit):
        edited(b"x\n", [edit(7, 1, 2, "y")])
    with pytest.raises(StaleEdit):
        edited(b"x\n", [edit(1, 1, 9, "y")])


LINES = st.lists(
    st.sampled_from(["", "x = 1", "\ty = 'é' # c", "# \u2028\x0c", "z = (1,", "  2)", '"""', "日本 = '\u0085'"]),
    max_size=8,
)


@given(LINES, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans(), st.data())
@settings(max_examples=150, deadline=None)
def test_everything_else_stays_byte_for_byte(rows: list[str], newline: str, mark: bool, data: st.DataObject) -> None:
    text = newline.join(rows) + newline
    raw = (b"\xef\xbb\xbf" if mark else b"") + text.encode()
    row = data.draw(st.integers(1, max(len(rows), 1)))
    line = rows[row - 1] if rows else ""
    start = data.draw(st.integers(1, len(line) + 1))
    end = data.draw(st.integers(start, len(line) + 1))
    after = edited(raw, [edit(row, start, end, "NEW")])
    before = sum(len((one + newline).encode()) for one in rows[: row - 1]) + 3 * mark
    first = before + len(line[: start - 1].encode())
    last = before + len(line[: end - 1].encode())
    assert after == raw[:first] + b"NEW" + raw[last:]


def test_of_overlapping_fixes_the_first_wins() -> None:
    one, two = finding("LA1", edit(1, 1, 5, "")), finding("LA2", edit(1, 4, 6, ""))
    apart = finding("LA3", edit(1, 6, 7, ""))
    assert compatible([one, two, apart]) == (one, apart)
    assert compatible([finding("LA1", edit(1, 1, 1, "a")), finding("LA2", edit(1, 1, 1, "b"))])[0].code == "LA1"
    assert len(compatible([finding("LA1", edit(1, 1, 1, "a")), finding("LA2", edit(1, 1, 1, "b"))])) == 1


def test_a_shared_edit_is_made_once() -> None:
    both = compatible([finding("LA1", edit(1, 1, 1, "i"), edit(2, 1, 2, "")), finding("LA2", edit(1, 1, 1, "i"))])
    assert len(both) == 2
    edits = [one for finding in both if finding.fix for one in finding.fix.edits]
    assert edited(b"a\nb\n", edits) == b"ia\n\n"


LOG = "import torch\nfrom torch import nn\nnet = nn.Linear(2, 2)\n\ndef f(x):\n"
LOG += "\treturn torch.log(torch.sigmoid(net(x)))\n"
MENDED = LOG.replace("torch.log(torch.sigmoid(net(x)))", "nn.functional.logsigmoid(net(x))")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_program_keeps_its_form(tmp_path: Path, newline: str, mark: bytes) -> None:
    write(tmp_path, {"a.py": mark + LOG.replace("\n", newline).encode()})
    assert mended(tmp_path).contents == {"a.py": mark + MENDED.replace("\n", newline).encode()}


NAMES = st.sampled_from(["net", "é", "模型"])


@given(name=NAMES, gap=st.sampled_from(["", " ", "\t", "\n        "]), comment=st.sampled_from(["", "  # é", "\t#x"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_the_expression_changes(tmp_path: Path, name: str, gap: str, comment: str) -> None:
    head = f"import torch\nimport torch.nn.functional as F\nfrom torch import nn\n{name} = nn.Linear(2, 2){comment}\n"
    text = f"{head}def f(x):\n    'é'; y = [{gap}torch.log(F.softmax({gap}{name}(x), dim=1)){gap}]{comment}\n"
    write(tmp_path, {"a.py": text})
    after = mended(tmp_path).contents["a.py"].decode()
    assert after == text.replace("torch.log(F.softmax(", "F.log_softmax(").replace("dim=1))", "dim=1)")


def test_the_mode_stays_and_no_other_file_is_left(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.py": "old"}) / "a.py"
    path.chmod(0o754)
    replace_all({path: b"new"})
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o754
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_failed_write_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"a.py": "old", "b.py": "old"})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match="No space left"):
        replace_all({tmp_path / "a.py": b"new", tmp_path / "b.py": b"new"})
    assert sorted(os.listdir(tmp_path)) == ["a.py", "b.py"]
    assert (tmp_path / "a.py").read_bytes() == (tmp_path / "b.py").read_bytes() == b"old"


KILLED = """
import os, sys
from pathlib import Path
from lossadvisor.fixes.writing import replace_all
calls = 0
def trace(frame, event, argument):
    global calls
    calls += 1
    if calls == int(sys.argv[2]):
        os._exit(9)
    return trace
path = Path(sys.argv[1])
sys.settrace(trace)
replace_all({path: b"new" * 100_000})
"""


def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    path = tmp_path / "a.py"
    seen = set()
    for moment in (1, 15, 30, 60, 100, 200, 400, 10**9):
        path.write_bytes(b"old" * 100_000)
        subprocess.run([sys.executable, "-c", KILLED, path, str(moment)], check=False, cwd=root)
        content = path.read_bytes()
        assert content in (b"old" * 100_000, b"new" * 100_000)
        seen.add(content[:3])
    assert seen == {b"old", b"new"}


def test_a_link_inside_the_project_is_followed(tmp_path: Path) -> None:
    write(tmp_path, {"real/a.py": "old"})
    link = tmp_path / "a.py"
    link.symlink_to(tmp_path / "real" / "a.py")
    replace_all({target(link, tmp_path): b"new"})
    assert link.is_symlink()
    assert (tmp_path / "real" / "a.py").read_bytes() == b"new"


@pytest.mark.parametrize("folder", [True, False])
def test_a_link_out_of_the_project_is_refused(tmp_path: Path, folder: bool) -> None:
    write(tmp_path, {"outside/a.py": "old", "project/b.py": ""})
    link = tmp_path / "project" / ("linked" if folder else "a.py")
    link.symlink_to(tmp_path / "outside" / ("" if folder else "a.py"))
    with pytest.raises(WriteError, match="symlink"):
        target(link / "a.py" if folder else link, tmp_path / "project")


def test_a_file_elsewhere_that_was_named_plainly_is_no_link(tmp_path: Path) -> None:
    write(tmp_path, {"outside/a.py": "old", "project/b.py": ""})
    assert target(tmp_path / "outside" / "a.py", tmp_path / "project") == (tmp_path / "outside" / "a.py").resolve()


def test_a_read_only_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.py": "old"}) / "a.py"
    path.chmod(0o444)
    with pytest.raises(WriteError, match="read-only"):
        target(path, tmp_path)
