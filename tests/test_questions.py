"""Questions in plain words, as people type them: the cards that are named first."""

from __future__ import annotations

import pytest

from loopwise.cards import load_api
from loopwise.cards.catalogue import builtin
from loopwise.features.lookup import look_up, suggestions

ANSWERS = {
    "how to run things at the same time": "Several things at the same time (TaskGroup)",
    "limit how many run at once": "Throttle with a semaphore",
    "how do I run blocking code?": "Blocking code in a thread",
    "retry with timeout": "Retry with backoff",
    "read lines from subprocess": "Run a program and take its output",
    "wait for the first task to finish": "First result wins",
    "cancel all tasks on shutdown": "Graceful shutdown on signals",
    "background task without awaiting": "Background task that is kept alive",
    "make a queue with workers": "Limited concurrency with workers and a queue",
    "handle exceptions in gather": "Results even if some fail",
    "graceful shutdown on sigterm": "Graceful shutdown on signals",
    "what does shield do": "asyncio.shield",
    "start a server and handle clients": "Stream server",
    "call a coroutine from a thread": "From a thread into the loop",
}


SHOWN = {
    "run blocking code": "Blocking code in a thread",
    "how to cancel a task": "Cancel a task and wait for its end",
    "read a file": "Blocking code in a thread",
    "how do I handle ctrl+c?": "Graceful shutdown on signals",
    "rate limit requests": "Throttle with a semaphore",
    "call async function from sync code": "From ordinary code into async code",
    "async context manager": "Async context manager of your own",
    "producer consumer": "Producer and consumer with an end",
    "lock a resource": "asyncio.Lock",
    "wait for multiple tasks": "Several things at the same time (TaskGroup)",
}
"""Questions whose answer is shown at once; half of them in other words than the card's own."""


@pytest.mark.parametrize("question", SHOWN)
def test_a_clear_question_is_answered(question: str) -> None:
    found = look_up(builtin(), load_api(), question)
    assert found is not None
    assert found.name == SHOWN[question]


@pytest.mark.parametrize(
    "question", ["loop closed", "websocket server", "http request", "difference of gather and wait"]
)
def test_an_unclear_question_gets_suggestions_only(question: str) -> None:
    assert look_up(builtin(), load_api(), question) is None


@pytest.mark.parametrize("question", ANSWERS)
def test_a_question_has_its_card_among_three(question: str) -> None:
    assert ANSWERS[question] in suggestions(builtin(), question)[:3]


@pytest.mark.parametrize("text", ["xyzzy plugh", "hello world", "the of and", ""])
def test_questions_without_an_answer_get_none(text: str) -> None:
    assert builtin().answering(text) == []


def test_a_message_is_not_a_question() -> None:
    near = suggestions(builtin(), "RuntimeError: the event loop of this thread was closed already")
    assert "Event loop is closed" in near
