"""Templates of the tasks that give several labels, or ordered ones, to each sample."""

from __future__ import annotations

from lossadvisor.advisor.snippets.classification import (
    ENTROPY_BITS,
    LN2,
    bce_chance,
    bce_floor,
    cross_entropy,
    focal_chance,
    focal_criterion,
    net,
    pos_weight_lines,
)
from lossadvisor.advisor.snippets.parts import Parts, Setting, element_count, mask_data, options, reduced, with_mask


def _multilabel_data(setting: Setting) -> str:
    data = (
        "features = torch.randn(128, 8)  # float32 (N, features)\n"
        f"scores = features @ torch.randn(8, {setting.classes}) - 0.5\n"
    )
    if setting.soft_labels:
        return data + "labels = torch.sigmoid(scores)  # float32 (N, C), each in [0, 1]"
    return data + "labels = (scores > 0).float()  # float32 (N, C), any number of ones in a row"


def multilabel(setting: Setting) -> Parts:
    """BCEWithLogitsLoss with one decision per label."""
    weight, name = pos_weight_lines(setting, setting.classes)
    reduction = setting.elements if setting.elements != "mean" else None
    return Parts(
        data=_multilabel_data(setting) + mask_data(setting, "labels"),
        model=net(setting.classes, f"{setting.classes} logits, no sigmoid"),
        criterion=weight + f"criterion = nn.BCEWithLogitsLoss({options(pos_weight=name, reduction=reduction)})",
        arguments=with_mask(setting, "features, labels"),
        loss="logits = model(features)  # (N, C), the shape of labels\n" + reduced(setting,
            "criterion(logits, labels)"),
        count=element_count(setting, "labels"),
        predict="return model(features) > 0  # each label decides for itself: sigmoid > 0.5",
        quality="(predict(features) == (labels > 0.5)).float().mean()",
        chance=bce_chance(setting), floor=bce_floor(setting), steps=200,
    )


def multilabel_soft_margin(setting: Setting) -> Parts:
    """MultiLabelSoftMarginLoss, the mean over labels of the same binary cross-entropy."""
    reduction = "sum" if setting.accumulate else None
    return Parts(
        data=_multilabel_data(setting),
        model=net(setting.classes, f"{setting.classes} logits, no sigmoid"),
        criterion=f"criterion = nn.MultiLabelSoftMarginLoss({options(reduction=reduction)})",
        loss="return criterion(model(features), labels)",
        count="len(labels)",
        predict="return model(features) > 0",
        quality="(predict(features) == (labels > 0.5)).float().mean()",
        chance=LN2, floor=f"{ENTROPY_BITS}" if setting.soft_labels else "0.0", steps=200,
    )


def multilabel_focal(setting: Setting) -> Parts:
    """Focal loss with one decision per label."""
    return Parts(
        data=_multilabel_data(setting) + mask_data(setting, "labels"),
        model=net(setting.classes, f"{setting.classes} logits, no sigmoid"),
        criterion=focal_criterion(setting.elements),
        arguments=with_mask(setting, "features, labels"),
        loss=reduced(setting, "criterion(model(features), labels)"),
        count=element_count(setting, "labels"),
        predict="return model(features) > 0",
        quality="(predict(features) == (labels > 0.5)).float().mean()",
        chance=focal_chance(setting), floor="0.0", steps=200,
    )


def _ordinal_data(classes: int, ignored: int | None) -> str:
    data = (
        "features = torch.randn(128, 8)  # float32 (N, features)\n"
        f"edges = torch.linspace(-2, 2, {classes + 1})[1:-1]\n"
        f"labels = torch.bucketize(features[:, :2].sum(dim=1), edges)  # int64 (N,), 0 ... {classes - 1} in order"
    )
    return data if ignored is None else data + f"\nlabels[::8] = {ignored}  # samples without a label"


def ordinal_cumulative(setting: Setting) -> Parts:
    """C-1 questions "is the class above k?" with one shared weight vector (CORAL)."""
    classes, ignored = setting.classes, setting.ignore_index
    model = f"""
class Cumulative(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1, bias=False))  # one shared score
        self.bias = nn.Parameter(torch.zeros({classes - 1}))

    def forward(self, features):
        return self.body(features) + self.bias  # (N, {classes - 1}) logits, no sigmoid


model = Cumulative()"""
    kept = "" if ignored is None else (
        f"keep = labels != {ignored}\nlogits, labels = logits[keep], labels[keep]\n"
    )
    count = "labels.numel()" if ignored is None else f"(labels != {ignored}).sum()"
    right = "(predict(features) == labels)" + ("" if ignored is None else f"[labels != {ignored}]")
    reduction = "sum" if setting.accumulate else None
    return Parts(
        data=_ordinal_data(classes, ignored),
        model=model,
        criterion=f"criterion = nn.BCEWithLogitsLoss({options(reduction=reduction)})",
        loss="logits = model(features)\n" + kept
        + f"above = (labels[:, None] > torch.arange({classes - 1})).float()  # class 2 of 5 is 1, 1, 0, 0\n"
        + "return criterion(logits, above)",
        count=f"{count} * {classes - 1}",
        predict="return (model(features) > 0).sum(dim=1)  # how many thresholds are passed",
        quality=f"{right}.float().mean()",
        chance=LN2, floor="0.0", steps=500, rate=0.1,
    )


def ordinal_cross_entropy(setting: Setting) -> Parts:
    """CrossEntropyLoss that ignores the order."""
    layer = f"{setting.classes} logits, no softmax"
    data = _ordinal_data(setting.classes, setting.ignore_index)
    if setting.soft_labels:
        data = data.split("\n")[0] + "\n" + (
            f"centres = torch.linspace(-2, 2, {setting.classes})\n"
            "labels = (-(features[:, :1] - centres) ** 2).softmax(dim=1)  # float32 (N, C), rows sum to 1"
        )
    return cross_entropy(setting, setting.classes, data, layer)
