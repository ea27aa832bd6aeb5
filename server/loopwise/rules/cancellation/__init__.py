"""LW3xx: cancellation, timeouts, task groups."""
