"""What reading images, NumPy, scikit-learn, Gym and padding put into the arrays that become tensors."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lossadvisor.interpreter import environments, forms, loaders, numpy_arrays, pandas_frames, scikit
from lossadvisor.interpreter.values import Known, Layer, Opaque, Tensor, Value
from lossadvisor.values import Domain, Dtype, Fact, Place
from lossadvisor.values.marks import Mark, Padded

if TYPE_CHECKING:
    from lossadvisor.interpreter.calls import Arguments
    from lossadvisor.interpreter.machine import Machine

# Sources: the pages of PIL.Image.open, cv2.imread, skimage.io.imread and imageio.imread (integers of one byte).
_IMAGES = frozenset({
    "PIL.Image.open", "cv2.imread", "skimage.io.imread", "imageio.imread", "imageio.v2.imread", "imageio.v3.imread",
    "torchvision.io.read_image",
})
_IMAGE_METHODS = frozenset({"convert", "resize", "crop", "rotate", "copy"})
# Source: the pages of sklearn.preprocessing.
_ENCODERS = {
    "sklearn.preprocessing.MultiLabelBinarizer": Domain.MULTI_HOT,
    "sklearn.preprocessing.LabelEncoder": Domain.INDICES,
}


def function(machine: Machine, name: str, arguments: Arguments, place: Place) -> Value | None:
    """The result of a function of these packages, or None."""
    if name.startswith("numpy."):
        arguments = replace(arguments, args=[as_array(one) for one in arguments.args])
    found = numpy_arrays.function(name, arguments) or scikit.function(name, arguments)
    found = found or pandas_frames.made(name, arguments, place) or loaders.function(name, arguments, place)
    found = found or environments.made(name, arguments, place)
    if found is not None:
        return found
    if name in _IMAGES:
        return Tensor(Fact(Domain.BYTES, dtype=Dtype.INTEGER))
    if name == "torch.nn.utils.rnn.pad_sequence":
        value = forms.plain(arguments.get(2, "padding_value") or Known(0))
        marks: frozenset[Mark] = frozenset()
        if isinstance(value, int | float) and not isinstance(value, bool):
            marks = frozenset({Padded(float(value))})
        return Tensor(Fact(reason="padded sequences", marks=marks))
    return None


def as_array(value: Value) -> Value:
    """The numbers of a table or a column as an array; anything else as it is."""
    if isinstance(value, Layer) and value.name in (pandas_frames.FRAME, pandas_frames.SERIES):
        return pandas_frames.array(value)
    return value


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
        wanted = numpy_arrays.dtype_of(arguments.get(0, "dtype"))
        return Tensor(replace(fact, dtype=wanted or Dtype.UNKNOWN))
    return None


def layer_method(layer: Layer, last: str, arguments: Arguments) -> Value | None:
    """What the encoders and scalers of scikit-learn, the tables of pandas and environments make."""
    name = layer.name
    if (told := environments.method(layer, last)) is not None:
        return told
    if pandas_frames.is_table(layer):
        return pandas_frames.method(layer, last, arguments)
    if (found := scikit.scaled(layer, last, arguments)) is not None:
        return found
    if name in _ENCODERS and last in ("fit_transform", "transform"):
        return Tensor(Fact(_ENCODERS[name], dtype=Dtype.INTEGER))
    return None
