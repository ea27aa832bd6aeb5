"""The command line.  Nothing else is imported before the path is known to hold nothing of the user's."""

from loopwise import own_path

own_path.guard()

__all__ = [
    "main",
]
