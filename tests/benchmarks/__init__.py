"""Measurements, as ratios against baselines of the same run: `python -m tests.benchmarks`."""
