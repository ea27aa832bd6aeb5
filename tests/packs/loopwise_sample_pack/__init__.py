"""A package with cards; Loopwise reads them without importing it."""

raise RuntimeError("a pack is never imported")
