"""Loss functions of transformers (5.23); models call them when labels are given, and hand out logits."""

from __future__ import annotations

from lossadvisor.contracts.libraries.rows import Package, loss
from lossadvisor.contracts.model import Contract, Family, Port, Shapes
from lossadvisor.contracts.naming import FLOAT, INTEGER
from lossadvisor.contracts.wants import Want

_PACKAGE = Package(
    name="transformers",
    exports=("transformers.loss",),
    root="transformers",
    source="https://github.com/huggingface/transformers/tree/main/src/transformers/loss",
)

TRANSFORMERS: tuple[Contract, ...] = (
    loss(
        _PACKAGE,
        "",
        module="loss.loss_utils",
        function="fixed_cross_entropy",
        parameters="source: input, target, num_items_in_batch=None, ignore_index=-100",
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES_OR_PROBABILITIES,
        axis=1,
        value_range=(0.0, None),
        shapes=Shapes.CLASSES_OR_EQUAL,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_utils",
        function="ForCausalLMLoss",
        parameters=(
            "logits: input, labels: target, vocab_size, num_items_in_batch=None, ignore_index=-100, shift_labels=None"
        ),
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=-1,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_utils",
        function="ForMaskedLMLoss",
        parameters="logits: input, labels: target, vocab_size, num_items_in_batch=None, ignore_index=-100",
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=-1,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_utils",
        function="ForTokenClassification",
        parameters="logits: input, labels: target, config",
        family=Family.CROSS_ENTROPY,
        plain=True,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=-1,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_utils",
        function="ForSequenceClassificationLoss",
        parameters="labels: target, pooled_logits: input, config",
        family=Family.CROSS_ENTROPY,
        prediction=Want.ANY,
        target=Want.ANY,
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_utils",
        function="ForQuestionAnsweringLoss",
        parameters="start_logits: input, end_logits, start_positions: target, end_positions",
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=-1,
        target_dtypes=INTEGER,
        others=(Port("end_logits", Want.LOGITS, "other", -1), Port("end_positions", Want.CLASS_INDICES, "other")),
        value_range=(0.0, None),
        shapes=Shapes.ROWS,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_utils",
        function="ForSemanticSegmentationLoss",
        parameters=(
            "logits: input, labels: target, ignore_index=255, num_items_in_batch=None, auxiliary_logits=None, "
            "auxiliary_loss_weight=0.4"
        ),
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.CLASS_INDICES,
        axis=1,
        target_dtypes=INTEGER,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_ctc",
        function="ForCTCLoss",
        parameters=(
            "logits: input, labels: target, logit_lengths, blank_token_id, reduction='mean', zero_infinity=False, "
            "ignore_index=-100"
        ),
        family=Family.SEQUENCE,
        prediction=Want.LOGITS,
        target=Want.LABEL_SEQUENCE,
        axis=-1,
        value_range=(0.0, None),
        shapes=Shapes.SEQUENCE,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_for_object_detection",
        function="sigmoid_focal_loss",
        parameters="inputs: input, targets: target, num_boxes, alpha=0.25, gamma=2",
        family=Family.FOCAL,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        target_dtypes=FLOAT,
        reduction="own",
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_for_object_detection",
        function="dice_loss",
        parameters="inputs: input, targets: target, num_boxes",
        family=Family.OVERLAP,
        plain=True,
        prediction=Want.BINARY_LOGITS,
        target=Want.UNIT_TARGET,
        reduction="own",
        value_range=(0.0, None),
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_for_object_detection",
        function="ForObjectDetectionLoss",
        parameters=(
            "logits: input, labels: target, device, pred_boxes, config, outputs_class=None, outputs_coord=None"
        ),
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.ANY,
        axis=-1,
        reduction="own",
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_for_object_detection",
        function="ForSegmentationLoss",
        parameters=(
            "logits: input, labels: target, device, pred_boxes, pred_masks, config, outputs_class=None, "
            "outputs_coord=None"
        ),
        family=Family.CROSS_ENTROPY,
        prediction=Want.LOGITS,
        target=Want.ANY,
        axis=-1,
        reduction="own",
        shapes=Shapes.OWN,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_rnnt",
        function="ParakeetForRNNTLoss",
        parameters=(
            "logits: input, labels: target, logit_lengths, label_lengths, blank_token_id, reduction='mean_volume'"
        ),
        family=Family.SEQUENCE,
        prediction=Want.LOGITS,
        target=Want.LABEL_SEQUENCE,
        axis=-1,
        reduction="own",
        shapes=Shapes.SEQUENCE,
    ),
    loss(
        _PACKAGE,
        "",
        module="loss.loss_tdt",
        function="ParakeetForTDTLoss",
        parameters=(
            "token_logits: input, duration_logits, labels: target, logit_lengths, label_lengths, blank_token_id, "
            "durations, sigma=0.0, reduction='mean'"
        ),
        family=Family.SEQUENCE,
        prediction=Want.LOGITS,
        target=Want.LABEL_SEQUENCE,
        axis=-1,
        reduction="own",
        shapes=Shapes.SEQUENCE,
    ),
    loss(
        _PACKAGE,
        "LabelSmoother",
        module="trainer_pt_utils",
        constructor="epsilon=0.1, ignore_index=-100",
        call="model_output: input, labels: target, shift_labels=False, num_items_in_batch=None",
        family=Family.CROSS_ENTROPY,
        prediction=Want.ANY,
        target=Want.CLASS_INDICES,
        value_range=(0.0, None),
        shapes=Shapes.OWN,
    ),
)
