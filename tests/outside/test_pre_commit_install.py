"""The hook as its users get it: pre-commit clones this repository and builds the hook's environment itself."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import yaml
from publishing import ROOT, WHO, committed, need_index, published, run


def test_the_hook_installs_without_torch_and_stops_a_commit(tmp_path: Path) -> None:
    need_index(tmp_path)
    (readme,) = (
        block for text in (ROOT / "README.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
        if "repos" in (block := yaml.safe_load(text.split("```")[0]))
    )  # fmt: skip
    readme["repos"][0] |= {"repo": str(tmp_path / "lossadvisor"), "rev": published(tmp_path / "lossadvisor")}
    project = Path(shutil.copytree(ROOT / "fixtures" / "two_files", tmp_path / "garden"))
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(readme))
    committed(project)
    kept = {"PRE_COMMIT_HOME": str(tmp_path / "kept")}
    installed = run(sys.executable, "-m", "pre_commit", "install", "--install-hooks", cwd=project, **kept)
    assert installed.returncode == 0, installed.stdout + installed.stderr

    net = project / "src" / "garden" / "net.py"
    net.write_text(net.read_text() + "\n# one more line\n")
    done = run("git", *WHO, "commit", "-am", "change the model", cwd=project, **kept)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "src/garden/train.py:20:30: LA101" in said
    assert "src/garden/net.py:21" in said

    net.write_text(net.read_text().replace("F.softmax(x, dim=1)", "x"))
    done = run("git", *WHO, "commit", "-am", "return the logits", cwd=project, **kept)
    assert done.returncode == 0, done.stdout + done.stderr

    (python,) = (tmp_path / "kept").glob("repo*/py_env-*/bin/python")
    listed = run(str(python), "-m", "pip", "list", "--format", "freeze", cwd=tmp_path)
    names = {line.partition("==")[0].lower() for line in listed.stdout.splitlines()}
    assert {"lossadvisor", "libcst", "click", "pathspec"} <= names, listed.stdout + listed.stderr
    assert not {name for name in names if name.startswith(("torch", "nvidia", "numpy"))}
