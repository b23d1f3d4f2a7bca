"""Benchmarks of the screens: `hazmat bench screens`."""
