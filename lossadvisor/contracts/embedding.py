"""Contracts of the losses of torch.nn on distances and embeddings (measured on torch 2.13)."""

from __future__ import annotations

from lossadvisor.contracts.model import Autocast, Contract, Family, Mismatch, Operator, Parameter, Port, Shapes
from lossadvisor.contracts.naming import (
    DEPRECATED,
    FLOAT,
    INPUT,
    LEGACY,
    REDUCTION,
    TARGET,
    page,
    torch_class,
    torch_function,
)
from lossadvisor.contracts.wants import Want

P = Parameter
_PAIR = (P("input1", required=True), P("input2", required=True), TARGET)
_TRIPLET = (P("anchor", required=True), P("positive", required=True), P("negative", required=True))
_NORM = (P("eps", 1e-6), P("swap", False))
_TRIPLET_PORTS = (
    Port("anchor", Want.EMBEDDING, "prediction", dtypes=FLOAT),
    Port("positive", Want.EMBEDDING, "other", dtypes=FLOAT),
    Port("negative", Want.EMBEDDING, "other", dtypes=FLOAT),
)
_WITH_DISTANCE = (
    P("distance_function", keyword_only=True),
    P("margin", 1.0, keyword_only=True),
    P("swap", False, keyword_only=True),
    P("reduction", "mean", keyword_only=True),
)

EMBEDDING: tuple[Contract, ...] = (
    Contract(
        id="hinge_embedding",
        classes=torch_class("HingeEmbeddingLoss"),
        functionals=(*torch_function("hinge_embedding_loss"), "torch.hinge_embedding_loss"),
        constructor=(P("margin", 1.0), *LEGACY, REDUCTION),
        call=(INPUT, TARGET),
        function=(INPUT, TARGET, P("margin", 1.0), *LEGACY, REDUCTION),
        operators=(Operator("torch.hinge_embedding_loss", (INPUT, TARGET, P("margin", 1.0), P("reduction", 1))),),
        ports=(
            Port("input", Want.DISTANCE, "prediction", dtypes=FLOAT),
            Port("target", Want.SIGN_TARGET, "target"),
        ),
        source=page("HingeEmbeddingLoss"),
        family=Family.EMBEDDING,
        deprecated=DEPRECATED,
        mismatch=Mismatch.SILENT,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="cosine_embedding",
        classes=torch_class("CosineEmbeddingLoss"),
        functionals=(*torch_function("cosine_embedding_loss"), "torch.cosine_embedding_loss"),
        constructor=(P("margin", 0.0), *LEGACY, REDUCTION),
        call=_PAIR,
        function=(*_PAIR, P("margin", 0.0), *LEGACY, REDUCTION),
        operators=(Operator("torch.cosine_embedding_loss", (*_PAIR, P("margin", 0.0), P("reduction", 1))),),
        ports=(
            Port("input1", Want.EMBEDDING, "prediction", dtypes=FLOAT),
            Port("input2", Want.EMBEDDING, "other", dtypes=FLOAT),
            Port("target", Want.SIGN_TARGET, "target"),
        ),
        source=page("CosineEmbeddingLoss"),
        family=Family.EMBEDDING,
        deprecated=DEPRECATED,
        value_range=(0.0, 2.0),
        shapes=Shapes.ROWS,
        mismatch=Mismatch.RAISES,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="triplet_margin",
        classes=torch_class("TripletMarginLoss"),
        functionals=(*torch_function("triplet_margin_loss"), "torch.triplet_margin_loss"),
        constructor=(P("margin", 1.0), P("p", 2.0), *_NORM, *LEGACY, REDUCTION),
        call=_TRIPLET,
        function=(*_TRIPLET, P("margin", 1.0), P("p", 2), *_NORM, *LEGACY, REDUCTION),
        operators=(
            Operator(
                "torch.triplet_margin_loss",
                (*_TRIPLET, P("margin", 1.0), P("p", 2.0), *_NORM, P("reduction", 1)),
            ),
        ),
        ports=_TRIPLET_PORTS,
        source=page("TripletMarginLoss"),
        family=Family.EMBEDDING,
        deprecated=DEPRECATED,
        shapes=Shapes.TRIPLET,
        mismatch=Mismatch.SILENT,
        autocast=Autocast.FLOAT32,
    ),
    Contract(
        id="triplet_margin_with_distance",
        classes=torch_class("TripletMarginWithDistanceLoss"),
        functionals=torch_function("triplet_margin_with_distance_loss"),
        constructor=_WITH_DISTANCE,
        call=_TRIPLET,
        function=(*_TRIPLET, *_WITH_DISTANCE),
        ports=_TRIPLET_PORTS,
        source=page("TripletMarginWithDistanceLoss"),
        family=Family.EMBEDDING,
        shapes=Shapes.TRIPLET,
        mismatch=Mismatch.SILENT,
        autocast=Autocast.FLOAT32,
    ),
)
