"""What is known of the shapes and dtypes of data: arrays, tables, data sets, loaders, sizes asked for in the code."""

from __future__ import annotations

import pytest

from lossadvisor.values import Domain, Dtype, Shape
from tests.inference.reveal import reveal

HEADER = """
import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes, load_iris, make_classification, make_regression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, random_split
from torchvision import datasets

df = pd.read_csv("data.csv")
grid = np.random.rand(20, 3)
"""


def shape_of(lines: str, target: str) -> Shape:
    program = HEADER + lines + f"\ndef step(x, i):\n    return F.mse_loss(x, {target})\n"
    return reveal(program, "target").shape


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("np.zeros((4, 2))", (4, 2)),
        ("np.zeros(5)", (5,)),
        ("np.random.randn(10, 1)", (10, 1)),
        ("np.random.normal(0, 1, size=(8, 2))", (8, 2)),
        ("np.random.normal(0, 1, 8)", (8,)),
        ("np.linspace(0, 1, 30)", (30,)),
        ("np.array([1.0, 2.0, 3.0])", (3,)),
        ("np.array([[1, 2], [3, 4], [5, 6]])", (3, 2)),
        ("grid.sum(axis=1)", (20,)),
        ("grid.sum(axis=1, keepdims=True)", (20, 1)),
        ("np.sum(grid, axis=0)", (3,)),
        ("np.sin(grid[:, 0])", (20,)),
        ("grid[:, [0]]", (20, 1)),
        ("grid[:, :2]", (20, 2)),
        ("grid[2:10, -1]", (8,)),
        ("grid[:, np.newaxis]", (20, 1, 3)),
        ("grid[grid[:, 0] > 0.5]", None),
        ("np.expand_dims(grid[:, 0], 1)", (20, 1)),
        ("grid.reshape(-1, 1)", (None, 1)),
        ("np.loadtxt('a.csv')", None),
        ("np.loadtxt('a.csv')[:, -1]", (None,)),
        ("np.loadtxt('a.csv')[:, 0:-1]", (None, None)),
        ("np.loadtxt('a.csv')[0]", None),
        ("np.concatenate([grid, grid])", (None, 3)),
        ("np.stack([grid[:, 0], grid[:, 1]])", (2, 20)),
        ("np.unique(grid)", None),
        ("df['y'].values", (None,)),
        ("df[['y']].values", (None, 1)),
        ("df[['a', 'b']].to_numpy()", (None, 2)),
        ("df[unknown].values", None),
        ("df.iloc[:, -1].values", (None,)),
        ("df.iloc[:, :-1].values", (None, None)),
        ("df.iloc[:, [3]].values", (None, 1)),
        ("df.loc[:, 'y'].to_numpy()", (None,)),
        ("df.iloc[0].values", None),
        ("df.drop('y', axis=1).values", (None, None)),
        ("df.dropna()['y'].astype('float32').values", (None,)),
        ("df[df['y'] > 0]['y'].values", (None,)),
        ("(df['y'] / 100).values", (None,)),
        ("df['y'].map(f).values", (None,)),
        ("df['y'].unknown().values", None),
        ("pd.read_csv('a.csv', header=[0, 1])['y'].values", None),
        ("StandardScaler().fit_transform(df[['y']])", (None, 1)),
        ("StandardScaler().fit_transform(df['y'].values.reshape(-1, 1)).squeeze()", (None,)),
    ],
)
def test_arrays(expression: str, expected: Shape) -> None:
    assert shape_of("", f"torch.tensor({expression}, dtype=torch.float)") == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("X, y = make_regression(100, 5)", (None,)),
        ("X, y = load_diabetes(return_X_y=True)", (None,)),
        ("y = load_iris().target", (None,)),
        ("y, X = make_regression(100, 5)", (None, None)),
        ("X, y = make_regression(100, 5, n_targets=2)", None),
        ("X, y = make_regression(100, 5)\n_, _, _, y = train_test_split(X, y)", (None,)),
        ("X, y = make_regression(100, 5)\n_, _, _, y = train_test_split(X, y.reshape(-1, 1))", (None, 1)),
        ("_, y = train_test_split(df['y'], test_size=0.2)", (None,)),
        ("ys = []\nfor row in rows:\n    ys.append(float(row))\ny = np.array(ys)", (None,)),
        ("y = [float(row) for row in rows]", (None,)),
        ("y = [[float(row)] for row in rows]", (None, 1)),
        ("y = [row for row in rows]", None),
        ("ys = []\nfor i in range(len(grid) - 4):\n    ys.append(grid[i : i + 4])\ny = np.array(ys)", (None, None, 3)),
        ("ys = []\nfor i in range(100):\n    ys.append(grid[i + 4, 0])\ny = np.array(ys)", (None,)),
    ],
)
def test_programs(lines: str, expected: Shape) -> None:
    body = lines.replace("\n", "\n    ")
    program = f"{HEADER}\ndef main(x, rows):\n    {body}\n    F.mse_loss(x, torch.tensor(y))\n"
    assert reveal(program, "target").shape == expected


DATASET = """
class Rows(Dataset):
    def __init__(self, frame):
        self.y = frame["y"].values

    def __getitem__(self, i):
        return {sample}

loader = DataLoader(Rows(df), batch_size=4)
def step(x):
    for batch in loader:
        F.mse_loss(x, batch{key})
"""


@pytest.mark.parametrize(
    ("sample", "key", "expected"),
    [
        ("i, float(self.y[i])", "[1]", (None,)),
        ("i, self.y[i]", "[1]", (None,)),
        ("i, 0.5", "[1]", (None,)),
        ("i, torch.tensor([self.y[i]])", "[1]", (None, 1)),
        ("i, torch.tensor(self.y[i])", "[1]", (None,)),
        ("torch.randn(3, 8, 8)", "", (None, 3, 8, 8)),
        ("{'y': torch.zeros(4)}", "['y']", (None, 4)),
        ("i, anything(self.y)", "[1]", None),
    ],
)
def test_collated_samples(sample: str, key: str, expected: Shape) -> None:
    program = DATASET.replace("{sample}", sample).replace("{key}", key)
    assert reveal(HEADER + program, "target").shape == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("data = TensorDataset(torch.randn(50, 3), torch.randn(50, 1))\nloader = DataLoader(data, 8)", (None, 1)),
        ("data = TensorDataset(torch.randn(50, 3), torch.randn(50))\nloader = DataLoader(data, batch_size=8)", (None,)),
        ("data = TensorDataset(torch.randn(50, 3), torch.randn(50))\nloader = DataLoader(data, batch_size=None)", ()),
        ("a, b = random_split(TensorDataset(torch.randn(9, 3), torch.randn(9)), [6, 3])\nloader = DataLoader(a)",
         (None,)),
        ("loader = DataLoader(Subset(TensorDataset(torch.randn(9, 3), torch.randn(9)), [1]))", (None,)),
        ("def pack(rows):\n    return rows, torch.zeros(len(rows), 7)\nloader = DataLoader(rows, collate_fn=pack)",
         (None, 7)),
        ("loader = DataLoader(rows)", None),
    ],
)
def test_loaders(lines: str, expected: Shape) -> None:
    program = f"{HEADER}\n{lines}\ndef step(x):\n    for _, y in loader:\n        F.mse_loss(x, y)\n"
    assert reveal(program, "target").shape == expected


def test_labels_of_image_data_sets_are_class_indices() -> None:
    program = """
    from torchvision.datasets import CIFAR10
    loader = torch.utils.data.DataLoader(CIFAR10("."), batch_size=8)
    def step(x):
        for image, label in loader:
            F.cross_entropy(x, label)
    """
    fact = reveal(program, "target")
    assert (fact.domain, fact.dtype, fact.shape) == (Domain.INDICES, Dtype.INTEGER, (None,))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("y.dim() == 1", (6, 1)),
        ("y.ndim == 1", (6, 1)),
        ("len(y.shape) == 1", (6, 1)),
        ("y.dim() == 2", (6,)),
        ("y.shape != (6,)", (6,)),
        ("y.shape == torch.zeros(6).shape", (6, 1)),
        ("y.shape == torch.zeros(6, 1).shape", (6,)),
        ("y.size(0) == 6", (6, 1)),
    ],
)
def test_questions_about_shapes_are_answered(condition: str, expected: Shape) -> None:
    program = f"y = torch.randn(6)\ndef step(x, y=y):\n    if {condition}:\n        y = y.unsqueeze(1)\n"
    assert reveal(program + "    return F.mse_loss(x, y)\nstep(torch.zeros(1))", "target").shape == expected


@pytest.mark.parametrize(
    ("layer", "taken", "expected"),
    [
        ("nn.LSTM(3, 10, batch_first=True)", "net(x)[0]", (None, None, 10)),
        ("nn.LSTM(3, 10, bidirectional=True)", "net(x)[0]", (None, None, 20)),
        ("nn.LSTM(3, 10, bidirectional=flag)", "net(x)[0]", (None, None, None)),
        ("nn.LSTM(3, 10, proj_size=4)", "net(x)[0]", (None, None, 4)),
        ("nn.LSTM(3, 10, proj_size=4)", "net(x)[1][1]", (None, None, 10)),
        ("nn.GRU(3, 10, 2, True, False, 0.0, True)", "net(x)[0][:, -1]", (None, 20)),
        ("nn.GRU(3, 10)", "net(torch.randn(7, 3))[0]", (None, 10)),
        ("nn.LSTMCell(3, 10)", "net(torch.randn(7, 3))[0]", (7, 10)),
    ],
)
def test_recurrent_layers(layer: str, taken: str, expected: Shape) -> None:
    program = f"flag = unknown()\nnet = {layer}\ndef step(x, y):\n    return F.mse_loss({taken}, y)\n"
    assert reveal(program).shape == expected
