"""Contract of connectionist temporal classification (measured on torch 2.13)."""

from __future__ import annotations

from lossadvisor.contracts.model import Contract, Family, Mismatch, Operator, Parameter, Port, Shapes
from lossadvisor.contracts.naming import FLOAT, REDUCTION, page, torch_class, torch_function
from lossadvisor.contracts.wants import Want

P = Parameter
_CALL = (
    P("log_probs", required=True), P("targets", required=True), P("input_lengths", required=True),
    P("target_lengths", required=True),
)  # fmt: skip

SEQUENCE: tuple[Contract, ...] = (
    Contract(
        id="ctc",
        classes=torch_class("CTCLoss"),
        functionals=(*torch_function("ctc_loss"), "torch.ctc_loss"),
        constructor=(P("blank", 0), REDUCTION, P("zero_infinity", False)),
        call=_CALL,
        function=(*_CALL, P("blank", 0), REDUCTION, P("zero_infinity", False)),
        operators=(Operator("torch.ctc_loss", (*_CALL, P("blank", 0), P("reduction", 1), P("zero_infinity", False))),),
        ports=(
            Port("log_probs", Want.LOG_PROBABILITIES, "prediction", class_axis=-1, dtypes=FLOAT),
            Port("targets", Want.LABEL_SEQUENCE, "target"),
            Port("input_lengths", Want.ANY, "other"),
            Port("target_lengths", Want.ANY, "other"),
        ),
        source=page("CTCLoss"),
        family=Family.SEQUENCE,
        shapes=Shapes.SEQUENCE,
        mismatch=Mismatch.RAISES,
    ),
)
