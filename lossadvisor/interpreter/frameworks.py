"""What models of well-known libraries return, as a table with a source for each row.

A row says that calling an instance (or the result of the factory) gives raw scores. `attributes` names the fields of a
structured output that hold them.
"""

from __future__ import annotations

from lossadvisor.interpreter.values import Dict, External, Layer, Opaque, Seq, Tensor, Value
from lossadvisor.late import dataclass
from lossadvisor.values import Domain, Dtype, Fact, Grad


@dataclass(frozen=True, slots=True)
class Row:
    """Names starting with `prefix` are models; `source` documents what they return."""

    prefix: str
    output: str  # "scores" | "logits-attribute" | "out-key"
    source: str


_CAUSAL_PAGE = "https://huggingface.co/docs/transformers/model_doc/auto#transformers.AutoModelForCausalLM"
# Causal language models of transformers: given `labels`, they shift them themselves.
CAUSAL = (
    "AutoModelForCausalLM", "GPT2LMHeadModel", "OpenAIGPTLMHeadModel", "GPTNeoForCausalLM", "GPTNeoXForCausalLM",
    "GPTJForCausalLM", "LlamaForCausalLM", "MistralForCausalLM", "MixtralForCausalLM", "OPTForCausalLM",
    "BloomForCausalLM", "FalconForCausalLM", "GemmaForCausalLM", "Gemma2ForCausalLM", "PhiForCausalLM",
    "Qwen2ForCausalLM", "StableLmForCausalLM", "GPTBigCodeForCausalLM", "MptForCausalLM", "CodeGenForCausalLM",
)

_MONAI = "https://docs.monai.io/en/stable/networks.html#nets"
# Networks of MONAI that return a list or a pair, and those that return scores.
_SEVERAL_OUTPUTS = ("BasicUNetPlusPlus", "BasicUnetPlusPlus", "SegResNetVAE", "SegResNetDS")
_MONAI_NETS = (
    "UNet", "Unet", "BasicUNet", "BasicUnet", "SegResNet", "UNETR", "SwinUNETR", "AttentionUnet", "VNet",
    "FlexibleUNet", "DenseNet", "Densenet", "EfficientNetBN", "SEResNet", "ResNet", "resnet",
)

ROWS: tuple[Row, ...] = (
    Row("torchvision.models.segmentation.", "out-key", "https://docs.pytorch.org/vision/stable/models.html"),
    Row("torchvision.models.detection.", "unknown", "https://docs.pytorch.org/vision/stable/models.html"),
    Row("torchvision.models.inception_v3", "unknown", "https://docs.pytorch.org/vision/stable/models.html"),
    Row("torchvision.models.googlenet", "unknown", "https://docs.pytorch.org/vision/stable/models.html"),
    Row("torchvision.models.video.", "scores", "https://docs.pytorch.org/vision/stable/models.html"),
    Row("torchvision.models.", "scores", "https://docs.pytorch.org/vision/stable/models.html"),
    Row("timm.create_model", "scores", "https://huggingface.co/docs/timm/quickstart"),
    Row("timm.models.create_model", "scores", "https://huggingface.co/docs/timm/quickstart"),
    *(Row(f"transformers.{name}", "logits-attribute", _CAUSAL_PAGE) for name in CAUSAL),
    Row("transformers.AutoModelFor", "logits-attribute", "https://huggingface.co/docs/transformers/main_classes/output"),
    Row("efficientnet_pytorch.EfficientNet.", "scores", "https://pypi.org/project/efficientnet-pytorch/"),
    *(Row(f"monai.networks.nets.{name}", "unknown", _MONAI) for name in _SEVERAL_OUTPUTS),
    *(Row(f"monai.networks.nets.{name}", "scores", _MONAI) for name in _MONAI_NETS),
    Row("torch.hub.load", "unknown", "https://docs.pytorch.org/docs/stable/hub.html"),
)


def row_of(name: str) -> Row | None:
    """The first row whose prefix the name has."""
    return next((row for row in ROWS if name.startswith(row.prefix)), None)


def any_of(module: str) -> External | None:
    """A model of a tabled module whose name is a setting; None for other modules.

    Those of its models whose rows say otherwise are the rare choice: they need another training loop.
    """
    row = row_of(f"{module}.")
    tabled = row is not None and row.prefix == f"{module}."
    return External(f"{module}.<any>") if tabled else None


def output_of(name: str) -> Value | None:
    """What calling the named model returns, or None when it is not in the table."""
    row = row_of(name)
    if row is None or row.output == "unknown":
        return None
    scores = Tensor(Fact(Domain.SCORES, dtype=Dtype.FLOAT, grad=Grad.FLOWS))
    if row.output == "scores":
        return scores
    rest = Opaque(f"another part of the output of {name}")
    if row.output == "out-key":
        return Dict({"out": scores, "aux": scores}, rest)
    return Dict({"logits": scores, 0: rest}, rest, kind="attributes")


# The attribute that holds the last layer, which users replace. Source: the model classes of torchvision and timm.
HEADS = ("fc", "classifier", "head", "heads", "last_linear", "_fc")


# Inside of that attribute, the last layer by index or name. Source: the model classes of torchvision.
_LAST = {
    "vgg": "6", "alexnet": "6", "mobilenet_v2": "1", "mobilenet_v3": "3", "efficientnet": "1", "convnext": "2",
    "mnasnet": "1", "vit": "head",
}


def replace_last(layer: Layer, part: str, key: object, value: Value) -> None:
    """`model.classifier[6] = value`, `model.heads.head = value`: the last layer of a tabled model is another one."""
    if part not in HEADS or row_of(layer.name) is None:
        return
    name = layer.name.rsplit(".", 1)[-1]
    last = next((place for start, place in _LAST.items() if name.startswith(start)), None)
    if key == -1 or str(key) == last:
        layer.attrs[part] = _container(layer, int(last), value) if last is not None and last.isdigit() else value


def _container(layer: Layer, index: int, value: Value) -> Value:
    """The last part of the model with its last layer at `index`; the layers before that make features of features."""
    before = [Layer("torch.nn.Identity", [], {}, layer.place) for _ in range(index)]
    return Seq([*before, value], "Sequential", base=layer.base)


def replaced_head(layer: Layer) -> Value | None:
    """The module that has been assigned over the last layer of a tabled model, or None."""
    return next((layer.attrs[name] for name in HEADS if name in layer.attrs), None)


def loaded(layer: Layer) -> Value | None:
    """What a model from torch.hub returns when its last layer is replaced: it has one then; else None, unknown."""
    if layer.name != "torch.hub.load" or replaced_head(layer) is None:
        return None
    return Opaque("the output of a model from torch.hub")
