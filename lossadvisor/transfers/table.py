"""The operations of PyTorch by name. Source of each row: the page of that name on docs.pytorch.org."""

from __future__ import annotations

from lossadvisor.transfers import graphs
from lossadvisor.transfers.model import (
    Affine,
    Becomes,
    Cast,
    CastBy,
    Clamped,
    Cut,
    Detached,
    Dropped,
    Effect,
    Layered,
    Made,
    Mapped,
    Normalised,
    Operation,
    Picked,
    Pooled,
    Reduced,
    Reshaped,
    Same,
    Selected,
)
from lossadvisor.values import Domain as D
from lossadvisor.values import Dtype

_F = "torch.nn.functional."
_X = ("input",)
_RESIZED = ("size", "scale_factor", "mode", "align_corners")
_XD = ("input", "dim", "keepdim", "dtype")

_LOG = Mapped(
    {
        D.PROBABILITIES: D.LOG_PROBABILITIES,
        D.UNIT_INTERVAL: D.LOG_UNIT_INTERVAL,
        D.ONE_HOT: D.LOG_PROBABILITIES,
    },
    D.UNKNOWN,
    floats=True,
)
_EXP = Mapped({D.LOG_PROBABILITIES: D.PROBABILITIES, D.LOG_UNIT_INTERVAL: D.UNIT_INTERVAL}, D.NON_NEGATIVE, floats=True)
_RECTIFY = Mapped(
    {
        D.PROBABILITIES: D.PROBABILITIES,
        D.UNIT_INTERVAL: D.UNIT_INTERVAL,
        D.ONE_HOT: D.ONE_HOT,
        D.MULTI_HOT: D.MULTI_HOT,
    },
    D.RECTIFIED,
)
_ABS = Mapped({D.PROBABILITIES: D.PROBABILITIES, D.UNIT_INTERVAL: D.UNIT_INTERVAL}, D.NON_NEGATIVE)
_SQUARE = Mapped({D.PROBABILITIES: D.UNIT_INTERVAL, D.UNIT_INTERVAL: D.UNIT_INTERVAL}, D.NON_NEGATIVE)
_SQRT = Mapped({D.UNIT_INTERVAL: D.UNIT_INTERVAL, D.PROBABILITIES: D.UNIT_INTERVAL}, D.NON_NEGATIVE, floats=True)
_POWER = Mapped({D.UNIT_INTERVAL: D.UNIT_INTERVAL, D.PROBABILITIES: D.UNIT_INTERVAL}, D.UNKNOWN)
# Continuous values without a lump at zero: dropout, ReLU and what is made of it have one, and sign(0) is 0.
_NEVER_ZERO = frozenset({D.SCORES, D.SIMILARITY, D.SIGNS})

# name -> (parameters, effect, sentence)
_ROWS: dict[str, tuple[tuple[str, ...], Effect, str | None]] = {
    "softmax": (("input", "dim", "_stacklevel", "dtype"), Normalised(D.PROBABILITIES), "softmax makes probabilities"),
    "softmin": (("input", "dim", "_stacklevel", "dtype"), Normalised(D.PROBABILITIES), "softmin makes probabilities"),
    "log_softmax": (
        ("input", "dim", "_stacklevel", "dtype"),
        Normalised(D.LOG_PROBABILITIES),
        "log_softmax makes log-probabilities",
    ),
    "gumbel_softmax": (
        ("logits", "tau", "hard", "eps", "dim"),
        Normalised(D.PROBABILITIES),
        "gumbel_softmax makes probabilities",
    ),
    "sigmoid": (_X, Becomes(D.UNIT_INTERVAL), "sigmoid maps each element to [0, 1]"),
    "hardsigmoid": (_X, Becomes(D.UNIT_INTERVAL), "hardsigmoid maps each element to [0, 1]"),
    "logsigmoid": (_X, Becomes(D.LOG_UNIT_INTERVAL), "logsigmoid makes log-probabilities per element"),
    "tanh": (_X, Becomes(D.SIGNED_UNIT), "tanh maps each element to [-1, 1]"),
    "hardtanh": (_X, Becomes(D.SIGNED_UNIT), "hardtanh maps each element to [-1, 1]"),
    "softsign": (_X, Becomes(D.SIGNED_UNIT), "softsign maps each element to [-1, 1]"),
    "relu": (_X, _RECTIFY, "relu cuts negative scores"),
    "relu6": (_X, _RECTIFY, "relu6 cuts negative scores"),
    "softplus": (_X, Becomes(D.NON_NEGATIVE), None),
    "elu": (_X, Becomes(D.REAL), None),
    "exp": (_X, _EXP, "exp turns log-probabilities into probabilities"),
    "expm1": (_X, Becomes(D.REAL), None),
    "log": (_X, _LOG, "log turns probabilities into log-probabilities"),
    "log1p": (_X, Becomes(D.REAL), None),
    # It undoes a sigmoid: what comes out is whatever went into that, which nobody has followed.
    "logit": (("input", "eps"), Mapped({D.UNIT_INTERVAL: D.REAL}, D.UNKNOWN), None),
    "abs": (_X, _ABS, None),
    "square": (_X, _SQUARE, None),
    "sqrt": (_X, _SQRT, None),
    "atan": (_X, Becomes(D.REAL), None),
    "pow": (("input", "exponent"), _POWER, None),
    "neg": (_X, Mapped({D.SCORES: D.SCORES, D.SIMILARITY: D.SIMILARITY}, D.UNKNOWN), None),
    "sin": (_X, Becomes(D.SIGNED_UNIT), None),
    "cos": (_X, Becomes(D.SIGNED_UNIT), None),
    "clamp": (("input", "min", "max"), Clamped(), "clamp bounds the values"),
    "dropout": (("input", "p", "training", "inplace"), Dropped(), "dropout zeroes elements at random"),
    "same": (_X, Same(), None),
    "reshaped": (_X, Reshaped(), None),
    "pooled": (_X, Pooled(), None),
    "resized": (("input", *_RESIZED), Pooled(), None),
    "detach": (_X, Detached(), "detach stops the gradient"),
    "argmax": (_XD, Picked(), "argmax gives class indices, without gradient"),
    "argmin": (_XD, Picked(), "argmin gives indices, without gradient"),
    "argsort": (("input", "dim", "descending"), Picked(), "argsort gives indices, without gradient"),
    "multinomial": (("input", "num_samples", "replacement"), Picked(), "multinomial draws indices, without gradient"),
    "bucketed": (("input", "boundaries"), Picked(), "the number of a bucket has no gradient"),
    "searched": (("sorted_sequence", "input"), Picked(), "a place in a sequence has no gradient"),
    "round": (_X, Cut(D.UNKNOWN, Dtype.FLOAT), "round has no gradient"),
    "floor": (_X, Cut(D.UNKNOWN, Dtype.FLOAT), "floor has no gradient"),
    "ceil": (_X, Cut(D.UNKNOWN, Dtype.FLOAT), "ceil has no gradient"),
    "sign": (_X, Cut(D.SIGNS, Dtype.FLOAT, _NEVER_ZERO), "sign has no gradient"),
    "compare": (("input", "other"), Cut(D.MULTI_HOT, Dtype.BOOL), "a comparison has no gradient"),
    "one_hot": (("tensor", "num_classes"), Picked(D.ONE_HOT), "one_hot makes integer one-hot rows"),
    "float": (_X, Cast(Dtype.FLOAT), "cast to a floating dtype"),
    "long": (_X, Cast(Dtype.INTEGER), "cast to an integer dtype"),
    "bool": (_X, Cast(Dtype.BOOL), "cast to bool"),
    "type_as": (("input", "other"), CastBy(), None),
    "to": (("input", "device", "dtype", "non_blocking", "copy"), CastBy(), None),
    "mean": (_XD, Reduced(), None),
    "sum": (_XD, Reduced(), None),
    "reduced": (_XD, Reduced(keeps_scores=False), None),
    "cumulated": (("input", "dim", "dtype"), Reduced(keeps_scores=False), None),
    "norm": (("input", "p", "dim", "keepdim"), Reduced(keeps_scores=False), None),
    "var": (("input", "dim", "unbiased", "keepdim"), Reduced(keeps_scores=False), None),
    "gather": (("input", "dim", "index"), Selected(), None),
    "take_along_dim": (("input", "indices", "dim"), Selected(), None),
    "masked_select": (("input", "mask"), Selected(), None),
    "narrow": (("input", "dim", "start", "length"), Selected(), None),
    "take": (("input", "index"), Selected(), None),
    "diagonal": (("input", "offset", "dim1", "dim2"), Selected(), None),
    "affine": (("input",), Affine(), None),
    "features": (("input",), Becomes(D.REAL), None),
    "embedded": (("input",), Made(D.REAL), None),
    "made": ((), Made(), None),
    # Random numbers stand in for whatever a test or an example needs: their range says nothing of their meaning.
    "random": ((), Made(), None),
    "random_integer": ((), Made(D.UNKNOWN, Dtype.INTEGER), None),
    "random_real": ((), Made(D.REAL), None),
    "arange": ((), Made(D.INDICES, Dtype.INTEGER), None),
    "cosine": (("input", "other", "dim", "eps"), Becomes(D.SIGNED_UNIT), "cosine similarity lies in [-1, 1]"),
    "matmul": (("input", "other"), Becomes(D.REAL), None),
}

OPERATIONS: dict[str, Operation] = {
    name: Operation(name, parameters, effect, says) for name, (parameters, effect, says) in _ROWS.items()
}


def _named(qualified: str, row: str) -> Operation:
    parameters, effect, says = _ROWS[row]
    return Operation(qualified, parameters, effect, says)


# row -> the functions that are it
_FUNCTION_NAMES: dict[str, tuple[str, ...]] = {
    "softmax": (_F + "softmax", "torch.softmax", "torch.special.softmax"),
    "softmin": (_F + "softmin",),
    "log_softmax": (_F + "log_softmax", "torch.log_softmax", "torch.special.log_softmax"),
    "gumbel_softmax": (_F + "gumbel_softmax",),
    "sigmoid": ("torch.sigmoid", _F + "sigmoid", "torch.special.expit"),
    "hardsigmoid": (_F + "hardsigmoid",),
    "logsigmoid": (_F + "logsigmoid",),
    "tanh": ("torch.tanh", _F + "tanh"),
    "hardtanh": (_F + "hardtanh",),
    "softsign": (_F + "softsign",),
    "relu": (_F + "relu", "torch.relu", _F + "relu_", "torch.relu_"),
    "relu6": (_F + "relu6",),
    "softplus": (_F + "softplus",),
    "elu": tuple(
        _F + name for name in ("elu", "selu", "celu", "leaky_relu", "prelu", "rrelu", "gelu", "silu", "mish",
                               "hardswish", "leaky_relu_", "elu_", "tanhshrink", "softshrink", "hardshrink")
    ),
    "exp": ("torch.exp",),
    "expm1": ("torch.expm1",),
    "log": ("torch.log",),
    "log1p": ("torch.log1p", "torch.log2", "torch.log10"),
    "logit": ("torch.logit", "torch.special.logit"),
    "abs": ("torch.abs", "torch.absolute"),
    "atan": ("torch.atan", "torch.arctan"),
    "square": ("torch.square",),
    "sqrt": ("torch.sqrt",),
    "pow": ("torch.pow",),
    "neg": ("torch.neg", "torch.negative"),
    "sin": ("torch.sin",),
    "cos": ("torch.cos",),
    "clamp": ("torch.clamp", "torch.clip"),
    "dropout": tuple(_F + name for name in ("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout")),
    "same": (
        "torch.clone", "torch.autograd.Variable", "torch.nn.Parameter", "torch.nn.parameter.Parameter",
        "torch.autograd.variable.Variable", "torch.atleast_1d", "torch.atleast_2d", "torch.nan_to_num",
    ),
    "reshaped": (
        "torch.reshape", "torch.squeeze", "torch.unsqueeze", "torch.flatten", "torch.transpose", "torch.permute",
        "torch.t", "torch.movedim", "torch.swapaxes",
        "torch.flip", "torch.roll", "torch.broadcast_to", "torch.repeat_interleave", "torch.tile",
        "torch.swapdims", "torch.moveaxis", "torch.unflatten", "torch.ravel",
    ),
    "pooled": (
        *(_F + name for name in ("avg_pool1d", "avg_pool2d", "avg_pool3d", "max_pool1d", "max_pool2d", "max_pool3d",
                                 "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d",
                                 "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")),
        _F + "pad", _F + "grid_sample",
    ),
    "resized": (_F + "interpolate", _F + "upsample", _F + "upsample_bilinear"),
    "detach": ("torch.detach",),
    "argmax": ("torch.argmax",),
    "argmin": ("torch.argmin",),
    "argsort": ("torch.argsort",),
    "multinomial": ("torch.multinomial",),
    "bucketed": ("torch.bucketize",),
    "searched": ("torch.searchsorted",),
    "round": ("torch.round", "torch.fix", "torch.trunc"),
    "floor": ("torch.floor",),
    "ceil": ("torch.ceil",),
    "sign": ("torch.sign", "torch.sgn"),
    "compare": ("torch.gt", "torch.ge", "torch.lt", "torch.le", "torch.eq", "torch.ne", "torch.isnan"),
    "one_hot": (_F + "one_hot",),
    "mean": ("torch.mean",),
    "sum": ("torch.sum",),
    "reduced": ("torch.prod", "torch.logsumexp"),
    "cumulated": ("torch.cumsum", "torch.cumprod"),
    "norm": ("torch.norm", "torch.linalg.norm"),
    "var": ("torch.var", "torch.std"),
    "gather": ("torch.gather", "torch.index_select", "torch.select"),
    "diagonal": ("torch.diagonal",),
    "take_along_dim": ("torch.take_along_dim",),
    "masked_select": ("torch.masked_select",),
    "narrow": ("torch.narrow",),
    "take": ("torch.take",),
    "affine": (_F + "linear", _F + "conv1d", _F + "conv2d", _F + "conv3d", _F + "bilinear", _F + "conv_transpose2d",
               _F + "conv_transpose1d", _F + "conv_transpose3d", "torch.addmm", "torch.baddbmm"),
    "embedded": (_F + "embedding", _F + "embedding_bag"),
    "features": (_F + "normalize", _F + "layer_norm", _F + "batch_norm", _F + "instance_norm",
                 _F + "group_norm"),
    "made": ("torch.zeros", "torch.ones", "torch.empty", "torch.full", "torch.zeros_like", "torch.ones_like",
             "torch.empty_like", "torch.full_like", "torch.eye", "torch.linspace"),
    "random": ("torch.rand", "torch.rand_like"),
    "random_integer": ("torch.randint", "torch.randperm", "torch.randint_like"),
    "arange": ("torch.arange",),
    "cosine": (_F + "cosine_similarity", "torch.cosine_similarity"),
    "matmul": ("torch.matmul", "torch.mm", "torch.bmm", "torch.einsum", "torch.mv", "torch.dot", "torch.baddbmm",
               "torch.outer", "torch.ger"),
    "random_real": ("torch.randn", "torch.randn_like", "torch.normal"),
}

FUNCTIONS: dict[str, Operation] = {
    qualified: _named(qualified, row) for row, names in _FUNCTION_NAMES.items() for qualified in names
}

_METHODS: dict[str, str] = {
    "softmax": "softmax", "log_softmax": "log_softmax", "sigmoid": "sigmoid sigmoid_", "tanh": "tanh tanh_",
    "relu": "relu relu_", "exp": "exp exp_", "log": "log log_", "log1p": "log1p log2 log10", "logit": "logit",
    "abs": "abs abs_ absolute", "atan": "atan arctan", "square": "square",
    "sqrt": "sqrt", "pow": "pow pow_", "neg": "neg negative",
    "clamp": "clamp clip clamp_ clip_",
    "same": "clone contiguous cuda cpu pin_memory requires_grad_ retain_grad coalesce to_dense nan_to_num"
            " share_memory_ as_subclass xpu mps resolve_conj rename refine_names",
    "reshaped": "view reshape squeeze unsqueeze flatten transpose permute t expand expand_as repeat view_as reshape_as"
                " resize"  # of old releases: a view
                " movedim swapaxes unflatten squeeze_ unsqueeze_ transpose_ flip roll"
                " repeat_interleave tile swapdims unfold ravel moveaxis",
    "detach": "detach detach_",
    "argmax": "argmax", "argmin": "argmin", "argsort": "argsort", "multinomial": "multinomial",
    "round": "round round_ trunc", "floor": "floor floor_", "ceil": "ceil", "sign": "sign",
    "compare": "gt ge lt le eq ne isnan",
    "float": "float double half bfloat16", "long": "long int short byte char", "bool": "bool",
    "to": "to type", "type_as": "type_as", "mean": "mean", "sum": "sum",
    "reduced": "prod logsumexp", "cumulated": "cumsum cumprod", "norm": "norm", "var": "var std",
    "gather": "gather index_select select", "diagonal": "diagonal", "take_along_dim": "take_along_dim",
    "masked_select": "masked_select", "narrow": "narrow", "take": "take",
    "matmul": "matmul mm bmm mv dot outer ger",
    "made": "new_zeros new_ones new_empty new_full zero_ fill_ normal_ uniform_",
}
METHODS: dict[str, Operation] = {
    method: _named("torch.Tensor." + method, row) for row, names in _METHODS.items() for method in names.split()
}

_LINEAR = ("in_features", "out_features", "bias")
_CONV = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias")
_CONV_TRANSPOSE = (*_CONV[:5], "output_padding", "groups", "bias", "dilation")
_NORM = ("num_features", "eps", "momentum", "affine")


def _layer(name: str, row: str, constructor: tuple[str, ...] = (), effect: Effect | None = None) -> Layered:
    parameters, listed, says = _ROWS[row]
    return Layered(Operation("torch.nn." + name, parameters, effect or listed, says), constructor)


_LAYER_ROWS: dict[str, Layered] = {
    "Softmax": _layer("Softmax", "softmax", ("dim",)),
    "Softmin": _layer("Softmin", "softmin", ("dim",)),
    "LogSoftmax": _layer("LogSoftmax", "log_softmax", ("dim",)),
    "Softmax2d": _layer("Softmax2d", "softmax", (), None),
    "Sigmoid": _layer("Sigmoid", "sigmoid"),
    "Hardsigmoid": _layer("Hardsigmoid", "hardsigmoid"),
    "LogSigmoid": _layer("LogSigmoid", "logsigmoid"),
    "Tanh": _layer("Tanh", "tanh"),
    "Hardtanh": _layer("Hardtanh", "hardtanh"),
    "Softsign": _layer("Softsign", "softsign"),
    "ReLU": _layer("ReLU", "relu", ("inplace",)),
    "ReLU6": _layer("ReLU6", "relu6", ("inplace",)),
    "Softplus": _layer("Softplus", "softplus"),
    **{name: _layer(name, "elu") for name in ("ELU", "SELU", "CELU", "LeakyReLU", "PReLU", "RReLU", "GELU", "SiLU",
                                               "Mish", "Hardswish", "Tanhshrink", "Softshrink", "Hardshrink",
                                               "GLU", "Threshold")},
    **{name: _layer(name, "dropout", ("p", "inplace")) for name in ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d",
                                                                     "AlphaDropout", "FeatureAlphaDropout")},
    "Identity": _layer("Identity", "same"),
    "Flatten": _layer("Flatten", "reshaped", ("start_dim", "end_dim")),
    "Unflatten": _layer("Unflatten", "reshaped", ("dim", "unflattened_size")),
    **{name: _layer(name, "reshaped") for name in ("PixelShuffle", "PixelUnshuffle", "Fold", "Unfold")},
    **{name: _layer(name, "pooled") for name in (
        "AvgPool1d", "AvgPool2d", "AvgPool3d", "MaxPool1d", "MaxPool2d", "MaxPool3d", "AdaptiveAvgPool1d",
        "AdaptiveAvgPool2d", "AdaptiveAvgPool3d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d", "AdaptiveMaxPool3d",
        "LPPool1d", "LPPool2d", "UpsamplingBilinear2d", "UpsamplingNearest2d", "ZeroPad2d",
        "ReflectionPad2d", "ReplicationPad2d", "ConstantPad2d", "ZeroPad1d", "FractionalMaxPool2d")},
    "Upsample": _layer("Upsample", "resized", _RESIZED),
    "Linear": _layer("Linear", "affine", _LINEAR, Affine("out_features")),
    "LazyLinear": _layer("LazyLinear", "affine", ("out_features", "bias"), Affine("out_features")),
    "Bilinear": _layer("Bilinear", "affine", ("in1_features", "in2_features", "out_features"), Affine("out_features")),
    **{name: _layer(name, "affine", _CONV, Affine("out_channels")) for name in (
        "Conv1d", "Conv2d", "Conv3d")},
    **{name: _layer(name, "affine", _CONV_TRANSPOSE, Affine("out_channels")) for name in (
        "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d")},
    **{name: _layer(name, "affine", ("out_channels",), Affine("out_channels")) for name in (
        "LazyConv1d", "LazyConv2d", "LazyConv3d", "LazyConvTranspose2d")},
    **{name: _layer(name, "features", _NORM) for name in (
        "BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm",
        "InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d")},
    **{name: _layer(name, "features") for name in (
        "LazyBatchNorm1d", "LazyBatchNorm2d", "GroupNorm", "LayerNorm", "RMSNorm", "LocalResponseNorm",
        "TransformerEncoder", "TransformerDecoder",
        "TransformerEncoderLayer", "TransformerDecoderLayer", "Transformer")},
    # What an embedding returns are its own weights; its indices only choose among them.
    **{name: _layer(name, "embedded", ("num_embeddings", "embedding_dim")) for name in ("Embedding", "EmbeddingBag")},
    "CosineSimilarity": _layer("CosineSimilarity", "cosine", ("dim", "eps")),
}

LAYERS: dict[str, Layered] = {}
_MODULES = {
    "activation": ("Softmax Softmin LogSoftmax Softmax2d Sigmoid Hardsigmoid LogSigmoid Tanh Hardtanh Softsign ReLU"
                   " ReLU6 Softplus ELU GELU LeakyReLU"),
    "linear": "Linear Identity Bilinear",
    "dropout": "Dropout Dropout2d",
    "conv": "Conv1d Conv2d Conv3d",
}
for _name, _row in _LAYER_ROWS.items():
    LAYERS["torch.nn." + _name] = _row
for _module, _names in _MODULES.items():
    for _name in _names.split():
        LAYERS[f"torch.nn.modules.{_module}.{_name}"] = _LAYER_ROWS[_name]
LAYERS.update(graphs.LAYERS)
FUNCTIONS.update(graphs.FUNCTIONS)
for _name in graphs.LAYERS:
    for _module in ("conv", "models", "dense"):
        LAYERS[_name.replace(graphs.PACKAGE, f"{graphs.PACKAGE}{_module}.")] = graphs.LAYERS[_name]
