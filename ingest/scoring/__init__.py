"""How often alerts are right: labelled tracks through the flow, beside the logic that simple trackers use."""
