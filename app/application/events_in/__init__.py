"""CloudEvents in: the envelope, the wire format of each event type, and its translation into the domain's events."""
