"""The command line.  Other modules are imported only after the user's folder has been removed from the path."""

from loopwise import own_path

own_path.guard()

__all__ = [
    "main",
]
