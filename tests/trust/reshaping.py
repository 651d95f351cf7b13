
"""Steps of random programs that change shapes: views, selections, reductions, pooling, indices."""

from __future__ import annotations

from math import prod
from random import Random

from .operations import KEEPING, Held, Sizes, Step, cast


def _without(shape: Sizes, axis: int) -> Sizes:
    axis %= len(shape)
    return (*shape[:axis], *shape[axis + 1 :])


def _with(shape: Sizes, axis: int, size: int) -> Sizes:
    axis %= len(shape)
    return (*shape[:axis], size, *shape[axis + 1 :])


def viewed(rng: Random, held: Held) -> Held | None:
    h, shape = held.text, held.shape
    if len(shape) < 2:
        return None
    n, rest = shape[0], prod(shape[1:])
    swapped = (shape[0], shape[2], shape[1], *shape[3:]) if len(shape) > 2 else shape
    options = [
        (f"{h}.flatten(1)", (n, rest)),
        (f"torch.flatten({h}, 1)", (n, rest)),
        (f"{h}.reshape({n}, -1)", (n, rest)),
        (f"{h}.reshape(len({h}), -1)", (n, rest)),
        (f"{h}.reshape({h}.shape[0], -1)", (n, rest)),
        (f"{h}.reshape(-1, {shape[-1]})", (prod(shape) // shape[-1], shape[-1])),
        (f"{h}.unsqueeze(1)", (n, 1, *shape[1:])),
        (f"{h}.unsqueeze(1).squeeze(1)", shape),
        (f"{h}.unsqueeze(-1).squeeze(-1)", shape),
        (f"nn.Flatten()({h})", (n, rest)),
        (f"{h}.unsqueeze(0)[0]", shape),
        (f"{h}[None].squeeze(0)", shape),
        (f"{h}.repeat({2}, {', '.join(['1'] * (len(shape) - 1))})", (2 * n, *shape[1:])),
        (f"{h}.expand({', '.join(map(str, shape))})", shape),
        (f"{h}.reshape(-1)", (prod(shape),)),
        (f"{h}.flatten()", (prod(shape),)),
        (f"{h}.transpose(0, 1)", (shape[1], shape[0], *shape[2:])),
        (f"torch.flip({h}, [0])", shape),
        (f"{h}.roll(1, 1)", shape),
        (f"{h}.permute({', '.join(map(str, reversed(range(len(shape)))))})", tuple(reversed(shape))),
        (f"{h}.repeat_interleave(2, dim=1)", _with(shape, 1, 2 * shape[1])),
    ]
    if len(shape) > 2:
        options += [
            (f"{h}.transpose(1, 2)", swapped),
            (f"torch.transpose({h}, 1, 2)", swapped),
            (f"{h}.transpose(1, 2).contiguous()", swapped),
            (f"{h}.permute(0, 2, 1{', 3' if len(shape) > 3 else ''})", swapped),
        ] * 2
    text, after = rng.choice(options)
    return Held(text, after, held.kind)


def selected(rng: Random, held: Held) -> Held | None:
    h, shape = held.text, held.shape
    if len(shape) < 2 or min(shape) < 2:
        return None
    last = shape[-1]
    options = [
        (f"{h}[:, 0]", _without(shape, 1)),
        (f"{h}[:, 1]", _without(shape, 1)),
        (f"{h}[:, :2]", _with(shape, 1, 2)),
        (f"{h}[..., 0]", shape[:-1]),
        (f"{h}[..., -1]", shape[:-1]),
        (f"{h}[:, -1]", _without(shape, 1)),
        (f"{h}[:, 1:]", _with(shape, 1, shape[1] - 1)),
        (f"{h}[:2]", _with(shape, 0, 2)),
        (f"{h}[0]", shape[1:]),
        (f"{h}[::2]", _with(shape, 0, (shape[0] + 1) // 2)),
        (f"{h}.select(1, 0)", _without(shape, 1)),
        (f"{h}.narrow(1, 0, 2)", _with(shape, 1, 2)),
        (f"{h}.select(-1, 1)", shape[:-1]),
        (f"{h}.index_select(1, torch.tensor([0, 1]))", _with(shape, 1, 2)),
        (f"{h}.index_select(0, torch.tensor([0, 1]))", _with(shape, 0, 2)),
        (f"{h}.chunk(2, dim=1)[0]", _with(shape, 1, (shape[1] + 1) // 2)),
        (f"{h}.chunk(2)[0]", _with(shape, 0, (shape[0] + 1) // 2)),
        (f"torch.split({h}, 2, dim=1)[0]", _with(shape, 1, 2)),
        (f"{h}.split(2, -1)[0]", _with(shape, -1, 2)),
        (f"{h}.unbind(1)[0]", _without(shape, 1)),
        (f"{h}[{h}[:, 0] == {h}[:, 0]]" if len(shape) == 2 else f"{h}[0:]", shape),
        (f"{h}[:, [0, 1]]", _with(shape, 1, 2)),
        (f"{h}[:, torch.arange({shape[1]} - 1)]", _with(shape, 1, shape[1] - 1)),
        (f"{h}[:, 0:1]", _with(shape, 1, 1)),
        (f"{h}[:, 1].unsqueeze(1)", _with(shape, 1, 1)),
        (f"{h}[..., :{last - 1}]", _with(shape, -1, last - 1)),
        (
            f"{h}.gather(1, torch.zeros({', '.join(map(str, _with(shape, 1, 1)))}, dtype=torch.long))",
            _with(shape, 1, 1),
        ),
        (f"{h}[torch.arange({shape[0]}), 0]", _without(_without(shape, 0), 0) and (shape[0], *shape[2:])),
        (f"torch.cat([{h}, {h}], dim=1)", _with(shape, 1, 2 * shape[1])),
        (f"torch.cat([{h}, {h}])", _with(shape, 0, 2 * shape[0])),
        (
            f"torch.cat((1 - {h}, {h}), 1)" if held.kind != "bool" else h,
            _with(shape, 1, 2 * shape[1]) if held.kind != "bool" else shape,
        ),
        (f"torch.stack([{h}, {h}], dim=1)", (shape[0], 2, *shape[1:])),
        (f"torch.stack(({h}, {h})).sum(0)" if held.kind == "float" else h, shape),
        (
            f"F.pad({h}, (0, 1))" if held.kind == "float" else h,
            _with(shape, -1, last + 1) if held.kind == "float" else shape,
        ),
        (f"{h}.topk(2, dim=1)[0]", _with(shape, 1, 2)),
        (f"{h}.topk(2, dim=1).values", _with(shape, 1, 2)),
        (f"{h}.sort(dim=1)[0]", shape),
        (f"{h}.sort(1, descending=True).values", shape),
        (f"{h}[:, {shape[1] - 1}]", _without(shape, 1)),
        (f"{h}[1:, :]", _with(shape, 0, shape[0] - 1)),
        (f"torch.narrow({h}, 1, 0, 1).squeeze(1)", _without(shape, 1)),
    ]
    if len(shape) > 2:
        options += [
            (f"{h}[:, :, 0]", _without(shape, 2)),
            (f"{h}[:, 0, :]", _without(shape, 1)),
            (f"{h}[:, -1, :]", _without(shape, 1)),
            (f"{h}[0, :, 0]", (shape[1], *shape[3:])),
            (f"{h}[:, :, :2]", _with(shape, 2, 2)),
            (f"{h}[:, :-1]", _with(shape, 1, shape[1] - 1)),
            (f"{h}[:, 1:, :]", _with(shape, 1, shape[1] - 1)),
        ]
    text, after = rng.choice(options)
    return Held(text, after, held.kind)


def reduced(rng: Random, held: Held) -> Held | None:
    h, shape = held.text, held.shape
    if len(shape) < 2 or held.kind != "float":
        return None
    axis = rng.choice((1, -1, 0, len(shape) - 1))
    gone, kept = _without(shape, axis), _with(shape, axis, 1)
    options = [
        (f"{h}.mean({axis})", gone),
        (f"{h}.mean(dim={axis})", gone),
        (f"{h}.sum({axis})", gone),
        (f"torch.sum({h}, dim={axis})", gone),
        (f"{h}.max({axis})[0]", gone),
        (f"{h}.max(dim={axis}).values", gone),
        (f"{h}.amax({axis})", gone),
        (f"{h}.logsumexp({axis})", gone),
        (f"{h}.mean({axis}, keepdim=True)", kept),
        (f"torch.sum({h}, {axis}, keepdim=True)", kept),
        (f"{h}.min({axis})[0]", gone),
        (f"{h}.prod({axis})", gone),
        (f"torch.max({h}, {axis})[0]", gone),
        (f"torch.max({h}, dim={axis}).values", gone),
        (f"{h}.norm(dim={axis})", gone),
        (f"{h}.std({axis})", gone),
        (f"{h}.var({axis}, keepdim=True)", kept),
        (f"torch.max({h}, torch.zeros_like({h}))", shape),
        (f"{h}.median({axis})[0]", gone),
        (f"torch.min({h}, torch.ones_like({h}))", shape),
        (f"torch.mean({h}, {axis})", gone),
        (f"torch.topk({h}, 1, dim={axis})[0].squeeze({axis})", gone),
        (f"{h}.sum({axis}) / {shape[axis]}", gone),
        (f"{h}.softmax({axis}).max({axis})[0]", gone),
        (f"torch.einsum('{'abcd'[: len(shape)]}->{'abcd'[: len(shape) - 1]}', {h})", shape[:-1]),
        (f"{h} @ torch.ones({shape[-1]}, 3)", _with(shape, -1, 3)),
        (f"torch.matmul({h}, torch.softmax(torch.randn({shape[-1]}, 3), -1))", _with(shape, -1, 3)),
    ]
    text, after = rng.choice(options)
    return Held(text, after)


def indices(rng: Random, held: Held) -> Held | None:
    h, shape = held.text, held.shape
    if len(shape) < 2 or held.kind == "bool":
        return None
    gone = _without(shape, 1)
    options = [
        (f"{h}.argmax(1)", gone, "integer"),
        (f"{h}.argmax(dim=1)", gone, "integer"),
        (f"torch.argmax({h}, dim=1)", gone, "integer"),
        (f"{h}.max(1)[1]", gone, "integer"),
        (f"{h}.max(1).indices", gone, "integer"),
        (f"{h}.argsort(1)", shape, "integer"),
        (f"F.one_hot({h}.argmax(1), {shape[1]})", (*gone, shape[1]), "integer"),
        (f"F.one_hot({h}.argmax(1), {shape[1]}).float()", (*gone, shape[1]), "float"),
        (f"{h}.argmax(1).float()", gone, "float"),
        (f"{h}.argmax(1, keepdim=True)", _with(shape, 1, 1), "integer"),
        (
            f"torch.zeros_like({h}).scatter_(1, {h}.argmax(1, keepdim=True), 1.0)" if held.kind == "float" else h,
            shape,
            held.kind,
        ),
        (f"torch.max({h}, 1)[1]", gone, "integer"),
    ]
    text, after, kind = rng.choice(options)
    return Held(text, after, kind)


def pooled(rng: Random, held: Held) -> Held | None:
    h, shape = held.text, held.shape
    if held.kind != "float":
        return None
    if len(shape) == 4:
        half = (*shape[:2], shape[2] // 2, shape[3] // 2)
        options = [
            (f"F.avg_pool2d({h}, 2)", half),
            (f"F.max_pool2d({h}, 2)", half),
            (f"F.adaptive_avg_pool2d({h}, 1)", (*shape[:2], 1, 1)),
            (f"F.adaptive_max_pool2d({h}, 1).flatten(1)", shape[:2]),
            (f"F.adaptive_avg_pool2d({h}, (1, 1)).squeeze(-1).squeeze(-1)", shape[:2]),
            (f"{h}.mean((2, 3))", shape[:2]),
            (f"{h}.mean([2, 3])", shape[:2]),
            (f"{h}.sum(dim=(2, 3))", shape[:2]),
            (f"F.interpolate({h}, scale_factor=2)", (*shape[:2], 2 * shape[2], 2 * shape[3])),
            (
                f"F.interpolate({h}, scale_factor=2, mode='bilinear', align_corners=False)",
                (*shape[:2], 2 * shape[2], 2 * shape[3]),
            ),
            (f"F.interpolate({h}, scale_factor=2, mode='bicubic')", (*shape[:2], 2 * shape[2], 2 * shape[3])),
            (f"nn.Softmax2d()({h})", shape),
            (f"F.pad({h}, (1, 1, 1, 1))", (*shape[:2], shape[2] + 2, shape[3] + 2)),
        ]
        options = [(text, after) for text, after in options if min(after) > 0]
    elif len(shape) == 3 and shape[2] > 1:
        half3 = (*shape[:2], shape[2] // 2)
        options = [
            (f"F.avg_pool1d({h}, 2)", half3),
            (f"F.max_pool1d({h}, 2)", half3),
            (f"F.adaptive_avg_pool1d({h}, 1).squeeze(-1)", shape[:2]),
            (f"F.adaptive_max_pool1d({h}, 1).squeeze(2)", shape[:2]),
        ]
    elif len(shape) == 2 and shape[1] > 1:
        options = [
            (f"F.avg_pool1d({h}, 2)", (shape[0], shape[1] // 2)),
            (f"F.max_pool1d({h}, 2)", (shape[0], shape[1] // 2)),
            (f"F.layer_norm({h}, ({shape[1]},))", shape),
        ]
    else:
        return None
    text, after = rng.choice(options)
    return Held(text, after)


ANY: tuple[tuple[int, Step], ...] = (
    *((2 * weight, step) for weight, step in KEEPING),
    (6, viewed),
    (7, selected),
    (5, reduced),
    (2, indices),
    (4, pooled),
    (2, cast),
)
"""All steps with weights."""
