"""Judging one loss call on real tensors: what do the numbers mean, and does the contract allow it?"""
