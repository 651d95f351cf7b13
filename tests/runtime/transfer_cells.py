"""How each operation of the transfer table is called, and the tensors it is called on."""

from __future__ import annotations

from lossadvisor.transfers import FUNCTIONS, LAYERS, METHODS

HEADER = """import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
rows = torch.randn(16, 4)
series = torch.randn(4, 4, 8)
image = torch.randn(4, 4, 8, 8)
volume = torch.randn(2, 4, 4, 4, 4)
labels = torch.randint(0, 4, (16,))
columns = torch.randint(0, 4, (16, 1))
mask = torch.rand(16, 4) > 0.5
"""
# The tensors that x stands for, by how many places it has behind its channels.
SOURCES = {0: "nn.Linear(4, 4)(rows)", 1: "nn.Conv1d(4, 4, 1)(series)", 2: "nn.Conv2d(4, 4, 1)(image)",
           3: "nn.Conv3d(4, 4, 1)(volume)"}  # fmt: skip
PRODUCERS = (
    "z", "torch.tanh(z)", "F.relu(z)", "z.square()", "F.softmax(z, dim=1)", "F.log_softmax(z, dim=1)",
    "torch.sigmoid(z)", "F.logsigmoid(z)", "(z > 0).double()", "torch.sign(z)", "F.dropout(z, 0.5)",
    "F.dropout(F.softmax(z, dim=1), 0.5)",
)
FLAT_PRODUCERS = ("F.one_hot(z.argmax(dim=1), 4).double()",)

# Arguments beside the input by the last part of the name; "" calls it alone.
_ARGUMENTS: dict[str, str] = {
    **dict.fromkeys(("softmax", "log_softmax", "softmin", "Softmax", "LogSoftmax", "Softmin"), "dim=1"),
    **dict.fromkeys(("gumbel_softmax",), "dim=1"),
    **dict.fromkeys(("argmax", "argmin", "argsort", "sum", "mean", "norm", "var", "std", "prod", "logsumexp", "cumsum",
                     "cumprod"), "dim=1"),
    **dict.fromkeys(("clamp", "clip", "clamp_", "clip_"), "min=0, max=1"),
    **dict.fromkeys(("pow", "pow_"), "2"),
    **dict.fromkeys(("gt", "ge", "lt", "le", "eq", "ne"), "0.5"),
    **dict.fromkeys(("gather", "take_along_dim"), "1, columns"),
    "gather": "1, columns", "take_along_dim": "columns, 1", "masked_select": "mask",
    "index_select": "1, torch.tensor([0, 2])", "narrow": "1, 0, 2", "select": "1, 0", "take": "torch.tensor([0, 3])",
    "multinomial": "2", "searchsorted": "rows", "bucketize": "torch.tensor([0.0, 0.5])", "prelu": "torch.tensor(0.25)",
    "reshape": "8, 8", "view": "8, 8", "resize": "8, 8", "unsqueeze": "1", "unsqueeze_": "1", "transpose": "0, 1",
    "transpose_": "0, 1", "swapaxes": "0, 1", "swapdims": "0, 1", "movedim": "0, 1", "moveaxis": "0, 1", "flip": "(0,)",
    "roll": "1, 0",
    "repeat_interleave": "2, dim=0", "unflatten": "1, (2, 2)", "expand": "16, 4", "expand_as": "rows",
    "view_as": "rows", "reshape_as": "rows", "repeat": "2, 1", "unfold": "1, 2, 1", "tile": "(2, 1)",
    "permute": "1, 0", "broadcast_to": "(2, 16, 4)", "to": "torch.float64", "type": "torch.float64",
    "type_as": "rows",
    "new_full": "(2, 4), 1.0", "fill_": "0.5", "as_subclass": "torch.Tensor",
    "new_zeros": "(2, 4)", "new_ones": "(2, 4)", "new_empty": "(2, 4)", "full_like": "0.5", "randint_like": "3",
    "normalize": "", "layer_norm": "(4,)", "batch_norm": "torch.zeros(4), torch.ones(4)", "group_norm": "2",
    "matmul": "torch.randn(4, 3)", "mm": "torch.randn(4, 3)", "mv": "torch.randn(4)", "cosine_similarity": "rows",
    "linear": "torch.randn(3, 4)", "bilinear": "rows, torch.randn(3, 4, 4)", "pad": "(1, 1)", "Threshold": "0.0, 0.0",
    "interpolate": "scale_factor=2.0, mode='bilinear', align_corners=False", "upsample": "scale_factor=2.0",
    "upsample_bilinear": "scale_factor=2", "Upsample": "scale_factor=2.0", "UpsamplingBilinear2d": "scale_factor=2",
    "UpsamplingNearest2d": "scale_factor=2", "grid_sample": "torch.zeros(4, 2, 2, 2), align_corners=False",
    "Flatten": "", "Unflatten": "1, (2, 2)", "PixelShuffle": "2", "PixelUnshuffle": "2", "Fold": "(3, 3), 2",
    "Unfold": "2", "LPPool1d": "2, 2", "LPPool2d": "2, 2", "ZeroPad1d": "1", "ZeroPad2d": "1", "ReflectionPad2d": "1",
    "ReplicationPad2d": "1", "ConstantPad2d": "1, 0.0", "FractionalMaxPool2d": "2, output_ratio=0.5", "Linear": "4, 3",
    "LazyLinear": "3", "Bilinear": "4, 4, 3", "GroupNorm": "2, 4", "LayerNorm": "4", "RMSNorm": "4",
    "LocalResponseNorm": "2", "TransformerEncoderLayer": "4, 2", "TransformerDecoderLayer": "4, 2",
    "InstanceNorm1d": "4", "InstanceNorm2d": "4", "InstanceNorm3d": "4", "CosineSimilarity": "dim=1",
    **{f"{kind}{n}d": "4, 3, 1" for kind in ("Conv", "ConvTranspose") for n in (1, 2, 3)},
    **{f"Lazy{kind}": "3, 1" for kind in ("Conv1d", "Conv2d", "Conv3d", "ConvTranspose2d")},
    **{f"BatchNorm{n}d": "4" for n in (1, 2, 3)},
    **{f"conv{n}d": f"torch.randn(3, 4{', 1' * n})" for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": f"torch.randn(4, 3{', 1' * n})" for n in (1, 2, 3)},
    **{f"{kind}_pool{n}d": "2" for kind in ("avg", "max") for n in (1, 2, 3)},
    **{f"adaptive_{kind}_pool{n}d": "2" for kind in ("avg", "max") for n in (1, 2, 3)},
    **{f"{kind}Pool{n}d": "2" for kind in ("Avg", "Max", "AdaptiveAvg", "AdaptiveMax") for n in (1, 2, 3)},
}  # fmt: skip
# Whole calls, where the input is not the first argument or is none at all.
_CALLS: dict[str, str] = {
    "torch.reshape": "torch.reshape(x, (8, 8))", "torch.permute": "torch.permute(x, (1, 0))",
    "torch.einsum": "torch.einsum('ij,kj->ik', x, rows)", "torch.bmm": "torch.bmm(series, series.transpose(1, 2))",
    "torch.baddbmm": "torch.baddbmm(torch.zeros(4, 4, 4), series, series.transpose(1, 2))",
    "torch.addmm": "torch.addmm(torch.zeros(3), x, torch.randn(4, 3))", "torch.dot": "torch.dot(x[0], x[1])",
    "torch.outer": "torch.outer(x[0], x[1])", "torch.ger": "torch.ger(x[0], x[1])",
    "torch.Tensor.outer": "x[0].outer(x[1])", "torch.Tensor.ger": "x[0].ger(x[1])",
    "torch.Tensor.bmm": "series.bmm(series.transpose(1, 2))", "torch.Tensor.dot": "x[0].dot(x[1])",
    "torch.multinomial": "torch.multinomial(x.abs() + 1, 2)",
    "torch.Tensor.multinomial": "(x.abs() + 1).multinomial(2)",
    "torch.mv": "torch.mv(x, torch.randn(4))",
    "torch.zeros": "torch.zeros(2, 4)", "torch.ones": "torch.ones(2, 4)",
    "torch.empty": "torch.empty(2, 4)", "torch.full": "torch.full((2, 4), 0.5)", "torch.eye": "torch.eye(4)",
    "torch.linspace": "torch.linspace(0, 1, 4)", "torch.rand": "torch.rand(2, 4)", "torch.randn": "torch.randn(2, 4)",
    "torch.randint": "torch.randint(0, 4, (8,))", "torch.randperm": "torch.randperm(8)",
    "torch.arange": "torch.arange(8)", "torch.normal": "torch.normal(0.0, 1.0, (2, 4))",
    "torch.searchsorted": "torch.searchsorted(torch.tensor([0.0, 0.5]), x)",
    "torch.nn.functional.one_hot": "F.one_hot(labels, 4)",
    "torch.nn.functional.embedding": "F.embedding(labels, torch.randn(4, 3))",
    "torch.nn.functional.embedding_bag": "F.embedding_bag(columns, torch.randn(4, 3))",
    "torch.nn.Embedding": "nn.Embedding(4, 3)(labels)", "torch.nn.EmbeddingBag": "nn.EmbeddingBag(4, 3)(columns)",
    "torch.nn.Bilinear": "nn.Bilinear(4, 4, 3)(x, rows)",
    "torch.nn.modules.linear.Bilinear": "nn.modules.linear.Bilinear(4, 4, 3)(x, rows)",
    "torch.nn.CosineSimilarity": "nn.CosineSimilarity(dim=1)(x, rows)",
    "torch.nn.TransformerEncoder": "nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2), 1)(x)",
    "torch.nn.TransformerDecoder": "nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2), 1)(x, rows)",
    "torch.nn.TransformerDecoderLayer": "nn.TransformerDecoderLayer(4, 2)(x, rows)",
    "torch.nn.Transformer": "nn.Transformer(4, 2, 1, 1)(x, rows)", "torch.nn.Fold": "nn.Fold((3, 1), 1)(x[:, :3])",
}  # fmt: skip
_PLACES = {
    **dict.fromkeys(("Softmax2d", "interpolate", "upsample_bilinear", "grid_sample", "UpsamplingBilinear2d", "Flatten",
                     "UpsamplingNearest2d", "PixelShuffle", "PixelUnshuffle", "Unfold", "ZeroPad2d", "ReflectionPad2d",
                     "ReplicationPad2d", "ConstantPad2d", "FractionalMaxPool2d", "dropout2d", "Dropout2d",
                     "FeatureAlphaDropout", "upsample", "Upsample"), 2),
    **dict.fromkeys(("instance_norm", "GLU", "dropout1d", "Dropout1d", "ZeroPad1d", "LocalResponseNorm"), 1),
    **dict.fromkeys(("dropout3d", "Dropout3d"), 3),
}  # fmt: skip
# What no machine without an accelerator can run, or what is no longer part of torch.
UNRUN: dict[str, str] = {
    "torch.Tensor.cuda": "needs an accelerator", "torch.Tensor.xpu": "needs an accelerator",
    "torch.Tensor.mps": "is not a method of every build", "torch.Tensor.pin_memory": "needs an accelerator",
    "torch.nn.SyncBatchNorm": "needs an accelerator", "torch.Tensor.coalesce": "is for sparse tensors",
    "torch.Tensor.rename": "is of named tensors, which torch has given up",
    "torch.Tensor.refine_names": "is of named tensors, which torch has given up",
    "torch.Tensor.to_dense": "is for sparse tensors", "torch.Tensor.retain_grad": "returns nothing",
    "torch.empty_like": "leaves the numbers open", "torch.empty": "leaves the numbers open",
    "torch.Tensor.new_empty": "leaves the numbers open",
}  # fmt: skip


def names() -> tuple[str, ...]:
    """The qualified names of all rows of torch itself; other packages are not installed here."""
    rows = (*FUNCTIONS, *(f"torch.Tensor.{name}" for name in METHODS), *LAYERS)
    return tuple(name for name in rows if name.startswith("torch."))


def places(name: str) -> int:
    """How many axes the input has behind its channels."""
    last = name.rsplit(".", 1)[-1]
    if last in _PLACES:
        return _PLACES[last]
    counted = last[-2:-1] if last.endswith("d") and last[-2:-1].isdigit() else ""
    pooled = counted and any(word in last.lower() for word in ("pool", "conv", "batchnorm", "instancenorm"))
    return int(counted) if pooled else 0


def expression(name: str) -> str:
    """The call of a row on x."""
    if name in _CALLS:
        return _CALLS[name]
    last = name.rsplit(".", 1)[-1]
    given = _ARGUMENTS.get(last, "")
    short = name.replace("torch.nn.functional.", "F.").replace("torch.nn.", "nn.")
    if name.startswith("torch.Tensor."):
        return f"x.{last}({given})"
    if name in LAYERS:
        return f"{short}({given})(x)"
    return f"{short}(x{', ' if given else ''}{given})"
