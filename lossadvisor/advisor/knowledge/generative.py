"""Rows of generative models."""

from __future__ import annotations

from lossadvisor.advisor.facts import Task
from lossadvisor.advisor.knowledge.links import (
    BCEL,
    DCGAN,
    HINGE_GAN_PAPER,
    LSGAN_PAPER,
    MSE,
    VAE_PAPER,
    WGAN_GP_PAPER,
)
from lossadvisor.advisor.model import Recipe
from lossadvisor.advisor.model import Statement as S
from lossadvisor.values import Domain

_SAMPLE = S("decode samples of the standard normal distribution", VAE_PAPER)
_NOISE = S("the generator's output for new noise", DCGAN)


def _score(page: str) -> S:
    return S("the critic's score, one number, no sigmoid", page)


GENERATIVE: tuple[Recipe, ...] = (
    Recipe(
        "vae-bernoulli", Task.VAE, "Summed BCEWithLogitsLoss plus beta times the summed divergence", "bce_with_logits",
        S("both terms summed and divided by the batch: a mean over pixels beside a sum over latents hides a beta of "
          "the "
          "number of pixels", VAE_PAPER),
        S("decoder logits, no sigmoid; encoder gives mean and log-variance, no activation", BCEL),
        S("the input itself, float in [0, 1]", BCEL), _SAMPLE, "no claim",
        "the information needed to tell the inputs apart (ln of their number)", Domain.SCORES, Domain.UNIT_INTERVAL,
    ),
    Recipe(
        "vae-gaussian", Task.VAE, "Summed MSELoss / 2 plus beta times the summed divergence", "mse",
        S("for real-valued inputs: a Gaussian decoder of variance 1", VAE_PAPER),
        S("decoder output without activation; encoder gives mean and log-variance", MSE),
        S("the input itself, standardised", MSE), _SAMPLE, "no claim",
        "near the information needed to tell the inputs apart", Domain.REAL, Domain.REAL,
    ),
    Recipe(
        "gan-logistic", Task.GAN, "BCEWithLogitsLoss for both players (non-saturating)", "bce_with_logits",
        S("the generator maximises the probability of being called real; the sigmoid belongs into the loss", DCGAN),
        S("one logit from the discriminator, no sigmoid", BCEL),
        S("ones for real and zeros for fake; the generator gets ones; detach the fakes in the critic's step", DCGAN),
        _NOISE, "2 ln 2 = 1.3863", "2 ln 2 = 1.3863 at the equilibrium", Domain.SCORES, Domain.UNIT_INTERVAL,
    ),
    Recipe(
        "gan-hinge", Task.GAN, "Hinge objective", None,
        S("relu(1 - D(real)) + relu(1 + D(fake)) for the critic, -D(fake) for the generator", HINGE_GAN_PAPER),
        _score(HINGE_GAN_PAPER), S("no labels; detach the fakes in the critic's step", HINGE_GAN_PAPER), _NOISE,
        "2", "2 at the equilibrium", Domain.SCORES,
    ),
    Recipe(
        "gan-wasserstein", Task.GAN, "Wasserstein objective with gradient penalty", None,
        S("D(fake) - D(real) plus 10 times the squared distance of the slope from 1", WGAN_GP_PAPER),
        _score(WGAN_GP_PAPER), S("no labels; detach the fakes in the critic's step", WGAN_GP_PAPER), _NOISE,
        "10 (the penalty of a flat critic)", "0 at the equilibrium", Domain.SCORES,
    ),
    Recipe(
        "gan-least-squares", Task.GAN, "MSELoss for both players (least squares)", "mse",
        S("squared distance to 1 for real and 0 for fake; gradients do not saturate", LSGAN_PAPER),
        _score(LSGAN_PAPER), S("ones for real and zeros for fake; the generator gets ones", LSGAN_PAPER), _NOISE,
        "1", "0.5 at the equilibrium", Domain.SCORES,
    ),
)
