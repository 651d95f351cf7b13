"""Watching a running program: taps on the losses, a schedule of calls to look at, and the report."""
