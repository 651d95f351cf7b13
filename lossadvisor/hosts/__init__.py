"""Thin guests of other programs: a plugin of flake8 and a plugin of pytest."""
