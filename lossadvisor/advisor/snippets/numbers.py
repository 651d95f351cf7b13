"""Templates of the tasks whose target is a number: regression, counts, quantiles."""

from __future__ import annotations

from lossadvisor.advisor.snippets.parts import (
    Parts,
    Setting,
    element_count,
    mask_data,
    options,
    reduced,
    with_mask,
)

_EXPLAINED = "1 - (predict(features) - targets).square().mean() / targets.var()"


def _net(outputs: str, comment: str, inputs: int = 8) -> str:
    return (
        "model = nn.Sequential(\n"
        f"    nn.Linear({inputs}, 32),\n"
        "    nn.ReLU(),\n"
        f"    nn.Linear(32, {outputs}),  # {comment}\n"
        ")"
    )


def _data(setting: Setting) -> str:
    return (
        "features = torch.randn(128, 8)  # float32 (N, features)\n"
        "targets = features @ torch.linspace(-0.5, 0.5, 8)  # float32 (N,), standardised"
    ) + mask_data(setting, "targets")


def _regression(setting: Setting, name: str, chance: str, **arguments: object) -> Parts:
    reduction = setting.elements if setting.elements != "mean" else None
    elementwise = chance
    mean = f"(({elementwise}) * mask).sum() / mask.sum()" if setting.mask else f"({elementwise}).mean()"
    return Parts(
        data=_data(setting),
        model=_net("1", "one number, no activation"),
        criterion=f"criterion = nn.{name}({options(**arguments, reduction=reduction)})",
        arguments=with_mask(setting, "features, targets"),
        loss="prediction = model(features).squeeze(1)  # (N,), the shape of targets\n"
        + reduced(setting, "criterion(prediction, targets)"),
        count=element_count(setting, "targets"),
        predict="return model(features).squeeze(1)",
        quality=_EXPLAINED, chance=mean, floor="0.0", steps=250,
    )


def regression_mse(setting: Setting) -> Parts:
    """MSELoss."""
    return _regression(setting, "MSELoss", "targets.square()")


def regression_huber(setting: Setting) -> Parts:
    """HuberLoss with its delta written out."""
    return _regression(
        setting, "HuberLoss", "torch.where(targets.abs() < 1, targets.square() / 2, targets.abs() - 0.5)", delta=1.0
    )


def regression_smooth_l1(setting: Setting) -> Parts:
    """SmoothL1Loss with its beta written out."""
    return _regression(
        setting, "SmoothL1Loss", "torch.where(targets.abs() < 1, targets.square() / 2, targets.abs() - 0.5)", beta=1.0
    )


def regression_l1(setting: Setting) -> Parts:
    """L1Loss."""
    return _regression(setting, "L1Loss", "targets.abs()")


def regression_gaussian(setting: Setting) -> Parts:
    """GaussianNLLLoss with a mean head and a positive variance head."""
    data = (
        "features = torch.randn(1024, 2)  # float32 (N, features)\n"
        "noise = 0.1 + 0.4 * (features[:, 1] > 0)  # the spread differs from sample to sample\n"
        "targets = features[:, 0] + noise * torch.randn(1024)  # float32 (N,)"
    ) + mask_data(setting, "targets")
    model = """
class Gaussian(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 32), nn.ReLU())
        self.head = nn.Linear(32, 2)  # mean and raw variance

    def forward(self, features):
        mean, raw = self.head(self.body(features)).unbind(dim=1)
        return mean, F.softplus(raw) + 1e-4  # a variance: positive, not its logarithm, not a standard deviation


model = Gaussian()"""
    reduction = setting.elements if setting.elements != "mean" else None
    value = "criterion(mean, targets, variance)"
    variance = "(F.softplus(torch.zeros(())) + 1e-4)"
    start = f"0.5 * (torch.log({variance}) + targets.square() / {variance})"
    truth = "0.5 * (2 * torch.log(noise) + ((targets - features[:, 0]) / noise).square())"
    average = "(({}) * mask).sum() / mask.sum()" if setting.mask else "({}).mean()"
    return Parts(
        data=data, model=model,
        criterion=f"criterion = nn.GaussianNLLLoss({options(reduction=reduction)})",
        arguments=with_mask(setting, "features, targets"),
        loss="mean, variance = model(features)  # both (N,), the shape of targets\n" + reduced(setting, value),
        count=element_count(setting, "targets"),
        predict="mean, variance = model(features)\nreturn mean, variance.sqrt()  # prediction and standard deviation",
        quality="1 - (predict(features)[0] - features[:, 0]).square().mean() / features[:, 0].var()",
        chance=average.format(start), floor=average.format(truth), signed=True,
    )


def count_poisson(setting: Setting) -> Parts:
    """PoissonNLLLoss on the logarithm of the rate."""
    reduction = setting.elements if setting.elements != "mean" else None
    average = "(({}) * mask).sum() / mask.sum()" if setting.mask else "({}).mean()"
    return Parts(
        data=_counts(setting),
        model=_net("1", "the logarithm of the rate, no activation", 2),
        criterion=f"criterion = nn.PoissonNLLLoss({options(log_input=True, reduction=reduction)})",
        arguments=with_mask(setting, "features, targets"),
        loss="log_rate = model(features).squeeze(1)  # (N,), the shape of targets\n"
        + reduced(setting, "criterion(log_rate, targets)"),
        count=element_count(setting, "targets"),
        predict="return torch.exp(model(features).squeeze(1))  # the expected count",
        quality="1 - (predict(features) - rate).square().mean() / rate.var()",
        chance="1.0", floor=average.format("rate - targets * torch.log(rate)"), signed=True,
    )


def _counts(setting: Setting) -> str:
    return (
        "features = torch.randn(1024, 2)  # float32 (N, features)\n"
        "rate = torch.exp(1 + features.sum(dim=1).clamp(-2, 2) / 2)\n"
        "targets = torch.poisson(rate)  # float32 (N,), 0, 1, 2, ..."
    ) + mask_data(setting, "targets")


def count_rate(setting: Setting) -> Parts:
    """PoissonNLLLoss on a positive rate."""
    reduction = setting.elements if setting.elements != "mean" else None
    average = "(({}) * mask).sum() / mask.sum()" if setting.mask else "({}).mean()"
    net = _net("1", "raw rate", 2).removesuffix(")") + "    nn.Softplus(),  # a positive rate\n)"
    return Parts(
        data=_counts(setting),
        model=net,
        criterion=f"criterion = nn.PoissonNLLLoss({options(log_input=False, reduction=reduction)})",
        arguments=with_mask(setting, "features, targets"),
        loss="rate = model(features).squeeze(1)  # (N,), the shape of targets\n"
        + reduced(setting, "criterion(rate, targets)"),
        count=element_count(setting, "targets"),
        predict="return model(features).squeeze(1)  # the expected count",
        quality="1 - (predict(features) - rate).square().mean() / rate.var()",
        chance=average.format("math.log(2) - targets * math.log(math.log(2) + 1e-8)"),
        floor=average.format("rate - targets * torch.log(rate)"), signed=True,
    )


def count_negative_binomial(setting: Setting) -> Parts:
    """The negative log-likelihood of a negative binomial, for counts more spread than Poisson's."""
    model = """
class NegativeBinomial(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))  # the logarithm of the rate
        self.log_spread = nn.Parameter(torch.zeros(()))

    def forward(self, features):
        count = torch.exp(self.log_spread)
        log_rate = self.body(features).squeeze(1)
        return torch.distributions.NegativeBinomial(count, logits=log_rate - self.log_spread)


model = NegativeBinomial()"""
    last = {"none": "return loss", "sum": "return loss.sum()", "mean": "return loss.mean()"}[setting.elements]
    data = _counts(setting).replace(
        "torch.poisson(rate)", "torch.poisson(rate * torch.distributions.Gamma(4.0, 4.0).sample((1024,)))"
    )
    truth = "-torch.distributions.NegativeBinomial(4.0, logits=torch.log(rate / 4)).log_prob(targets)"
    average = "(({}) * mask).sum() / mask.sum()" if setting.mask else "({}).mean()"
    return Parts(
        data=data, model=model,
        criterion=f"def criterion(distribution, targets):\n    loss = -distribution.log_prob(targets)\n    {last}\n\n",
        arguments=with_mask(setting, "features, targets"),
        loss=reduced(setting, "criterion(model(features), targets)"),
        count=element_count(setting, "targets"),
        predict="return model(features).mean  # the expected count",
        quality="1 - (predict(features) - rate).square().mean() / rate.var()",
        chance=average.format("(targets + 1) * math.log(2)"), floor=average.format(truth),
    )


def quantile_pinball(setting: Setting) -> Parts:
    """The pinball loss of several quantiles at once."""
    data = (
        "quantiles = torch.tensor([0.1, 0.5, 0.9])\n"
        "features = torch.rand(512, 2) - 0.5  # float32 (N, features)\n"
        "noise = torch.rand(512) - 0.5\n"
        "targets = 2 * features[:, 0] + noise  # float32 (N,)"
    ) + mask_data(setting, "targets")
    last = {"none": "return loss", "sum": "return loss.sum()", "mean": "return loss.mean()"}[setting.elements]
    # At the true quantiles, spread evenly over the noise, the error of quantile q costs q(1-q)/2 on average.
    truth = (
        "torch.maximum(quantiles * (noise[:, None] - quantiles + 0.5), "
        "(quantiles - 1) * (noise[:, None] - quantiles + 0.5)).mean(dim=1)"
    )
    start = "torch.maximum(quantiles * targets[:, None], (quantiles - 1) * targets[:, None]).mean(dim=1)"
    average = "(({}) * mask).sum() / mask.sum()" if setting.mask else "({}).mean()"
    return Parts(
        data=data,
        model=_net("3", "one number per quantile, no activation", 2),
        criterion="def criterion(prediction, targets):\n"
        "    error = targets.unsqueeze(1) - prediction  # (N, 1) - (N, Q), meant to broadcast\n"
        "    loss = torch.maximum(quantiles * error, (quantiles - 1) * error).mean(dim=1)\n"
        f"    {last}\n\n",
        arguments=with_mask(setting, "features, targets"),
        loss=reduced(setting, "criterion(model(features), targets)"),
        count=element_count(setting, "targets"),
        predict="return model(features).sort(dim=1).values  # sorted, so that quantiles do not cross",
        quality="1 - ((targets[:, None] <= predict(features)).float().mean(dim=0) - quantiles).abs().max()",
        chance=average.format(start), floor=average.format(truth), steps=250, rate=0.02,
    )


def quantile_median(setting: Setting) -> Parts:
    """L1Loss, whose minimum is the median."""
    return regression_l1(setting)
