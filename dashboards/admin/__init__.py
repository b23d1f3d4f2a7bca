"""Administration and operation: rules' numbers, lists, state, health, metrics."""
