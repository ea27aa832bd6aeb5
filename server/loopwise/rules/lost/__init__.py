"""LW1xx: work that is lost: never awaited, never held."""
