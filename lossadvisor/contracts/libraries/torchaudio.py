"""The transducer loss of torchaudio (2.11), as a module and as a function."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Shapes, Switch
from lossadvisor.contracts.naming import INTEGER
from lossadvisor.contracts.wants import Want

_CALL = "logits: input, targets: target, logit_lengths, target_lengths"
_NORMALISED = (Switch("fused_log_softmax", False, "input", Want.LOG_PROBABILITIES),)

_TRANSFORMS = Package(
    name="torchaudio",
    exports=("torchaudio.transforms",),
    root="torchaudio.transforms",
    source="https://docs.pytorch.org/audio/stable/generated/torchaudio.transforms.RNNTLoss.html",
)
_FUNCTIONAL = Package(
    name="torchaudio",
    exports=("torchaudio.functional",),
    root="torchaudio.functional",
    source="https://docs.pytorch.org/audio/stable/generated/torchaudio.functional.rnnt_loss.html",
)

TORCHAUDIO: tuple[Contract, ...] = (
    loss(
        _TRANSFORMS,
        "RNNTLoss",
        module="_transforms",
        constructor="blank=-1, clamp=-1.0, reduction='mean', fused_log_softmax=True",
        call=_CALL,
        family=Family.SEQUENCE,
        prediction=Want.LOGITS,
        target=Want.LABEL_SEQUENCE,
        axis=-1,
        target_dtypes=INTEGER,
        switches=_NORMALISED,
        value_range=(0.0, None),
        shapes=Shapes.SEQUENCE,
    ),
    loss(
        _FUNCTIONAL,
        "",
        module="functional",
        function="rnnt_loss",
        parameters=f"{_CALL}, blank=-1, clamp=-1, reduction='mean', fused_log_softmax=True",
        family=Family.SEQUENCE,
        prediction=Want.LOGITS,
        target=Want.LABEL_SEQUENCE,
        axis=-1,
        target_dtypes=INTEGER,
        switches=_NORMALISED,
        value_range=(0.0, None),
        shapes=Shapes.SEQUENCE,
    ),
)
