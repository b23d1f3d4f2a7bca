"""The subject matter: positions, fences, papers, alerts. Pure but for clock, settings and store."""
