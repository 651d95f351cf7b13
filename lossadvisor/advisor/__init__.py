"""From the task to the right loss: facts in, a documented and checked answer out.

    >>> from lossadvisor.advisor import Facts, Task, advise
    >>> advise(Facts(Task.BINARY)).best.loss
    'nn.BCEWithLogitsLoss()'
"""

from lossadvisor.advisor.answer import advise
from lossadvisor.advisor.facts import Activation, Balance, FactError, Facts, Framework, Task
from lossadvisor.advisor.model import Advice, CheckLine, Proposal, Statement, Topic
from lossadvisor.advisor.numeric import checked

__all__ = [
    "Activation",
    "Advice",
    "Balance",
    "CheckLine",
    "FactError",
    "Facts",
    "Framework",
    "Proposal",
    "Statement",
    "Task",
    "Topic",
    "advise",
    "checked",
]
