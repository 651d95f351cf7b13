"""Environments of Gym: the reward of a step is one number, so that the rewards of an episode are one axis."""

from __future__ import annotations

import pytest

from tests.inference.reveal import reveal

EPISODE = """
import gym
import gymnasium
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

critic = nn.Linear(4, 1)


def play(env):
    states, rewards = [], []
    state = env.reset()
    done = False
    while not done:
        states.append(state)
        state, reward, *ends = env.step(0)
        rewards.append(reward)
        done = ends[0]
    return states, rewards


def discounted(rewards):
    found = np.zeros_like(rewards)
    total = 0.0
    for step in reversed(range(len(rewards))):
        total = rewards[step] + 0.99 * total
        found[step] = total
    return found


env = {made}
states, rewards = play(env)
F.mse_loss(critic(torch.tensor(states)), {target})
"""


@pytest.mark.parametrize("made", [
    "gym.make('CartPole-v1')", "gymnasium.make('CartPole-v1').unwrapped",
    "gym.wrappers.Monitor(gym.make('CartPole-v1'), 'videos')", "gymnasium.wrappers.TimeLimit(env=gymnasium.make('A'))",
])  # fmt: skip
@pytest.mark.parametrize("target", ["torch.tensor(rewards)", "torch.Tensor(discounted(rewards))"])
def test_the_rewards_of_an_episode_are_one_axis(made: str, target: str) -> None:
    assert reveal({"main.py": EPISODE.format(made=made, target=target)}, "target").shape == (None,)


@pytest.mark.parametrize("made", ["gym.vector.make('CartPole-v1', 3)", "make_env()", "gymnasium.wrappers.vector.A(b)"])
def test_of_several_environments_nothing_is_known(made: str) -> None:
    assert reveal({"main.py": EPISODE.format(made=made, target="torch.tensor(rewards)")}, "target").shape is None


def test_a_column_of_rewards_is_no_axis_less() -> None:
    program = EPISODE.format(made="gym.make('A')", target="torch.tensor(rewards).unsqueeze(1)")
    assert reveal({"main.py": program}, "target").shape == (None, 1)
