"""From broker to store: decoding, batching, the flow, replay and the simulator."""
