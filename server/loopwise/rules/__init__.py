"""Rules: one file, one rule; ``rule.py`` is the shape of one, ``unit.py`` what it looks at."""
