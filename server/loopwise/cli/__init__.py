"""The command line: the same core, shown in a terminal."""
