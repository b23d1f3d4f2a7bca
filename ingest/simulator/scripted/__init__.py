"""Scripted sample cases: for every rule a short track that breaks it, and one that only just does not.

``python -m ingest.simulator.scripted DIR`` writes them all with the world that they share.
"""
