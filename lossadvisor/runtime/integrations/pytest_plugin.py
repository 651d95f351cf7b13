"""The pytest fixture `loss_watch`: `def test_training(loss_watch): train(); assert loss_watch.report.findings == ()`.

Loaded by pytest wherever lossadvisor is installed, so nothing heavy is imported before the fixture is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lossadvisor.runtime.watching.watch import Watch


@pytest.fixture
def loss_watch() -> Iterator[Watch]:
    """A watch that looks at every loss call of the test; the test fails at the end if it found an error or warning.

    A test that expects findings reads `loss_watch.report` and then calls `loss_watch.expect("LA101", ...)`.
    """
    pytest.importorskip("torch", reason="loss_watch needs PyTorch: pip install 'lossadvisor[runtime]'")
    from lossadvisor.runtime.watching.watch import watch

    with watch(first=1, every=1, until=None) as watching:
        yield watching
    unexpected = [one for one in watching.report.findings if one.code not in watching.expected]
    missing = watching.expected - set(watching.report.codes)
    if missing:
        pytest.fail(f"loss_watch: expected {', '.join(sorted(missing))}, which did not show", pytrace=False)
    failing = [one for one in unexpected if one.severity.value != "note"]
    if failing:
        pytest.fail("loss_watch:\n" + "\n".join(one.text() for one in failing), pytrace=False)
