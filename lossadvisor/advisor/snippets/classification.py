"""Templates of the tasks that give one label to each sample."""

from __future__ import annotations

from lossadvisor.advisor.snippets.parts import (
    Parts,
    Setting,
    element_count,
    mask_data,
    numbers,
    options,
    reduced,
    with_mask,
)

LN2 = "math.log(2)"
ENTROPY_BITS = "(torch.special.entr(labels) + torch.special.entr(1 - labels)).mean()"


def _binary_data(setting: Setting) -> str:
    data = "features = torch.randn(128, 8)  # float32 (N, features)\nscore = features[:, :2].sum(dim=1)\n"
    if setting.soft_labels:
        return data + "labels = torch.sigmoid(score)  # float32 (N,), probabilities in [0, 1]"
    return data + "labels = (score > 0.5).float()  # float32 (N,), 0 or 1"


def pos_weight_lines(setting: Setting, columns: int) -> tuple[str, str | None]:
    if not setting.imbalanced:
        return "", None
    if setting.pos_weight:
        values = setting.pos_weight if len(setting.pos_weight) in (1, columns) else setting.pos_weight[:columns]
        return f"pos_weight = torch.tensor([{numbers(values)}])  # negatives / positives\n", "pos_weight"
    return (
        "positives = labels.sum(dim=0)\n"
        "pos_weight = (len(labels) - positives) / positives.clamp(min=1)  # negatives / positives\n"
    ), "pos_weight"


def net(outputs: int | str, comment: str, hidden: int = 32) -> str:
    return (
        "model = nn.Sequential(\n"
        f"    nn.Linear(8, {hidden}),\n"
        "    nn.ReLU(),\n"
        f"    nn.Linear({hidden}, {outputs}),  # {comment}\n"
        ")"
    )


def bce_chance(setting: Setting) -> str:
    weight = f"1 + ({'pos_weight' if setting.imbalanced else '1'} - 1) * labels"
    weighted = f"({weight}).expand_as(labels)"
    mean = f"({weighted} * mask).sum() / mask.sum()" if setting.mask else f"({weighted}).mean()"
    return f"{LN2} * {mean}"


def bce_floor(setting: Setting) -> str:
    if not setting.soft_labels:
        return "0.0"
    bits = "(torch.special.entr(labels) + torch.special.entr(1 - labels))"
    return f"({bits} * mask).sum() / mask.sum()" if setting.mask else f"{bits}.mean()"


def binary_one_logit(setting: Setting) -> Parts:
    """One logit and BCEWithLogitsLoss."""
    weight, name = pos_weight_lines(setting, 1)
    reduction = setting.elements if setting.elements != "mean" else None
    return Parts(
        data=_binary_data(setting) + mask_data(setting, "labels"),
        model=net(1, "one logit, no sigmoid"),
        criterion=weight + f"criterion = nn.BCEWithLogitsLoss({options(pos_weight=name, reduction=reduction)})",
        arguments=with_mask(setting, "features, labels"),
        loss="logits = model(features).squeeze(1)  # (N,), the shape of labels\n"
        + reduced(setting, "criterion(logits, labels)"),
        count=element_count(setting, "labels"),
        predict="logits = model(features).squeeze(1)\n"
        "return logits > 0  # the same as torch.sigmoid(logits) > 0.5",
        quality="(predict(features) == (labels > 0.5)).float().mean()",
        chance=bce_chance(setting), floor=bce_floor(setting),
    )


def binary_two_logits(setting: Setting) -> Parts:
    """Two logits and CrossEntropyLoss."""
    labels = (
        "labels = (features[:, :2].sum(dim=1) > 0.5).long()  # int64 (N,), 0 or 1"
        if not setting.soft_labels
        else "positive = torch.sigmoid(features[:, :2].sum(dim=1))\n"
        "labels = torch.stack([1 - positive, positive], dim=1)  # float32 (N, 2), rows sum to 1"
    )
    return cross_entropy(
        setting, 2, "features = torch.randn(128, 8)  # float32 (N, features)\n" + labels, "two logits, no softmax"
    )


def _class_weight(setting: Setting, classes: int) -> tuple[str, str | None]:
    if not setting.imbalanced:
        return "", None
    if setting.class_weight:
        return (
            f"class_weight = torch.tensor([{numbers(setting.class_weight[:classes])}])  "
            "# samples / (classes * count of the class)\n"
        ), "class_weight"
    return (
        f"counts = torch.bincount(labels, minlength={classes}).clamp(min=1)\n"
        f"class_weight = len(labels) / ({classes} * counts)\n"
    ), "class_weight"


def _class_data(setting: Setting) -> str:
    data = (
        "features = torch.randn(128, 8)  # float32 (N, features)\n"
        f"scores = features @ torch.randn(8, {setting.classes})\n"
    )
    if setting.soft_labels:
        return data + "labels = scores.softmax(dim=1)  # float32 (N, C), rows sum to 1"
    data += f"labels = scores.argmax(dim=1)  # int64 (N,), 0 ... {setting.classes - 1}"
    if setting.ignore_index is not None:
        data += f"\nlabels[::8] = {setting.ignore_index}  # samples without a label"
    return data


def cross_entropy(setting: Setting, classes: int, data: str, layer: str, smoothing: float | None = None) -> Parts:
    soft = setting.soft_labels
    ignored = setting.ignore_index
    weight, name = ("", None) if soft else _class_weight(setting, classes)
    written = ignored if ignored not in (None, -100) else None
    reduction = "sum" if setting.accumulate else None
    call = options(weight=name, ignore_index=written, reduction=reduction, label_smoothing=smoothing)
    kept = f"(labels != {ignored})" if ignored is not None else None
    count = "len(labels)" if kept is None else f"{kept}.sum()"
    if name:
        count = f"class_weight[labels{f'[labels != {ignored}]' if kept else ''}].sum()"
    floor = "torch.special.entr(labels).sum(dim=1).mean()" if soft else "0.0"
    if smoothing:
        spread = f"torch.full(({classes},), {smoothing} / {classes})"
        floor = f"torch.special.entr({spread} + {1 - smoothing} * torch.eye({classes})[0]).sum()"
    right = "labels.argmax(dim=1)" if soft else "labels"
    quality = f"(predict(features) == {right}).float().mean()"
    if kept:
        quality = f"(predict(features) == labels)[labels != {ignored}].float().mean()"
    if kept and weight and not setting.class_weight:
        weight = weight.replace("torch.bincount(labels,", f"torch.bincount(labels[labels != {ignored}],")
    return Parts(
        data=data,
        model=net(classes, layer),
        criterion=weight + f"criterion = nn.CrossEntropyLoss({call})",
        loss="return criterion(model(features), labels)",
        count=count,
        predict="return model(features).argmax(dim=1)  # softmax would not change the order",
        quality=quality,
        chance=f"math.log({classes})",
        floor=floor,
    )


def multiclass(setting: Setting) -> Parts:
    """CrossEntropyLoss on logits with class indices or probabilities."""
    return cross_entropy(setting, setting.classes, _class_data(setting), f"{setting.classes} logits, no softmax")


def multiclass_smoothed(setting: Setting) -> Parts:
    """CrossEntropyLoss with label smoothing."""
    layer = f"{setting.classes} logits, no softmax"
    return cross_entropy(setting, setting.classes, _class_data(setting), layer, smoothing=0.1)


def multiclass_nll(setting: Setting) -> Parts:
    """Log-softmax inside the model and NLLLoss."""
    weight, name = _class_weight(setting, setting.classes)
    reduction = "sum" if setting.accumulate else None
    layers = net(setting.classes, "logits").removesuffix(")") + "    nn.LogSoftmax(dim=1),  # log-probabilities\n)"
    return Parts(
        data=_class_data(setting),
        model=layers,
        criterion=weight + f"criterion = nn.NLLLoss({options(weight=name, reduction=reduction)})",
        loss="return criterion(model(features), labels)",
        count="class_weight[labels].sum()" if name else "len(labels)",
        predict="return model(features).argmax(dim=1)",
        quality="(predict(features) == labels).float().mean()",
        chance=f"math.log({setting.classes})", floor="0.0",
    )


def multiclass_margin(setting: Setting) -> Parts:
    """MultiMarginLoss on scores."""
    reduction = "sum" if setting.accumulate else None
    classes = setting.classes
    return Parts(
        data=_class_data(setting),
        model=net(classes, f"{classes} scores, no softmax"),
        criterion=f"criterion = nn.MultiMarginLoss({options(reduction=reduction)})",
        loss="return criterion(model(features), labels)",
        count="len(labels)",
        predict="return model(features).argmax(dim=1)",
        quality="(predict(features) == labels).float().mean()",
        chance=f"{classes - 1} / {classes}", floor="0.0",
    )


def multiclass_adaptive(setting: Setting) -> Parts:
    """AdaptiveLogSoftmaxWithLoss, which owns the output layer."""
    classes = setting.classes
    first = max(1, classes // 10) if classes > 20 else max(1, classes // 2)
    return Parts(
        data=_class_data(setting),
        model="model = nn.Sequential(nn.Linear(8, 32), nn.ReLU())  # features; the criterion owns the output layer",
        criterion=f"criterion = nn.AdaptiveLogSoftmaxWithLoss(32, {classes}, cutoffs=[{first}])  "
        "# the most frequent classes come first",
        parameters="[*model.parameters(), *criterion.parameters()]",
        loss="return criterion(model(features), labels).loss",
        predict="return criterion.predict(model(features))",
        quality="(predict(features) == labels).float().mean()",
        floor="0.0",
    )


def focal_criterion(reduction: str) -> str:
    last = "return focal" if reduction == "none" else f"return focal.{reduction}()"
    return (
        "def criterion(logits, targets, alpha=0.25, gamma=2.0):\n"
        '    loss = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")\n'
        "    right = torch.exp(-loss)  # the probability given to the true answer\n"
        "    balance = alpha * targets + (1 - alpha) * (1 - targets)\n"
        "    focal = balance * (1 - right) ** gamma * loss\n"
        f"    {last}\n\n"
    )


def focal_chance(setting: Setting) -> str:
    value = f"(0.25 * labels + 0.75 * (1 - labels)) * 0.25 * {LN2}"
    return f"(({value}) * mask).sum() / mask.sum()" if setting.mask else f"({value}).mean()"


def binary_focal(setting: Setting) -> Parts:
    """Focal loss on one logit."""
    return Parts(
        data=_binary_data(setting) + mask_data(setting, "labels"),
        model=net(1, "one logit, no sigmoid"),
        criterion=focal_criterion(setting.elements),
        arguments=with_mask(setting, "features, labels"),
        loss="logits = model(features).squeeze(1)  # (N,), the shape of labels\n"
        + reduced(setting, "criterion(logits, labels)"),
        count=element_count(setting, "labels"),
        predict="return model(features).squeeze(1) > 0",
        quality="(predict(features) == (labels > 0.5)).float().mean()",
        chance=focal_chance(setting), floor="0.0",
    )


def binary_soft_margin(setting: Setting) -> Parts:
    """SoftMarginLoss on one score with targets of -1 and +1."""
    reduction = setting.elements if setting.elements != "mean" else None
    return Parts(
        data="features = torch.randn(128, 8)  # float32 (N, features)\n"
        "labels = torch.where(features[:, :2].sum(dim=1) > 0.5, 1.0, -1.0)  # float32 (N,), -1 or +1"
        + mask_data(setting, "labels"),
        model=net(1, "one score, no sigmoid"),
        criterion=f"criterion = nn.SoftMarginLoss({options(reduction=reduction)})",
        arguments=with_mask(setting, "features, labels"),
        loss="scores = model(features).squeeze(1)  # (N,), the shape of labels\n"
        + reduced(setting, "criterion(scores, labels)"),
        count=element_count(setting, "labels"),
        predict="return model(features).squeeze(1) > 0",
        quality="(predict(features) == (labels > 0)).float().mean()",
        chance=LN2, floor="0.0",
    )
