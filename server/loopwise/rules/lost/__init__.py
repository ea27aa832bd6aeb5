"""LW1xx: work that is lost: never awaited, never held."""

__all__ = [
    "coroutine_never_awaited",
    "return_unawaited_in_try",
]
