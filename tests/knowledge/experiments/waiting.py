"""Timeouts, locks and other things that tasks wait for."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

from claims import Clock, claim, ended, settled

aio: Any = asyncio


@claim("asyncio.wait_for", "a coroutine is not started", ("TimeoutError", []))
async def no_time_at_all():
    ran = []

    async def job() -> None:
        ran.append(1)

    try:
        await asyncio.wait_for(job(), 0)
    except asyncio.TimeoutError as error:
        return ended(error), ran


@claim("asyncio.wait_for", "An eager task factory starts it nevertheless", {"3.12+": ("TimeoutError", [1])})
async def no_time_at_all_but_eager():
    ran = []

    async def job() -> None:
        ran.append(1)
        await asyncio.sleep(1)

    asyncio.get_running_loop().set_task_factory(aio.eager_task_factory)
    try:
        await asyncio.wait_for(job(), 0)
    except asyncio.TimeoutError as error:
        return ended(error), ran


@claim("asyncio.wait_for", "an awaitable that is already done still returns its result", "ready")
async def no_time_but_done():
    future = asyncio.get_running_loop().create_future()
    future.set_result("ready")
    return await asyncio.wait_for(future, 0)


@claim("asyncio.wait_for", "that exception is raised instead of TimeoutError", "raises ValueError")
async def a_clean_up_that_fails():
    async def job() -> None:
        try:
            await asyncio.sleep(5)
        finally:
            raise ValueError

    await asyncio.wait_for(job(), 0.01)


@claim("asyncio.wait_for", "If it swallows CancelledError and returns, its result is returned late", "late")
async def a_timeout_that_is_swallowed():
    async def job() -> str:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            return "late"

    return await asyncio.wait_for(job(), 0.01)


@claim("asyncio.wait_for", "A cancellation can be lost", {"-3.11": "result", "3.12+": "raises CancelledError"})
async def cancelled_as_it_finishes():
    future = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(asyncio.wait_for(future, 5))
    await asyncio.sleep(0.01)
    future.set_result("result")
    task.cancel()
    return await task


@claim("asyncio.wait_for", "A coroutine runs in the current task", {"-3.11": False, "3.12+": True})
async def which_task_it_runs_in():
    async def job() -> Any:
        return asyncio.current_task()

    return await asyncio.wait_for(job(), 1) is asyncio.current_task()


@claim("asyncio.wait_for", "The awaitable is cancelled", True)
async def the_task_after_a_timeout():
    task = asyncio.create_task(asyncio.sleep(5))
    try:
        await asyncio.wait_for(task, 0.01)
    except asyncio.TimeoutError:
        return task.cancelled()


@claim("asyncio.wait_for", "It may take longer than `timeout`", True)
async def how_long_it_takes():
    async def job() -> None:
        try:
            await asyncio.sleep(5)
        finally:
            await asyncio.sleep(0.05)

    seconds = Clock()
    try:
        await asyncio.wait_for(job(), 0.01)
    except asyncio.TimeoutError:
        return seconds() > 0.05


@claim("asyncio.TimeoutError", "`str(error)` is empty when `wait_for` raises it", "")
async def the_text_of_a_timeout():
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.01)
    except asyncio.TimeoutError as error:
        return str(error)


@claim("asyncio.TimeoutError", "It is an alias of the built-in TimeoutError", {"3.10": False, "3.11+": True})
def which_timeout_error_it_is():
    return asyncio.TimeoutError is TimeoutError


@claim("asyncio.TimeoutError", "The built-in TimeoutError is an OSError", {"3.11+": "no answer"})
def a_connection_that_takes_too_long():
    try:
        raise OSError(errno.ETIMEDOUT, "no answer")
    except asyncio.TimeoutError as error:
        return error.strerror


@claim("asyncio.timeout", "Inside it, the exception is CancelledError", {"3.11+": ("CancelledError", "TimeoutError")})
async def what_arrives_inside_a_timeout():
    inside = ""
    try:
        async with aio.timeout(0.01):
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError as error:
                inside = ended(error)
                raise
    except TimeoutError as error:
        return inside, ended(error)


@claim(
    "asyncio.timeout", "zero or less means that the next `await` that waits is interrupted", {"3.11+": (False, True)}
)
async def no_time_for_a_block():
    async with aio.timeout(-1) as nothing_awaited:
        pass
    try:
        async with aio.timeout(0) as one_await:
            await asyncio.sleep(0)
    except TimeoutError:
        pass
    return nothing_awaited.expired(), one_await.expired()


@claim("asyncio.timeout", "Blocks can be nested", {"3.11+": (True, False)})
async def nested_timeouts():
    try:
        async with aio.timeout(0.01) as outer:
            async with aio.timeout(5) as inner:
                await asyncio.sleep(1)
    except TimeoutError:
        return outer.expired(), inner.expired()


@claim(
    "asyncio.Timeout.expired",
    "It distinguishes this limit from a TimeoutError that something inside the block raised itself",
    {"3.11+": False},
)
async def somebody_elses_timeout():
    try:
        async with aio.timeout(5) as limit:
            raise TimeoutError("mine")
    except TimeoutError:
        return limit.expired()


@claim("asyncio.timeout", "If the block swallows CancelledError, there is no TimeoutError", {"3.11+": ("past", True)})
async def a_swallowed_cancellation_in_a_timeout():
    async with aio.timeout(0.01) as limit:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            pass
        await asyncio.sleep(0)
        found = "past"
    return found, limit.expired()


@claim("asyncio.Timeout", "Entering the same one again is a RuntimeError", {"3.11.7+": "raises RuntimeError"})
async def entering_a_timeout_twice():
    limit = aio.timeout(5)
    async with limit:
        pass
    async with limit:
        pass


@claim("asyncio.Lock", "The task that has waited longest gets it next", [0, 1, 2, "late"])
async def who_gets_a_lock():
    lock, order = asyncio.Lock(), []

    async def want(name: int) -> None:
        async with lock:
            order.append(name)
            await asyncio.sleep(0)

    await lock.acquire()
    tasks = [asyncio.create_task(want(n)) for n in range(3)]
    await asyncio.sleep(0)
    lock.release()
    async with lock:
        order.append("late")
    await settled(*tasks)
    return order


@claim("asyncio.Lock", "A task that acquires a lock it already holds deadlocks", False)
async def taking_a_lock_twice():
    lock = asyncio.Lock()
    async with lock:
        return await settled(asyncio.ensure_future(lock.acquire()), seconds=0.05)


@claim(
    "asyncio.Lock",
    "The object is bound to the loop on which a task first has to wait for it",
    ["fine", "fine", "RuntimeError"],
    "loop",
)
def a_lock_on_several_loops():
    lock, found = asyncio.Lock(), []

    async def use(tasks: int) -> None:
        async def one() -> None:
            async with lock:
                await asyncio.sleep(0)

        await asyncio.gather(*(one() for _ in range(tasks)))

    for tasks in (1, 2, 2):
        try:
            asyncio.run(use(tasks))
            found.append("fine")
        except RuntimeError as error:
            found.append(ended(error))
    return found


@claim("asyncio.Lock", "A plain `with lock:` fails", {"3.10": "raises AttributeError", "3.11+": "raises TypeError"})
async def a_lock_with_a_plain_with():
    with asyncio.Lock():
        pass


@claim(
    "asyncio.Event.wait", "A `set()` followed immediately by `clear()` still wakes every waiting task", [False, False]
)
async def set_and_cleared_at_once():
    event, seen = asyncio.Event(), []

    async def wait() -> None:
        await event.wait()
        seen.append(event.is_set())

    tasks = [asyncio.create_task(wait()) for _ in range(2)]
    await asyncio.sleep(0)
    event.set()
    event.clear()
    await settled(*tasks)
    return seen


@claim("asyncio.Condition", "outside `async with cond:` raise RuntimeError", "raises RuntimeError")
async def notifying_without_the_lock():
    asyncio.Condition().notify()


@claim("asyncio.Condition.wait", "a cancelled waiter passes its own on", {"-3.12": [], "3.13+": ["b"]})
async def a_cancelled_waiter():
    condition, woken = asyncio.Condition(), []

    async def wait(name: str) -> None:
        async with condition:
            await condition.wait()
            woken.append(name)

    one, two = (asyncio.create_task(wait(name)) for name in "ab")
    await asyncio.sleep(0)
    one.cancel()
    await asyncio.sleep(0.01)
    found = list(woken)
    await settled(one, two, seconds=0)
    return found


@claim("asyncio.Condition.wait", "and holds the lock again when it returns, even if it was cancelled", True)
async def the_lock_after_a_cancelled_wait():
    condition, locked = asyncio.Condition(), []

    async def wait() -> None:
        async with condition:
            try:
                await condition.wait()
            finally:
                locked.append(condition.locked())

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    await settled(task)
    return locked[0]


@claim("asyncio.Semaphore", "with 0, every task waits until `release()` is called", (False, True))
async def a_semaphore_without_places():
    semaphore = asyncio.Semaphore(0)
    before = await settled(asyncio.ensure_future(semaphore.acquire()), seconds=0.02)
    semaphore.release()
    return before, await semaphore.acquire()


@claim("asyncio.Semaphore", "A negative number is ValueError", "raises ValueError")
async def a_semaphore_with_a_negative_number():
    asyncio.Semaphore(-1)


@claim("asyncio.BoundedSemaphore", "a `release()` that would exceed it is a ValueError", "raises ValueError")
async def releasing_too_often():
    asyncio.BoundedSemaphore(1).release()


@claim("asyncio.Barrier.wait", "Two tasks may get the same number, and none may get 0", {"3.11+": [2, 1, 1]})
async def numbers_after_a_cancellation():
    barrier, numbers = aio.Barrier(3), []

    async def arrive() -> None:
        numbers.append(await barrier.wait())

    first, second = asyncio.create_task(arrive()), asyncio.create_task(arrive())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    await settled(second, asyncio.create_task(arrive()), asyncio.create_task(arrive()))
    return numbers


@claim(
    "asyncio.Queue.shutdown",
    "A waiting `join()` keeps waiting until the remaining items are done",
    {"3.13+": (False, True)},
)
async def joining_a_queue_that_is_shut_down():
    queue = asyncio.Queue()
    queue.put_nowait(1)
    joining = asyncio.create_task(queue.join())
    await asyncio.sleep(0)
    queue.shutdown()
    await asyncio.sleep(0.01)
    before = joining.done()
    queue.get_nowait()
    queue.task_done()
    return before, await settled(joining)


@claim(
    "asyncio.Queue.shutdown",
    "An item that a consumer already holds still needs its `task_done()`",
    {"3.13+": (False, True)},
)
async def shutting_a_queue_down_at_once():
    queue = asyncio.Queue()
    queue.put_nowait(1)
    queue.put_nowait(2)
    await queue.get()
    queue.shutdown(immediate=True)
    before = await settled(asyncio.ensure_future(queue.join()), seconds=0.02)
    queue.task_done()
    return before, await settled(asyncio.ensure_future(queue.join()), seconds=0.02)


@claim(
    "asyncio.Queue.shutdown", "Remaining items can still be removed", {"3.13+": (1, "QueueShutDown", "QueueShutDown")}
)
async def taking_from_a_queue_that_is_shut_down():
    queue, found = asyncio.Queue(), []
    queue.put_nowait(1)
    queue.shutdown()
    found.append(await queue.get())
    for step in (queue.get, lambda: queue.put(2)):
        try:
            await step()
        except Exception as error:
            found.append(ended(error))
    return tuple(found)


@claim("asyncio.Queue.get", "Cancelling a waiting `get()` loses no item", "item")
async def cancelling_a_get():
    queue = asyncio.Queue()
    task = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait("item")
    task.cancel()
    await settled(task)
    return queue.get_nowait()


@claim("asyncio.Queue.get", "Waiting consumers are woken in the order in which they arrived", [(0, "a"), (1, "b")])
async def who_gets_an_item():
    queue, order = asyncio.Queue(), []

    async def take(name: int) -> None:
        order.append((name, await queue.get()))

    tasks = [asyncio.create_task(take(n)) for n in range(2)]
    await asyncio.sleep(0)
    queue.put_nowait("a")
    queue.put_nowait("b")
    await settled(*tasks)
    return order


@claim("asyncio.Queue.join", "An empty queue is not enough", False)
async def joining_an_empty_queue():
    queue = asyncio.Queue()
    queue.put_nowait(1)
    await queue.get()
    return await settled(asyncio.ensure_future(queue.join()), seconds=0.02)
