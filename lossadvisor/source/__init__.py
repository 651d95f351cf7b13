"""Files found, decoded and turned into documents: one Python text each, with a map back to rows and cells."""

from lossadvisor.source.document import Document
from lossadvisor.source.parts import Cell, Kind, SyntaxProblem
from lossadvisor.source.reading import DEFAULT_SIZE_LIMIT, KINDS, ReadError, load, load_bytes, load_text

__all__ = [
    "DEFAULT_SIZE_LIMIT",
    "KINDS",
    "Cell",
    "Document",
    "Kind",
    "ReadError",
    "SyntaxProblem",
    "load",
    "load_bytes",
    "load_text",
]
