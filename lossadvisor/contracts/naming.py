"""Words that many rows share: parameters, kinds of element, names and pages of torch."""

from __future__ import annotations

from lossadvisor.contracts.model import Parameter
from lossadvisor.values import Dtype

DOCS = "https://docs.pytorch.org/docs/stable/generated/"

FLOAT = (Dtype.FLOAT,)
INTEGER = (Dtype.INTEGER,)
NUMBER = (Dtype.FLOAT, Dtype.INTEGER)

INPUT = Parameter("input", required=True)
TARGET = Parameter("target", required=True)
REDUCTION = Parameter("reduction", "mean")
LEGACY = (Parameter("size_average"), Parameter("reduce"))
DEPRECATED = ("size_average", "reduce")


def page(name: str) -> str:
    """The page of the official documentation of a class of torch.nn."""
    return f"{DOCS}torch.nn.{name}.html"


def torch_class(name: str) -> tuple[str, ...]:
    """The qualified names of a loss class of torch.nn."""
    return f"torch.nn.{name}", f"torch.nn.modules.loss.{name}", f"torch.nn.modules.{name}"


def torch_function(name: str) -> tuple[str, ...]:
    """The qualified name of a functional loss."""
    return (f"torch.nn.functional.{name}",)
