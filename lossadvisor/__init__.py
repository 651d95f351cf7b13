"""lossadvisor: the type checker for PyTorch losses."""

__version__ = "0.1.0"
