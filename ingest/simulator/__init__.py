"""Simulated tanker trucks in an illustrative town: motion, GNSS errors, breaches, as MQTT messages."""
