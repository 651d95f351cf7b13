"""Templates of the tasks that compare: ranking, metric learning, contrastive learning, distillation."""

from __future__ import annotations

from lossadvisor.advisor.snippets.parts import Parts, Setting, options


def _sum(setting: Setting) -> str | None:
    return "sum" if setting.accumulate else None


_PAIRS = (
    "better = torch.randn(128, 8)  # float32 (N, features)\n"
    "worse = torch.randn(128, 8)\n"
    "truth = torch.linspace(-1, 1, 8)\n"
    "swap = ((better - worse) @ truth < 0).unsqueeze(1)\n"
    "better, worse = torch.where(swap, worse, better), torch.where(swap, better, worse)"
)
_SCORER = "model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 1))  # one score, no activation"


def ranking_margin(setting: Setting) -> Parts:
    """MarginRankingLoss on two scores."""
    return Parts(
        data=_PAIRS + "\norder = torch.ones(128)  # float32 (N,), +1: the first is better, -1: the second",
        model=_SCORER,
        criterion=f"criterion = nn.MarginRankingLoss({options(margin=1.0, reduction=_sum(setting))})",
        arguments="better, worse, order", inputs="features",
        loss="return criterion(model(better).squeeze(1), model(worse).squeeze(1), order)",
        count="len(order)",
        predict="return model(features).squeeze(1)  # sort by it, largest first",
        quality="(predict(better) > predict(worse)).float().mean()",
        chance="1.0", floor="0.0", steps=200,
    )


def ranking_logistic(setting: Setting) -> Parts:
    """RankNet: binary cross-entropy on the difference of two scores."""
    return Parts(
        data=_PAIRS + "\npreferred = torch.ones(128)  # float32 (N,), 1 when the first is better, 0 when the second",
        model=_SCORER,
        criterion=f"criterion = nn.BCEWithLogitsLoss({options(reduction=_sum(setting))})",
        arguments="better, worse, preferred", inputs="features",
        loss="difference = (model(better) - model(worse)).squeeze(1)  # the logit of \"the first is better\"\n"
        "return criterion(difference, preferred)",
        count="len(preferred)",
        predict="return model(features).squeeze(1)  # sort by it, largest first",
        quality="(predict(better) > predict(worse)).float().mean()",
        chance="math.log(2)", floor="0.0", steps=200,
    )


def ranking_listwise(setting: Setting) -> Parts:
    """ListNet: cross-entropy over the items of a list."""
    return Parts(
        data="items = torch.randn(64, 5, 8)  # float32 (lists, items, features)\n"
        "relevance = (4 * items @ torch.linspace(-1, 1, 8)).softmax(dim=1)  # float32 (lists, items), rows sum to 1",
        model=_SCORER,
        criterion=f"criterion = nn.CrossEntropyLoss({options(reduction=_sum(setting))})",
        arguments="items, relevance", inputs="items",
        loss="scores = model(items).squeeze(-1)  # (lists, items): the items are the classes\n"
        "return criterion(scores, relevance)",
        count="len(relevance)",
        predict="return model(items).squeeze(-1).argsort(dim=1, descending=True)",
        quality="(predict(items)[:, 0] == relevance.argmax(dim=1)).float().mean()",
        chance="math.log(5)", floor="torch.special.entr(relevance).sum(dim=1).mean()", steps=200,
    )


_TRIPLETS = (
    "centres = 2 * torch.randn(4, 8)\n"
    "names = torch.arange(4).repeat(16)\n"
    "anchor = centres[names] + 0.3 * torch.randn(64, 8)  # float32 (N, features)\n"
    "positive = centres[names] + 0.3 * torch.randn(64, 8)  # of the anchor's class\n"
    "negative = centres[(names + 1) % 4] + 0.3 * torch.randn(64, 8)  # of another class; mine hard ones in practice"
)
_EMBEDDER = "model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))  # an embedding, no activation"


def metric_triplet(setting: Setting) -> Parts:
    """TripletMarginLoss with the Euclidean distance."""
    return Parts(
        data=_TRIPLETS, model=_EMBEDDER,
        criterion=f"criterion = nn.TripletMarginLoss({options(margin=1.0, reduction=_sum(setting))})",
        arguments="anchor, positive, negative", inputs="features",
        loss="return criterion(model(anchor), model(positive), model(negative))",
        count="len(anchor)",
        predict="return model(features)  # compare by the same distance as in training",
        quality="((predict(anchor) - predict(positive)).norm(dim=1)"
        " < (predict(anchor) - predict(negative)).norm(dim=1)).float().mean()",
        chance="1.0", floor="0.0",
    )


def metric_triplet_cosine(setting: Setting) -> Parts:
    """TripletMarginWithDistanceLoss with the cosine distance."""
    return Parts(
        data=_TRIPLETS, model=_EMBEDDER,
        criterion="def cosine_distance(first, second):\n"
        "    return 1 - F.cosine_similarity(first, second)  # normalises both\n\n\n"
        "criterion = nn.TripletMarginWithDistanceLoss("
        + options(distance_function="cosine_distance", margin=0.5, reduction=_sum(setting)) + ")",
        arguments="anchor, positive, negative", inputs="features",
        loss="return criterion(model(anchor), model(positive), model(negative))",
        count="len(anchor)",
        predict="return F.normalize(model(features), dim=1)  # compare by inner product",
        quality="((predict(anchor) * predict(positive)).sum(dim=1)"
        " > (predict(anchor) * predict(negative)).sum(dim=1)).float().mean()",
        floor="0.0",
    )


_SAME = (
    "centres = 2 * torch.randn(4, 8)\n"
    "names = torch.arange(4).repeat(16)\n"
    "same = torch.where(torch.arange(64) < 32, 1.0, -1.0)  # float32 (N,), +1: a pair, -1: not a pair\n"
    "first = centres[names] + 0.02 * torch.randn(64, 8)  # float32 (N, features)\n"
    "other = torch.where(same > 0, names, (names + 1) % 4)\n"
    "second = centres[other] + 0.02 * torch.randn(64, 8)"
)


def metric_cosine(setting: Setting) -> Parts:
    """CosineEmbeddingLoss on pairs with targets of -1 and +1."""
    return Parts(
        data=_SAME, model=_EMBEDDER,
        criterion=f"criterion = nn.CosineEmbeddingLoss({options(margin=0.2, reduction=_sum(setting))})",
        arguments="first, second, same", inputs="features",
        loss="return criterion(model(first), model(second), same)",
        count="len(same)",
        predict="return F.normalize(model(features), dim=1)  # compare by inner product",
        quality="(((predict(first) * predict(second)).sum(dim=1) > 0.6) == (same > 0)).float().mean()",
        floor="0.0", steps=250,
    )


def metric_hinge(setting: Setting) -> Parts:
    """HingeEmbeddingLoss on the distance of pairs."""
    return Parts(
        data=_SAME, model=_EMBEDDER,
        criterion=f"criterion = nn.HingeEmbeddingLoss({options(margin=1.0, reduction=_sum(setting))})",
        arguments="first, second, same", inputs="features",
        loss="distance = F.pairwise_distance(model(first), model(second))  # (N,), not negative\n"
        "return criterion(distance, same)",
        count="len(same)",
        predict="return model(features)  # a pair when the distance is below half the margin",
        quality="(((predict(first) - predict(second)).norm(dim=1) < 0.5) == (same > 0)).float().mean()",
        floor="0.0", steps=250,
    )


_VIEWS = (
    "things = torch.randn(32, 8)\n"
    "first = things + 0.05 * torch.randn(32, 8)  # float32 (N, features), one view of each thing\n"
    "second = things + 0.05 * torch.randn(32, 8)  # another view; row i of both belongs together"
)


def contrastive_infonce(setting: Setting) -> Parts:
    """InfoNCE: cross-entropy on similarities divided by a temperature."""
    return Parts(
        data=_VIEWS,
        model="model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 16))  # an embedding",
        criterion="criterion = nn.CrossEntropyLoss()\ntemperature = 0.1",
        arguments="first, second", inputs="features",
        loss="one, two = F.normalize(model(first), dim=1), F.normalize(model(second), dim=1)\n"
        "similarity = one @ two.T / temperature  # (N, N) logits, no softmax\n"
        "labels = torch.arange(len(similarity), device=similarity.device)  # the partner is on the diagonal\n"
        "return (criterion(similarity, labels) + criterion(similarity.T, labels)) / 2",
        predict="return F.normalize(model(features), dim=1)  # the nearest by inner product is the partner",
        quality="((predict(first) @ predict(second).T).argmax(dim=1) == torch.arange(32)).float().mean()",
        chance=f"math.log({32 // 4 if setting.accumulate else 32})", floor="0.0", steps=200,
    )


def contrastive_cosine(setting: Setting) -> Parts:
    """CosineEmbeddingLoss on given pairs."""
    return metric_cosine(setting)


def _teacher(setting: Setting) -> str:
    return (
        "features = torch.randn(128, 8)  # float32 (N, features)\n"
        f"teacher = nn.Linear(8, {setting.classes}).requires_grad_(False).eval()  # a trained model in practice\n"
        "nn.init.normal_(teacher.weight, std=2.0)\n"
        "labels = teacher(features).argmax(dim=1)  # int64 (N,)"
    )


def _student(classes: int) -> str:
    return (
        "model = nn.Sequential(\n"
        "    nn.Linear(8, 32),\n"
        "    nn.ReLU(),\n"
        f"    nn.Linear(32, {classes}),  # {classes} logits, no softmax\n"
        ")"
    )


_TAUGHT = "with torch.no_grad():\n    {line}\n"
_AGREES = "(predict(features) == labels).float().mean()"


def distillation_kl(setting: Setting) -> Parts:
    """KLDivLoss between student and teacher, times the square of the temperature."""
    reduction = "sum" if setting.accumulate else "batchmean"
    return Parts(
        data=_teacher(setting), model=_student(setting.classes),
        criterion=f'criterion = nn.KLDivLoss(reduction="{reduction}")\ntemperature = 2.0',
        arguments="features, labels",
        loss="student = F.log_softmax(model(features) / temperature, dim=1)  # log-probabilities first\n"
        + _TAUGHT.format(line="taught = F.softmax(teacher(features) / temperature, dim=1)  # probabilities second")
        + "return criterion(student, taught) * temperature ** 2  # keeps the size of the gradient",
        count="len(features)",
        predict="return model(features).argmax(dim=1)",
        quality=_AGREES,
        chance=f"4 * (math.log({setting.classes}) - torch.special.entr((teacher(features) / 2).softmax(dim=1))"
        ".sum(dim=1).mean())",
        floor="0.0", steps=250,
    )


def distillation_mixed(setting: Setting) -> Parts:
    """The divergence to the teacher and the cross-entropy to the labels."""
    return Parts(
        data=_teacher(setting), model=_student(setting.classes),
        criterion='soft_criterion = nn.KLDivLoss(reduction="batchmean")\n'
        "criterion = nn.CrossEntropyLoss()\ntemperature, share = 2.0, 0.9",
        arguments="features, labels",
        loss="logits = model(features)\n"
        + _TAUGHT.format(line="taught = F.softmax(teacher(features) / temperature, dim=1)  # probabilities second")
        + "student = F.log_softmax(logits / temperature, dim=1)  # log-probabilities first\n"
        "soft = soft_criterion(student, taught) * temperature ** 2\n"
        "return share * soft + (1 - share) * criterion(logits, labels)  # logits here",
        predict="return model(features).argmax(dim=1)",
        quality=_AGREES,
        chance=f"0.9 * 4 * (math.log({setting.classes}) - torch.special.entr((teacher(features) / 2)"
        f".softmax(dim=1)).sum(dim=1).mean()) + 0.1 * math.log({setting.classes})",
        floor="0.1 * criterion(teacher(features), labels)", steps=250,
    )


def distillation_cross_entropy(setting: Setting) -> Parts:
    """CrossEntropyLoss with the teacher's probabilities as target."""
    return Parts(
        data=_teacher(setting), model=_student(setting.classes),
        criterion=f"criterion = nn.CrossEntropyLoss({options(reduction=_sum(setting))})",
        arguments="features, labels",
        loss=_TAUGHT.format(line="taught = teacher(features).softmax(dim=1)  # probabilities, rows sum to 1")
        + "return criterion(model(features), taught)",
        count="len(features)",
        predict="return model(features).argmax(dim=1)",
        quality=_AGREES,
        chance=f"math.log({setting.classes})",
        floor="torch.special.entr(teacher(features).softmax(dim=1)).sum(dim=1).mean()", steps=250,
    )
