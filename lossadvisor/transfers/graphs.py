"""Layers of torch_geometric that end in a learnt affine map, and the pooling of nodes.

Source of each row: the page of that name on pytorch-geometric.readthedocs.io, which gives the formula of the output.
Layers with an activation of their own (FiLMConv, ARMAConv), with a network given by the user (GINConv, EdgeConv) or
with outputs by node type (HGTConv, HANConv) are not listed: they are followed, or unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lossadvisor.transfers.model import Affine, Layered, Operation, Pooled

PACKAGE = "torch_geometric.nn."
_CHANNELS = ("in_channels", "out_channels")
# One output channel per unit.
_PLAIN = (
    "GCNConv", "SAGEConv", "GraphConv", "TAGConv", "SGConv", "SSGConv", "ChebConv", "LEConv", "ClusterGCNConv",
    "RGCNConv", "FastRGCNConv", "SplineConv", "GMMConv", "FeaStConv", "MFConv", "NNConv", "ECConv", "EGConv",
    "PDNConv", "DenseGCNConv", "DenseSAGEConv", "DenseGraphConv", "ResGatedGraphConv", "Linear",
)
# Several heads, side by side or averaged: the number of units is not that of the channels.
_MODELS = ("GCN", "GraphSAGE", "GAT", "GIN")  # their last layer has no activation
_HEADED = ("GATConv", "GATv2Conv", "TransformerConv", "RGATConv", "SuperGATConv", "HypergraphConv", "DenseGATConv")
_POOLS = ("global_mean_pool", "global_add_pool", "global_max_pool")


def _row(name: str, size: str | None) -> Layered:
    return Layered(Operation(PACKAGE + name, ("x",), Affine(size)), _CHANNELS)


LAYERS: dict[str, Layered] = {
    **{PACKAGE + name: _row(name, "out_channels") for name in _PLAIN},
    **{PACKAGE + name: _row(name, None) for name in (*_HEADED, *_MODELS)},
}
FUNCTIONS: dict[str, Operation] = {PACKAGE + name: Operation(PACKAGE + name, ("x",), Pooled()) for name in _POOLS}


def documented(folders: Sequence[str], name: str) -> str | None:
    """The name in the table of a class that is defined below these folders, in the library itself or a copy of it."""
    public = PACKAGE + name
    return public if public in LAYERS and ("torch_geometric", "nn") in pairwise(folders) else None
