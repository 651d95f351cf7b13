"""Fixes inside the fences of Markdown files."""

from __future__ import annotations

from pathlib import Path

import pytest
from programs import mended, write

from lossadvisor.findings import Edit
from lossadvisor.fixes.apply import StaleEdit
from lossadvisor.fixes.fenced import edited
from lossadvisor.values import Location, Span

LESSON = """\ufeff# Lesson

The output layer is a `softmax`:

```python
import torch.nn as nn

model = nn.Sequential(
    nn.Linear(784, 10),
    nn.Softmax(dim=1),
)
criterion = nn.CrossEntropyLoss()
```

~~~text
nn.Softmax(dim=1),
~~~

1. Train:

   ```py
   for images, labels in loader:
       loss = criterion(model(images), labels)
       loss.backward()
   ```
"""
MENDED = LESSON.replace("    nn.Linear(784, 10),\n    nn.Softmax(dim=1),\n)", "    nn.Linear(784, 10),\n)")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_layer_of_a_fence(newline: str, tmp_path: Path) -> None:
    write(tmp_path, {"lesson.md": LESSON.replace("\n", newline).encode()})
    done = mended(tmp_path)
    assert done.contents["lesson.md"].decode() == MENDED.replace("\n", newline)
    assert done.left == []


def test_a_safe_fix(tmp_path: Path) -> None:
    text = "```python\nimport torch\n\nz = torch.log(torch.sigmoid(x))\n```\n"
    write(tmp_path, {"a.md": text})
    after = mended(tmp_path, unsafe=False).contents["a.md"].decode()
    assert after.splitlines()[3] == "z = torch.nn.functional.logsigmoid(x)"


def _edit(cell: int, first: int, last: int, column: int = 1) -> Edit:
    return Edit(Span("a.md", cell, Location(first, 1), Location(last, column)), "")


def test_places_outside_of_the_fence() -> None:
    data = b"```python\na\nb\n```\n"
    assert edited(data, [_edit(1, 2, 3)]) == b"```python\na\n```\n"
    for edit in (_edit(2, 1, 1), _edit(1, 2, 3, 2), _edit(1, 0, 1), _edit(1, 2, 4)):
        with pytest.raises(StaleEdit):
            edited(data, [edit])
