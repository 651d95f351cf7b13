"""What the numbers of a tensor mean: domains, dtypes, shapes, gradients and the trail that made them so."""

from lossadvisor.values.domains import BY_ELEMENT, Domain, Dtype, Grad
from lossadvisor.values.facts import REST, UNKNOWN, Dim, Fact, Shape
from lossadvisor.values.places import Location, Place, Span, Step

__all__ = [
    "BY_ELEMENT", "REST", "UNKNOWN", "Dim", "Domain", "Dtype", "Fact", "Grad", "Location", "Place", "Shape", "Span",
    "Step",
]
