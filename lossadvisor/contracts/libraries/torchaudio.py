"""The transducer loss of torchaudio (2.11)."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes, Switch
from lossadvisor.contracts.naming import INTEGER
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="torchaudio",
    exports=("torchaudio.functional", "torchaudio.transforms"),
    root="torchaudio",
    source="https://docs.pytorch.org/audio/stable/transforms.html",
)

TORCHAUDIO: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "RNNTLoss",
        constructor="blank=-1, clamp=-1.0, reduction='mean', fused_log_softmax=True",
        call="logits: input, targets: target, logit_lengths, target_lengths",
        function="rnnt_loss",
        parameters=(
            "logits: input, targets: target, logit_lengths, target_lengths, blank=-1, clamp=-1, reduction='mean', "
            "fused_log_softmax=True"
        ),
        family=Family.SEQUENCE,
        prediction=Want.LOGITS,
        target=Want.LABEL_SEQUENCE,
        axis=-1,
        target_dtypes=INTEGER,
        switches=(Switch("fused_log_softmax", False, "input", Want.LOG_PROBABILITIES),),
        value_range=(0.0, None),
        shapes=Shapes.SEQUENCE,
    ),
)
