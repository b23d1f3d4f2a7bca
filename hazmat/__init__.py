"""The subject matter: positions, fences, waybills, permits, alerts. Pure but for clock, settings and store."""
