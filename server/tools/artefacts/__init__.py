"""Builds and inspects what is shipped; ``server/tools/ship.py`` runs it."""
