"""Compares the speed of Loopwise and of other language servers on the same files, in one run."""
