"""Thin adapters for Lightning, transformers and pytest; each only starts and stops a watch."""
