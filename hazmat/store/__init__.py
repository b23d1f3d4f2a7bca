"""All SQL of the platform; the only door to the database."""
