"""Layers of torch_geometric: installed, or part of the project."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain
from tests.inference.reveal import domain, reveal

HEADER = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"


@pytest.mark.parametrize(
    ("imported", "expected"),
    [
        ("from torch_geometric.nn import GCNConv as Layer", Domain.SCORES),
        ("from torch_geometric.nn.conv import SAGEConv as Layer", Domain.SCORES),
        ("from torch_geometric.nn import Linear as Layer", Domain.SCORES),
        ("from torch_geometric.nn import FiLMConv as Layer", Domain.UNKNOWN),
        ("from torch_geometric.nn import GINConv as Layer", Domain.UNKNOWN),
        ("from somewhere.nn import GCNConv as Layer", Domain.UNKNOWN),
    ],
)
def test_the_last_layer(imported: str, expected: Domain) -> None:
    step = "conv = Layer(16, 7)\ndef step(x, edges, y):\n    return F.cross_entropy(conv(x, edges), y)\n"
    assert domain(f"{imported}\n{step}") is expected


def test_units_are_those_of_the_channels_unless_there_are_heads() -> None:
    program = "from torch_geometric.nn import GATConv, GCNConv\n"
    step = "def step(x, edges, y):\n    return F.cross_entropy(conv(x, edges), y)\n"
    assert reveal(f"{program}conv = GCNConv(16, 7)\n{step}").classes == 7
    assert reveal(f"{program}conv = GATConv(16, 7, heads=4)\n{step}").classes is None


def test_pooled_nodes_keep_their_meaning() -> None:
    program = """
    from torch_geometric.nn import GraphConv, global_mean_pool
    conv = GraphConv(16, 2)
    def step(x, edges, batch, y):
        return F.cross_entropy(global_mean_pool(conv(x, edges), batch), y)
    """
    assert domain(program) is Domain.SCORES


def test_a_copy_of_the_library_is_taken_by_its_page() -> None:
    library = HEADER + "class GCNConv(nn.Module):\n    def forward(self, x, edges):\n        return helper(x)\n"
    program = HEADER + (
        "from torch_geometric.nn.conv.gcn_conv import GCNConv\nconv = GCNConv(16, 7)\n"
        "def step(x, edges, y):\n    return F.cross_entropy(conv(x, edges), y)\n"
    )
    files = {"torch_geometric/nn/conv/gcn_conv.py": library, "main.py": program}
    assert domain(files) is Domain.SCORES
    elsewhere = {"layers/gcn_conv.py": library, "main.py": program.replace("torch_geometric.nn.conv", "layers")}
    assert domain(elsewhere) is Domain.UNKNOWN


def test_a_class_of_the_project_that_builds_on_one_is_followed() -> None:
    program = """
    from torch_geometric.nn import GCNConv
    class Last(GCNConv):
        def forward(self, x, edges):
            return super().forward(x, edges).softmax(dim=-1)
    conv = Last(16, 7)
    def step(x, edges, y):
        return F.cross_entropy(conv(x, edges), y)
    """
    assert domain(program) is Domain.PROBABILITIES
