"""The same bytes out whatever the Python: the project of the determinism test checked by several interpreters.

    python -m tests.trust.versions python3.10 python3.12 /opt/python3.14/bin/python3

Each interpreter gets an environment of its own with the run-time lock (with hashes), runs with warnings as errors, and
must write what this one writes. With --suite the part of the tests that needs no torch is run by each, too.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .test_determinism import fill

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    ("check", "--no-cache", "--min-confidence", "possible", "--output-format", "json", "."),
    ("check", "--no-cache", "--select", "ALL", "--output-format", "full", "."),
    ("losses", "--no-cache", "--output-format", "json", "."),
)
# What runs without torch; the other tests compare with it, or install it.
SUITE = ("tests/architecture", "tests/cache", "tests/inference", "tests/rules/test_examples.py",
         "tests/rules/test_programs.py", "tests/false_alarms", "tests/trust/test_determinism.py",
         "tests/trust/test_hostile.py", "tests/trust/test_no_execution.py", "tests/trust/test_planted.py",
         "tests/outside/test_fixtures.py",
         "tests/outside/test_documents.py", "tests/outside/test_discovery.py", "tests/outside/test_reporters.py",
         "tests/outside/test_suppressions.py", "tests/outside/test_recovery.py", "tests/outside/test_config.py",
         "tests/contracts/test_libraries.py")  # fmt: skip


def written(python: str, project: Path) -> str:
    """The hash of all that the commands write, run by one interpreter with warnings as errors."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "PYTHONIOENCODING": "utf-8"}
    digest = hashlib.sha256()
    for command in COMMANDS:
        done = subprocess.run([python, "-m", "lossadvisor", *command], cwd=project, env=environment,
                              capture_output=True, check=False, timeout=600)  # fmt: skip
        if done.returncode not in (0, 1) or done.stderr:
            raise SystemExit(f"{python} {' '.join(command)}: status {done.returncode}\n{done.stderr.decode()}")
        digest.update(done.stdout)
    return digest.hexdigest()


def prepared(python: str, folder: Path, lock: str) -> str:
    """The interpreter of a new environment of that Python with the lock installed; it may be an environment already."""
    known = subprocess.run([python, "-c", "import libcst, click, pathspec, pytest, hypothesis"], capture_output=True,
                           check=False)  # fmt: skip
    if known.returncode == 0:
        return python
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    inside = str(folder / "bin" / "python")
    subprocess.run([inside, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock], cwd=ROOT, check=True)
    return inside


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pythons", nargs="+")
    parser.add_argument("--suite", action="store_true", help="run the tests that need no torch, too")
    chosen = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        project.mkdir()
        fill(project)
        expected = written(sys.executable, project)
        print(f"{sys.version.split()[0]}: {expected[:16]}", flush=True)
        lock = ".ci/lock.txt" if chosen.suite else ".ci/runtime-lock.txt"
        for number, python in enumerate(chosen.pythons):
            inside = prepared(python, Path(name) / f"environment{number}", lock)
            version = subprocess.run([inside, "-V"], capture_output=True, text=True, check=True).stdout.split()[1]
            found = written(inside, project)
            failed |= found != expected
            print(f"{version}: {found[:16]} {'the same' if found == expected else 'DIFFERS'}", flush=True)
            if chosen.suite:
                done = subprocess.run([inside, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITE], cwd=ROOT,
                                      capture_output=True, text=True, check=False,
                                      env={**os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
                failed |= done.returncode != 0
                rows = [row for row in done.stdout.splitlines() if row.startswith(("FAILED", "ERROR"))]
                print("\n".join([*rows, f"{version}: {(done.stdout.splitlines() or [done.stderr])[-1]}"]), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
