"""What the programs of these pages import: calls whose start, end, error and cancellation can be seen."""

import asyncio


async def f(x, delay=0, error=None):
    """Print the start, sleep, raise the error or return the doubled value."""
    print("start", x)
    try:
        await asyncio.sleep(delay)
        if error is not None:
            raise error
    except BaseException as caught:
        print(type(caught).__name__, x)
        raise
    print("end", x)
    return x * 2


async def quiet(x, delay=0, error=None):
    """Do the same without a word."""
    await asyncio.sleep(delay)
    if error is not None:
        raise error
    return x * 2


def work(x, error=None):
    """Do the same in plain code."""
    print("work", x)
    if error is not None:
        raise error
    return x * 2


class ApiError(Exception):
    """An error with attributes."""

    def __init__(self, code):
        super().__init__(f"code {code}")
        self.code = code
