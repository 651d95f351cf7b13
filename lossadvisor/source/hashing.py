"""BLAKE2 as `hashlib` has it, but without OpenSSL, which `hashlib` loads on the way for three milliseconds."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # a Python that has it elsewhere
    from hashlib import blake2b

__all__ = ["blake2b"]
