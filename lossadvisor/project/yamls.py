"""YAML as settings are written in: plain data only, in time and memory proportional to the text."""

from __future__ import annotations

from typing import Any

import yaml

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(_Base):  # type: ignore[misc]
    """The safe loader, except that a key merged in many times is kept once.

    `<<: [*a, *a]`, written again and again on itself, doubles the pairs in every line.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Put the pairs of the merged mappings into the mapping; of equal plain keys the last counts, as always."""
        super().flatten_mapping(node)
        kept: dict[object, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else id(key)
            kept.pop(name, None)
            kept[name] = (key, value)
        node.value = list(kept.values())


def load(data: bytes) -> Any:
    """The content of the text. Raises errors of yaml, ValueError and RecursionError."""
    return yaml.load(data, Loader=Loader)
