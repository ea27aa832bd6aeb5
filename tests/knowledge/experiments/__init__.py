"""What the cards claim about behaviour, shown by running it; see ``claims.py``."""
