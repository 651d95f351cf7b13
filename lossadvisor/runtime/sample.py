"""Tensors read from files, without executing what a pickle may hold."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch


class SampleError(ValueError):
    """A file that holds no single tensor of numbers; the message says what it holds and what to do."""


def load_array(path: str) -> tuple[np.ndarray[Any, Any], str]:
    """The tensor in a file of torch.save, as an array, with the name of its torch dtype ("bfloat16", "int64").

    Only weights are loaded (`weights_only=True`): other pickles are refused. Raises SampleError.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the pickle's version is no news to the user
            value = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, OSError):
        advice = "not a tensor that torch.load(weights_only=True) reads; save it by torch.save(tensor, path)"
        raise SampleError(advice) from None
    if isinstance(value, Mapping):
        names = ", ".join(str(name) for name in list(value)[:5])
        raise SampleError(f"holds a dictionary ({names}); save one tensor")
    if isinstance(value, (list, tuple)) and value and all(isinstance(part, torch.Tensor) for part in value):
        raise SampleError(f"holds {len(value)} tensors; save one, torch.stack joins those of one shape")
    if not isinstance(value, torch.Tensor):
        raise SampleError(f"holds {type(value).__name__}; save one tensor")
    if value.is_complex():
        raise SampleError("holds complex numbers; losses take real ones")
    name = str(value.dtype).removeprefix("torch.")
    dense = value.detach()
    if dense.is_floating_point():
        dense = dense.double()
    return dense.numpy(), name
