"""One thread for torch: the tensors are tiny, and threads waiting for each other would dominate the time."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
torch.set_num_threads(1)
