"""What the numbers of a tensor mean: domains, dtypes, shapes, gradients and the trail that made them so."""

from lossadvisor.values.domains import BY_ELEMENT, Domain, Dtype, Grad
from lossadvisor.values.facts import ARITHMETIC, NEW_TENSOR, REST, UNKNOWN, Dim, Fact, Shape
from lossadvisor.values.places import Location, Place, Span, Step

__all__ = [
    "ARITHMETIC", "BY_ELEMENT", "NEW_TENSOR", "REST", "UNKNOWN", "Dim", "Domain", "Dtype", "Fact", "Grad", "Location",
    "Place", "Shape", "Span", "Step",
]
