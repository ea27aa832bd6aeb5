"""LW4xx: the loop, locks, streams, generators."""
