"""Claims of the cards about behavior, shown by running code; see ``claims.py``."""
