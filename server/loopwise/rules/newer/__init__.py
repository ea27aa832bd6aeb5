"""LW5xx: newer and simpler ways."""
