"""What reading images, NumPy, scikit-learn and padding put into the arrays that become tensors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lossadvisor.interpreter import forms
from lossadvisor.interpreter.values import External, Known, Opaque, Tensor, Value
from lossadvisor.transfers.apply import dtype_named
from lossadvisor.values import Domain, Dtype, Fact, Mark
from lossadvisor.values.marks import Padded

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments

# Sources: the pages of PIL.Image.open, cv2.imread, skimage.io.imread and imageio.imread (integers of one byte).
_IMAGES = frozenset({
    "PIL.Image.open", "cv2.imread", "skimage.io.imread", "imageio.imread", "imageio.v2.imread", "imageio.v3.imread",
    "torchvision.io.read_image",
})
_IMAGE_METHODS = frozenset({"convert", "resize", "crop", "rotate", "copy"})
_KEEPERS = frozenset({"numpy.array", "numpy.asarray", "numpy.ascontiguousarray", "numpy.expand_dims", "numpy.squeeze"})
# Source: the pages of sklearn.preprocessing.
_ENCODERS = {
    "sklearn.preprocessing.MultiLabelBinarizer": Domain.MULTI_HOT,
    "sklearn.preprocessing.LabelEncoder": Domain.INDICES,
}


def function(name: str, arguments: Arguments) -> Value | None:
    """The result of a function of these packages, or None."""
    if name in _IMAGES:
        return Tensor(Fact(Domain.BYTES, dtype=Dtype.INTEGER))
    if name in _KEEPERS and arguments.args and isinstance(arguments.args[0], Tensor):
        fact = arguments.args[0].fact
        wanted = _dtype(arguments.get(1, "dtype"))
        return Tensor(replace(fact, dtype=wanted or fact.dtype, shape=None))
    if name == "torch.nn.utils.rnn.pad_sequence":
        value = forms.plain(arguments.get(2, "padding_value") or Known(0))
        marks: frozenset[Mark] = frozenset()
        if isinstance(value, int | float) and not isinstance(value, bool):
            marks = frozenset({Padded(float(value))})
        return Tensor(Fact(reason="padded sequences", marks=marks))
    return None


def _dtype(value: Value | None) -> Dtype | None:
    match value:
        case External(name):
            return dtype_named(name)
        case Known(value=str(name)):
            return dtype_named(name)
        case _:
            return None


def tensor_method(receiver: Value, last: str, arguments: Arguments) -> Value | None:
    """Methods of images and arrays that tensors do not have."""
    if not isinstance(receiver, Tensor):
        return None
    fact = receiver.fact
    if last in _IMAGE_METHODS and fact.domain is Domain.BYTES:
        first = arguments.args[0] if arguments.args else None
        kept = last != "convert" or (isinstance(first, Known) and first.value in ("L", "RGB"))
        return receiver if kept else Opaque("an image of another mode")
    if last == "astype":
        wanted = _dtype(arguments.get(0, "dtype"))
        return Tensor(replace(fact, dtype=wanted or Dtype.UNKNOWN))
    return None


def layer_method(name: str, last: str) -> Value | None:
    """What the encoders of scikit-learn make."""
    if name in _ENCODERS and last in ("fit_transform", "transform"):
        return Tensor(Fact(_ENCODERS[name], dtype=Dtype.INTEGER))
    return None
