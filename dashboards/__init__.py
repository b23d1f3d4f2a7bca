"""Screens, API and reports."""
