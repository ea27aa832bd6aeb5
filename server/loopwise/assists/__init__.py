"""Refactorings at the cursor, without a squiggle: one file, one assist."""
