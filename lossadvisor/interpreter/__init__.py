"""The abstract interpreter: evaluates the code of a project and notes what happens to losses."""

from lossadvisor.interpreter.events import Applied, Argument, Constructed, Event, LossCall
from lossadvisor.interpreter.roots import evaluate, interpret

__all__ = ["Applied", "Argument", "Constructed", "Event", "LossCall", "evaluate", "interpret"]
