"""What the advisor knows: one table of recipes, notes and questions, each row with the page that documents it."""

from lossadvisor.advisor.knowledge.dense import DENSE
from lossadvisor.advisor.knowledge.generative import GENERATIVE
from lossadvisor.advisor.knowledge.labels import LABELS
from lossadvisor.advisor.knowledge.notes import NOTES
from lossadvisor.advisor.knowledge.numbers import NUMBERS
from lossadvisor.advisor.knowledge.pairs import PAIRS
from lossadvisor.advisor.knowledge.questions import QUESTIONS
from lossadvisor.advisor.knowledge.tokens import TOKENS
from lossadvisor.advisor.model import Recipe

RECIPES: tuple[Recipe, ...] = (*LABELS, *DENSE, *NUMBERS, *TOKENS, *PAIRS, *GENERATIVE)
by_id: dict[str, Recipe] = {recipe.id: recipe for recipe in RECIPES}

__all__ = ["NOTES", "QUESTIONS", "RECIPES", "by_id"]
