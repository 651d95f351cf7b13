"""Templates of generative models: variational auto-encoders and adversarial pairs."""

from __future__ import annotations

from lossadvisor.advisor.snippets.parts import Parts, Setting

_VAE = """
class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4))  # mean and log-variance
        self.decoder = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 16))  # {output}

    def forward(self, images):
        mean, log_variance = self.encoder(images).chunk(2, dim=1)
        sample = mean + torch.randn_like(mean) * torch.exp(log_variance / 2)
        return self.decoder(sample), mean, log_variance


model = VAE()"""

_VAE_LOSS = """
{name}, mean, log_variance = model(images)
reconstruction = criterion({name}, images)  # summed over pixels
divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()  # summed over latents
return (reconstruction + beta * divergence) / len(images)  # both divided by the same number"""


def vae_bernoulli(setting: Setting) -> Parts:
    """Summed BCE with logits and the summed divergence, per image."""
    return Parts(
        data="kinds = (torch.rand(4, 16) < 0.5).float()\n"
        "images = kinds[torch.arange(64) % 4]  # float32 (N, pixels) in [0, 1]",
        model=_VAE.format(output="logits, no sigmoid"),
        criterion='criterion = nn.BCEWithLogitsLoss(reduction="sum")\nbeta = 1.0',
        arguments="images", inputs="images", loss=_VAE_LOSS.format(name="logits"),
        predict="return torch.sigmoid(model.decoder(model.encoder(images)[:, :2]))  # the reconstruction",
        quality="((predict(images) > 0.5) == (images > 0.5)).float().mean()",
        # Four kinds are at best told apart exactly: the bound then costs ln 4 and no reconstruction error.
        floor="math.log(4)", steps=600,
    )


def vae_gaussian(setting: Setting) -> Parts:
    """Summed squared error and the summed divergence, per sample."""
    return Parts(
        data="kinds = 4 * torch.randn(4, 16)\n"
        "images = kinds[torch.arange(64) % 4]  # float32 (N, values), standardised",
        model=_VAE.format(output="real values, no activation"),
        criterion='squared_error = nn.MSELoss(reduction="sum")\nbeta = 1.0\n\n\n'
        "def criterion(prediction, images):\n"
        "    return squared_error(prediction, images) / 2  # a Gaussian of variance 1\n\n",
        arguments="images", inputs="images", loss=_VAE_LOSS.format(name="prediction"),
        predict="return model.decoder(model.encoder(images)[:, :2])  # the reconstruction",
        quality="1 - (predict(images) - images).square().mean() / images.var()",
        floor="math.log(4)", steps=600,
    )


_GAN_DATA = "centre = torch.tensor([2.0, -1.0])\nreal_data = centre + 0.5 * torch.randn(256, 2)  # float32 (N, values)"
_GAN_MODEL = (
    "model = nn.Linear(4, 2)  # the generator\n"
    "critic = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))  # {output}\n"
    "{criterion}"
    "critic_optimizer = torch.optim.Adam(critic.parameters(), lr={critic_rate}, betas=(0.5, 0.9))\n"
    "generator_optimizer = torch.optim.Adam(model.parameters(), lr=0.005, betas=(0.5, 0.9))"
)
_GAN_STEP = """
def training_step(real):
    fake = model(torch.randn(len(real), 4))
    critic_optimizer.zero_grad()
    critic_loss = critic_loss_of(real, fake.detach())  # the generator learns nothing from this step
    critic_loss.backward()
    critic_optimizer.step()

    generator_optimizer.zero_grad()
    generator_loss = generator_loss_of(model(torch.randn(len(real), 4)))
    generator_loss.backward()
    generator_optimizer.step()
    return critic_loss.item()"""
_CLOSE = "1 - (predict(torch.randn(2000, 4)).mean(dim=0) - centre).norm() / centre.norm()"


def _gan(
    losses: str, output: str, criterion: str, *, chance: str, floor: str, rate: float = 0.005, signed: bool = False
) -> Parts:
    return Parts(
        data=_GAN_DATA,
        model=_GAN_MODEL.format(output=output, criterion=criterion, critic_rate=rate),
        criterion=criterion.strip(),
        loss="", arguments="real_data", inputs="noise",
        training=losses.strip("\n") + "\n\n\n" + _GAN_STEP.strip("\n"),
        predict="return model(noise)  # new samples",
        quality=_CLOSE, chance=chance, floor=floor, signed=signed, steps=1000,
    )


def gan_logistic(setting: Setting) -> Parts:
    """The non-saturating objective: BCE with logits for both players."""
    losses = """
def critic_loss_of(real, fake):
    real_logits, fake_logits = critic(real), critic(fake)
    real_loss = criterion(real_logits, torch.ones_like(real_logits))
    return real_loss + criterion(fake_logits, torch.zeros_like(fake_logits))


def generator_loss_of(fake):
    logits = critic(fake)
    return criterion(logits, torch.ones_like(logits))  # wants to be called real"""
    return _gan(losses, "one logit, no sigmoid", "criterion = nn.BCEWithLogitsLoss()\n",
                chance="2 * math.log(2)", floor="2 * math.log(2)")


def gan_hinge(setting: Setting) -> Parts:
    """The hinge objective."""
    losses = """
def critic_loss_of(real, fake):
    return F.relu(1 - critic(real)).mean() + F.relu(1 + critic(fake)).mean()


def generator_loss_of(fake):
    return -critic(fake).mean()"""
    return _gan(losses, "one score, no activation", "", chance="2.0", floor="2.0")


def gan_wasserstein(setting: Setting) -> Parts:
    """The Wasserstein objective with a gradient penalty."""
    losses = """
def gradient_penalty(real, fake):
    share = torch.rand(len(real), 1)
    between = (share * real + (1 - share) * fake).requires_grad_()
    slope, = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return (slope.norm(dim=1) - 1).square().mean()


def critic_loss_of(real, fake):
    return critic(fake).mean() - critic(real).mean() + 10 * gradient_penalty(real, fake)


def generator_loss_of(fake):
    return -critic(fake).mean()"""
    return _gan(losses, "one score, no activation", "", chance="10.0", floor="0.0", rate=0.02, signed=True)


def gan_least_squares(setting: Setting) -> Parts:
    """The least-squares objective."""
    losses = """
def critic_loss_of(real, fake):
    real_scores, fake_scores = critic(real), critic(fake)
    real_loss = criterion(real_scores, torch.ones_like(real_scores))
    return real_loss + criterion(fake_scores, torch.zeros_like(fake_scores))


def generator_loss_of(fake):
    scores = critic(fake)
    return criterion(scores, torch.ones_like(scores))"""
    return _gan(losses, "one score, no activation", "criterion = nn.MSELoss()\n", chance="1.0", floor="0.5")
