"""LW2xx: what blocks the event loop."""
