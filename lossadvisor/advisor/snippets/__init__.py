"""Complete scripts for every recipe, generated from small templates."""

from lossadvisor.advisor.snippets.parts import Parts, Script, Setting, assemble
from lossadvisor.advisor.snippets.table import TEMPLATES

__all__ = ["TEMPLATES", "Parts", "Script", "Setting", "assemble", "script"]


def script(recipe: str, setting: Setting) -> Script:
    """The script of a recipe under a setting."""
    return assemble(TEMPLATES[recipe](setting), setting)
