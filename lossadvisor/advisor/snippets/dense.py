"""Templates of tasks with a target for every pixel, and of detection."""

from __future__ import annotations

from lossadvisor.advisor.snippets.parts import Parts, Setting, numbers, options

_DICE = '''def dice_loss(logits, masks, {extra}smooth=1.0):
    share = torch.sigmoid(logits){keep}  # the only place with a sigmoid
    overlap = (share * masks).sum(dim=(1, 2, 3))
    size = share.sum(dim=(1, 2, 3)) + masks.sum(dim=(1, 2, 3))
    return (1 - (2 * overlap + smooth) / (size + smooth)).mean()
'''


def _conv(channels: int, comment: str) -> str:
    return (
        "model = nn.Sequential(\n"
        "    nn.Conv2d(3, 16, kernel_size=3, padding=1),\n"
        "    nn.ReLU(),\n"
        f"    nn.Conv2d(16, {channels}, kernel_size=1),  # {comment}\n"
        ")"
    )


def _valid(setting: Setting) -> bool:
    return setting.mask or setting.ignore_index is not None


def _binary_data(setting: Setting) -> str:
    data = (
        "images = torch.randn(16, 3, 12, 12)  # float32 (N, 3, H, W)\n"
        "masks = (images[:, :1] > 0.8).float()  # float32 (N, 1, H, W), 0 or 1 (divide 0/255 masks by 255)"
    )
    if setting.ignore_index is not None:
        data += (
            f"\nlabels = masks.long()\nlabels[:, :, 0] = {setting.ignore_index}  # void pixels\n"
            f"mask = (labels != {setting.ignore_index}).float()  # 1 where the target counts\n"
            "masks = labels.float() * mask"
        )
    elif setting.mask:
        data += (
            "\nmask = torch.ones_like(masks)\nmask[:, :, 0] = 0  # 1 where the target counts\nmasks = masks * mask"
        )
    return data


def _pixel_weight(setting: Setting) -> tuple[str, str | None]:
    if not setting.imbalanced:
        return "", None
    if setting.pos_weight:
        value = f"torch.tensor([{numbers(setting.pos_weight[:1])}])"
        return f"pos_weight = {value}  # background / foreground pixels\n", "pos_weight"
    return (
        "pos_weight = ((1 - masks).sum() / masks.sum().clamp(min=1)).reshape(1)  # background / foreground pixels\n"
    ), "pos_weight"


def _binary(setting: Setting, with_dice: bool) -> Parts:
    # Dice minds a rare foreground already: a weight beside it would count the same thing twice.
    weight, name = ("", None) if with_dice else _pixel_weight(setting)
    valid = _valid(setting)
    reduction = "none" if valid else None
    pixel = f"criterion = nn.BCEWithLogitsLoss({options(pos_weight=name, reduction=reduction)})"
    dice = _DICE.format(extra="mask, " if valid else "", keep=" * mask" if valid else "")
    bce = "(criterion(logits, masks) * mask).sum() / mask.sum()" if valid else "criterion(logits, masks)"
    extra = " + dice_loss(logits, masks, mask)" if valid else " + dice_loss(logits, masks)"
    arguments = "images, masks, mask" if valid else "images, masks"
    factor = "(1 + (pos_weight - 1) * masks)" if name else "torch.ones_like(masks)"
    mean = f"({factor} * mask).sum() / mask.sum()" if valid else f"{factor}.mean()"
    zeros = f"dice_loss(torch.zeros_like(masks), masks{', mask' if valid else ''})"
    right = "(predict(images) == (masks > 0.5))" + ("[mask > 0]" if valid else "")
    return Parts(
        data=_binary_data(setting),
        model=_conv(1, "one logit per pixel, no sigmoid"),
        criterion=weight + pixel + ("\n\n\n" + dice + "\n" if with_dice else ""),
        arguments=arguments, inputs="images",
        loss="logits = model(images)  # (N, 1, H, W), the shape of masks\n"
        f"return {bce}{extra if with_dice else ''}",
        predict="return model(images) > 0  # sigmoid > 0.5 in every pixel",
        quality=f"{right}.float().mean()",
        chance=f"math.log(2) * {mean}" + (f" + {zeros}" if with_dice else ""), floor="0.0", rate=0.05,
    )


def segmentation_binary(setting: Setting) -> Parts:
    """BCE with logits plus Dice on the same logits."""
    return _binary(setting, with_dice=True)


def segmentation_binary_plain(setting: Setting) -> Parts:
    """BCE with logits alone."""
    return _binary(setting, with_dice=False)


def _class_data(setting: Setting, ignored: int | None) -> str:
    data = (
        "images = torch.randn(16, 3, 12, 12)  # float32 (N, 3, H, W)\n"
        f'masks = torch.einsum("nchw,ck->nkhw", images, torch.randn(3, {setting.classes})).argmax(dim=1)'
        "  # int64 (N, H, W)"
    )
    if ignored is None:
        return data
    if setting.mask and setting.ignore_index is None:
        return data + (
            "\nmask = torch.ones_like(masks, dtype=torch.bool)\nmask[:, 0] = False  # True where the target counts\n"
            f"masks = masks.masked_fill(~mask, {ignored})"
        )
    return data + f"\nmasks[:, 0] = {ignored}  # void pixels"


def _classes(setting: Setting, with_dice: bool) -> Parts:
    classes = setting.classes
    ignored = setting.ignore_index if setting.ignore_index is not None else -100 if setting.mask else None
    weight, name = "", None
    if setting.imbalanced and not with_dice:
        name = "class_weight"
        kept = "masks.flatten()" if ignored is None else f"masks[masks != {ignored}]"
        weight = (
            f"class_weight = torch.tensor([{numbers(setting.class_weight[:classes])}])"
            "  # pixels / (classes * count of the class)\n"
            if setting.class_weight
            else f"counts = torch.bincount({kept}, minlength={classes}).clamp(min=1)\n"
            f"class_weight = counts.sum() / ({classes} * counts)\n"
        )
    written = ignored if ignored not in (None, -100) else None
    reduction = "sum" if setting.accumulate and not with_dice else None
    call = options(weight=name, ignore_index=written, reduction=reduction)
    keep = f"masks != {ignored}"
    dice = f'''def dice_loss(logits, masks, smooth=1.0):
    share = logits.softmax(dim=1)  # the only place with a softmax
    known = ({keep if ignored is not None else "masks >= 0"}).unsqueeze(1)
    truth = F.one_hot(masks.clamp(0, {classes - 1}), {classes}).permute(0, 3, 1, 2) * known
    overlap = (share * truth).sum(dim=(0, 2, 3))
    size = (share * known).sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    return (1 - (2 * overlap + smooth) / (size + smooth)).mean()
'''
    picked = "masks" if ignored is None else f"masks[{keep}]"
    count = f"class_weight[{picked}].sum()" if name else ("masks.numel()" if ignored is None else f"({keep}).sum()")
    right = "(predict(images) == masks)" + ("" if ignored is None else f"[{keep}]")
    zeros = f" + dice_loss(torch.zeros(16, {classes}, 12, 12), masks)"
    return Parts(
        data=_class_data(setting, ignored),
        model=_conv(classes, f"{classes} logits per pixel, no softmax"),
        criterion=weight + f"criterion = nn.CrossEntropyLoss({call})" + ("\n\n\n" + dice + "\n" if with_dice else ""),
        arguments="images, masks", inputs="images",
        loss=f"logits = model(images)  # (N, {classes}, H, W); classes on axis 1\n"
        + f"return criterion(logits, masks){' + dice_loss(logits, masks)' if with_dice else ''}",
        count=None if with_dice else count,
        predict="return model(images).argmax(dim=1)  # (N, H, W)",
        quality=f"{right}.float().mean()",
        chance=f"math.log({classes})" + (zeros if with_dice else ""), floor="0.0", rate=0.05,
    )


def segmentation_classes(setting: Setting) -> Parts:
    """Cross-entropy plus Dice on the same logits."""
    return _classes(setting, with_dice=True)


def segmentation_classes_plain(setting: Setting) -> Parts:
    """Cross-entropy alone."""
    return _classes(setting, with_dice=False)


def detection(setting: Setting, box: str, box_class: str) -> Parts:
    """One-stage detection: focal loss on the class logits of every anchor, a box loss on the matched anchors."""
    classes = setting.classes
    void = setting.ignore_index
    skip = f"\nlabels[:, -1] = {void}  # anchors that are neither object nor background" if void is not None else ""
    known = f"labels != {void}" if void is not None else "labels >= -1"
    data = f"""
anchors = 6
images = torch.randn(32, 8)  # float32 (N, features); a backbone stands before this in practice
scores = (images @ torch.randn(8, anchors * {classes})).unflatten(1, (anchors, {classes}))
labels = scores.argmax(dim=2).masked_fill(scores.amax(dim=2) < 3, -1)  # int64 (N, anchors), -1 is background
boxes = (images @ torch.randn(8, anchors * 4) / 4).unflatten(1, (anchors, 4))  # offsets from the anchors{skip}"""
    model = f"""
class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 64), nn.ReLU())
        self.box = nn.Linear(64, anchors * 4)  # no activation
        self.score = nn.Linear(64, anchors * {classes})  # logits, no sigmoid and no background class

    def forward(self, images):
        hidden = self.body(images)
        scores = self.score(hidden).unflatten(1, (anchors, {classes}))
        return scores, self.box(hidden).unflatten(1, (anchors, 4))


model = Detector()"""
    criterion = f"""
def focal_loss(logits, targets, alpha=0.25, gamma=2.0):
    loss = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    right = torch.exp(-loss)  # the probability given to the true answer
    return (alpha * targets + (1 - alpha) * (1 - targets)) * (1 - right) ** gamma * loss


criterion = nn.{box_class}({box}reduction="sum")"""
    loss = f"""
logits, offsets = model(images)
known = {known}
matched = known & (labels >= 0)
targets = F.one_hot(labels.clamp(0, {classes - 1}), {classes}).float() * matched.unsqueeze(2)
classification = focal_loss(logits, targets)[known].sum()
regression = criterion(offsets[matched], boxes[matched])
return (classification + regression) / matched.sum().clamp(min=1)  # per object, not per anchor"""
    return Parts(
        data=data, model=model, criterion=criterion, loss=loss,
        arguments="images, labels, boxes", inputs="images",
        predict="logits, offsets = model(images)\n"
        "confidence, classes = torch.sigmoid(logits).max(dim=2)\n"
        "return torch.where(confidence > 0.5, classes, -1), offsets  # then non-maximum suppression",
        quality=f"(predict(images)[0] == labels)[{known}].float().mean()",
        floor="0.0", steps=250,
    )


def detection_smooth_l1(setting: Setting) -> Parts:
    """Focal loss and SmoothL1."""
    return detection(setting, "beta=1 / 9, ", "SmoothL1Loss")


def detection_l1(setting: Setting) -> Parts:
    """Focal loss and L1."""
    return detection(setting, "", "L1Loss")
