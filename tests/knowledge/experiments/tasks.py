"""Tasks, cancellation, groups, gather, wait, shield."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import gc
import weakref
from typing import Any

from claims import claim, ended, logged, settled, warned

aio: Any = asyncio  # with names that only some Pythons have


async def _fail(seconds: float = 0.0) -> None:
    await asyncio.sleep(seconds)
    raise ValueError("wrong")


async def _fail_when_cancelled() -> None:
    try:
        await asyncio.sleep(5)
    finally:
        raise ValueError("in clean-up")


@claim(
    "asyncio.sleep",
    "The task wakes immediately, or together with some other timer",
    {"-3.12": "woke", "3.13+": "raises ValueError"},
)
async def sleeping_for_nan():
    return await asyncio.sleep(float("nan"), "woke")


@claim("asyncio.sleep", "The `await` returns `result`", "done")
async def sleeping_with_a_result():
    return await asyncio.sleep(0, "done")


@claim("asyncio.create_task", "The event loop holds only a weak one", True)
async def what_the_loop_knows_of_tasks():
    async def waits() -> None:
        await asyncio.get_running_loop().create_future()

    task = weakref.ref(asyncio.create_task(waits()))
    await asyncio.sleep(0)
    with logged():
        gc.collect()
    return task() is None


@claim("asyncio.Task", "`set_result()` and `set_exception()` raise RuntimeError", ["RuntimeError", "RuntimeError"])
async def setting_a_task():
    task, found = asyncio.ensure_future(asyncio.sleep(0)), []
    for set_it in (lambda: task.set_result(1), lambda: task.set_exception(ValueError())):
        try:
            set_it()
        except RuntimeError as error:
            found.append(type(error).__name__)
    await task
    return found


@claim("asyncio.Task", "that task is cancelled too", True)
async def cancelled_while_awaiting_a_task():
    inner = asyncio.create_task(asyncio.sleep(1))

    async def wait() -> None:
        await inner

    outer = asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    outer.cancel()
    await settled(outer, inner)
    return inner.cancelled()


@claim("asyncio.Task.cancel", "before its first step", ([], True))
async def cancelled_before_it_starts():
    ran = []

    async def job() -> None:
        ran.append(1)

    task = asyncio.create_task(job())
    task.cancel()
    await settled(task)
    return ran, task.cancelled()


@claim(
    "asyncio.Task.uncancel",
    "a cancellation that was requested but not yet raised is dropped",
    {"3.11-3.12": "raised", "3.13+": "not raised"},
)
async def uncancelled_before_the_await():
    async def job() -> str:
        me = asyncio.current_task()
        me.cancel()
        me.uncancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            return "raised"
        return "not raised"

    return await asyncio.create_task(job())


@claim("asyncio.Task.cancelling", "0 means that the awaited object was cancelled", {"3.11+": 0})
async def a_childs_cancellation_is_not_the_parents():
    child = asyncio.create_task(asyncio.sleep(5))
    await asyncio.sleep(0)
    child.cancel()
    try:
        await child
    except asyncio.CancelledError:
        return asyncio.current_task().cancelling()


@claim("asyncio.Task.cancel", "The awaiting task gets `msg` with the CancelledError", {"3.11+": ("hello",), "3.10": ()})
async def the_message_of_a_cancellation():
    task = asyncio.create_task(asyncio.sleep(5))
    await asyncio.sleep(0)
    task.cancel("hello")
    try:
        await task
    except asyncio.CancelledError as error:
        return error.args


@claim("asyncio.Task.set_name", "the name is its `str()`", "5")
async def a_name_becomes_text():
    task = asyncio.create_task(asyncio.sleep(0))
    task.set_name(5)
    await task
    return task.get_name()


@claim("asyncio.gather", "a coroutine passed twice runs once, and its result appears twice", ([7, 7], 1))
async def gathering_one_coroutine_twice():
    ran = []

    async def job() -> int:
        ran.append(1)
        return 7

    coro = job()
    return await asyncio.gather(coro, coro), len(ran)


@claim("asyncio.gather", "passing the list itself, `gather(aws)`, is a TypeError", "raises TypeError")
async def gathering_a_list():
    coros = [asyncio.sleep(0)]
    try:
        await asyncio.gather(coros)
    finally:
        coros[0].close()


@claim(
    "asyncio.gather",
    "`cancel()` on a gather that has failed has no effect on the children that are still running",
    (False, [1]),
)
async def cancelling_a_failed_gather():
    ran = []

    async def slow() -> None:
        await asyncio.sleep(0.02)
        ran.append(1)

    both = asyncio.gather(_fail(), slow())
    try:
        await both
    except ValueError:
        pass
    cancelled = both.cancel()
    await asyncio.sleep(0.05)
    return cancelled, ran


@claim(
    "asyncio.gather", "Cancelling one child raises CancelledError in the awaiting task", ("CancelledError", False, True)
)
async def cancelling_a_child_of_a_gather():
    one, two = (asyncio.create_task(asyncio.sleep(0.03, n)) for n in (1, 2))
    both = asyncio.gather(one, two)
    await asyncio.sleep(0)
    one.cancel()
    try:
        await both
    except asyncio.CancelledError as error:
        found = ended(error)
    alive = not two.done()
    await two
    return found, both.cancelled(), alive


@claim("asyncio.gather", "A failure does not stop the rest", [2])
async def gathering_a_failure():
    ran = []

    async def goes_on() -> None:
        await asyncio.sleep(0.02)
        ran.append(2)

    try:
        await asyncio.gather(_fail(), goes_on())
    except ValueError:
        await asyncio.sleep(0.04)
    return ran


@claim("asyncio.gather", "including a child's CancelledError", ["CancelledError", 1])
async def gathering_a_cancelled_child():
    one, two = asyncio.create_task(asyncio.sleep(5)), asyncio.create_task(asyncio.sleep(0, 1))
    asyncio.get_running_loop().call_soon(one.cancel)
    first, second = await asyncio.gather(one, two, return_exceptions=True)
    return [ended(first), second]


@claim(
    "asyncio.gather",
    "If no loop is running",
    {"-3.11": [], "3.12-3.13": ["DeprecationWarning"], "3.14+": "raises RuntimeError"},
    "loop",
)
def gathering_where_no_loop_runs():
    asyncio.set_event_loop_policy(None)  # as in a program that has had no loop yet
    coro, made = asyncio.sleep(0), []
    try:
        categories = warned(lambda: made.append(asyncio.gather(coro)))
    except RuntimeError:
        coro.close()
        raise
    loop = made[0].get_loop()
    loop.run_until_complete(made[0])
    loop.close()
    asyncio.set_event_loop_policy(None)
    return categories


@claim("asyncio.shield", "If no loop is running", {"3.14+": "raises RuntimeError"}, "loop")
def shielding_where_no_loop_runs():
    coro = asyncio.sleep(0)
    try:
        asyncio.shield(coro)
    finally:
        coro.close()


@claim("asyncio.Future", "If no loop is running", {"3.14+": "raises RuntimeError"}, "loop")
def a_future_where_no_loop_runs():
    return asyncio.Future()


@claim(
    "asyncio.Future",
    "Initializing it a second time is a RuntimeError",
    {"-3.14": "fine", "3.15+": "raises RuntimeError"},
)
async def initialising_a_future_again():
    future = asyncio.get_running_loop().create_future()
    future.__init__()
    return "fine"


@claim(
    "asyncio.shield",
    "A late error is only logged",
    {
        "3.14-3.14.8": ["ValueError exception in shielded future"],
        "3.15-3.15.0": ["ValueError exception in shielded future"],
        "3.10+": ["Task exception was never retrieved"],
    },
)
async def a_shielded_task_fails_late():
    late = asyncio.Event()

    async def inner() -> None:
        await late.wait()
        raise ValueError

    async def outer() -> None:
        await asyncio.shield(inner())

    with logged() as lines:
        task = asyncio.create_task(outer())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await settled(task)
        del task
        late.set()
        await asyncio.sleep(0.05)
        gc.collect()
    return lines


@claim("asyncio.shield", "CancelledError is raised at the `await`", ("CancelledError", "done"))
async def cancelled_at_a_shield():
    inner = asyncio.create_task(asyncio.sleep(0.03, "done"))

    async def outer() -> None:
        await asyncio.shield(inner)

    task = asyncio.create_task(outer())
    await asyncio.sleep(0.01)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError as error:
        return ended(error), await inner


@claim("asyncio.wait", "Cancelling the wait leaves its tasks running, too", (True, False))
async def cancelling_a_wait():
    future = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(asyncio.wait([future]))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await settled(waiting)
    return waiting.cancelled(), future.done()


@claim("asyncio.wait", "An empty `fs` is a ValueError", "raises ValueError")
async def waiting_for_nothing():
    await asyncio.wait([])


@claim("asyncio.wait", "A coroutine is a TypeError", {"3.10": "done", "3.11+": "raises TypeError"})
async def waiting_for_a_coroutine():
    coro = asyncio.sleep(0)
    try:
        done, _ = await asyncio.wait([coro])
        return "done" if done else ""
    finally:
        coro.close()


@claim("asyncio.wait", "A generator of tasks is accepted", {"-3.11": "raises TypeError", "3.12+": 2})
async def waiting_for_a_generator():
    tasks = [asyncio.create_task(asyncio.sleep(0)) for _ in range(2)]
    done, _ = await asyncio.wait(task for task in tasks)
    return len(done)


@claim("asyncio.wait", "When `timeout` expires there is no TimeoutError", (0, 1, False))
async def waiting_too_long():
    task = asyncio.create_task(asyncio.sleep(5))
    done, pending = await asyncio.wait([task], timeout=0.01)
    cancelled = task.cancelled()
    task.cancel()
    return len(done), len(pending), cancelled


@claim("asyncio.as_completed", "Nothing starts before the `for` requests its first item", {"-3.12": 0, "3.13+": 1})
async def when_as_completed_starts():
    started = []

    async def job() -> None:
        started.append(1)

    waiting = asyncio.as_completed([job()])
    await asyncio.sleep(0.01)
    found = len(started)
    for coro in waiting:
        await coro
    return found


@claim("asyncio.as_completed", "in an `async for`, the loop itself does", {"3.13+": "the loop raised"})
async def as_completed_runs_out_in_an_async_for():
    try:
        async for _ in aio.as_completed([asyncio.sleep(5)], timeout=0.01):
            return "the body ran"
    except TimeoutError:
        return "the loop raised"


@claim(
    "asyncio.as_completed",
    "a timeout loses a result: the iteration ends one item early",
    {"-3.13": [0.05], "3.14-3.14.8": [0.05], "3.15-3.15.0": [0.05], "3.14.9+": [0.05, 0.1]},
)
async def cancelling_a_step_of_as_completed():
    def job(seconds: float) -> Any:
        return asyncio.sleep(seconds, seconds)

    steps, found = iter(asyncio.as_completed([job(0.05), job(0.1)])), []
    await settled(asyncio.ensure_future(next(steps)), seconds=0.01)

    async def others() -> None:
        for step in steps:
            found.append(await step)

    await asyncio.wait_for(others(), 2)
    return found


@claim("asyncio.as_completed", "does not cancel the awaitables", False)
async def leaving_as_completed_early():
    slow = asyncio.create_task(asyncio.sleep(1))
    for coro in asyncio.as_completed([slow, asyncio.create_task(asyncio.sleep(0))]):
        await coro
        break
    await asyncio.sleep(0)
    cancelled = slow.cancelled()
    slow.cancel()
    return cancelled


@claim("asyncio.ensure_future", "return a Future or Task unchanged", True)
async def ensuring_a_task():
    task = asyncio.create_task(asyncio.sleep(0))
    same = asyncio.ensure_future(task) is task
    await task
    return same


@claim(
    "asyncio.TaskGroup",
    "the ExceptionGroup is raised instead of CancelledError",
    {"3.11+": "ExceptionGroup(ValueError)"},
)
async def a_child_fails_while_the_group_is_cancelled():
    async def job() -> None:
        async with aio.TaskGroup() as tg:
            tg.create_task(_fail_when_cancelled())
            await asyncio.sleep(5)

    task = asyncio.create_task(job())
    await asyncio.sleep(0.01)
    task.cancel()
    await settled(task)
    return ended(task.exception())


@claim(
    "asyncio.TaskGroup",
    "That cancellation is lost if a child fails during its clean-up",
    {"3.11-3.12": "went on", "3.13+": "CancelledError"},
)
async def whether_a_cancellation_survives_a_failing_child():
    async def job() -> str:
        try:
            async with aio.TaskGroup() as tg:
                tg.create_task(_fail_when_cancelled())
                await asyncio.sleep(5)
        except BaseException:
            pass
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            return "CancelledError"
        return "went on"

    task = asyncio.create_task(job())
    await asyncio.sleep(0.01)
    task.cancel()
    return await task


@claim("asyncio.TaskGroup", "a child that is cancelled on its own does not", {"3.11+": (True, "b")})
async def cancelling_one_child_of_a_group():
    async with aio.TaskGroup() as tg:
        one = tg.create_task(asyncio.sleep(5))
        two = tg.create_task(asyncio.sleep(0.01, "b"))
        await asyncio.sleep(0)
        one.cancel()
    return one.cancelled(), two.result()


@claim(
    "asyncio.TaskGroup",
    "An exception in the body counts as a failure too",
    {"3.11+": ("ExceptionGroup(KeyError)", True)},
)
async def the_body_of_a_group_fails():
    child = None
    try:
        async with aio.TaskGroup() as tg:
            child = tg.create_task(asyncio.sleep(5))
            await asyncio.sleep(0)
            raise KeyError
    except Exception as error:
        return ended(error), child.cancelled()


@claim(
    "asyncio.TaskGroup",
    "A plain `with` is a TypeError, entering it again a RuntimeError",
    {"3.11+": ["TypeError", "RuntimeError"]},
)
async def entering_a_group_wrongly():
    group, found = aio.TaskGroup(), []
    try:
        with group:
            pass
    except TypeError as error:
        found.append(ended(error))
    async with group:
        pass
    try:
        async with group:
            pass
    except RuntimeError as error:
        found.append(ended(error))
    return found


@claim("asyncio.TaskGroup", "There is no `cancel()`", {"3.11-3.14": False, "3.15+": True})
def whether_a_group_can_be_cancelled():
    return hasattr(aio.TaskGroup, "cancel")


@claim("asyncio.TaskGroup.cancel", "leave the block without an error", {"3.15+": (True, 0, "early")})
async def ending_a_group_early():
    async with aio.TaskGroup() as tg:
        early = tg.create_task(asyncio.sleep(0, "early"))
        late = tg.create_task(asyncio.sleep(5))
        await early
        tg.cancel()
        await asyncio.sleep(5)
    return late.cancelled(), asyncio.current_task().cancelling(), early.result()


@claim("asyncio.TaskGroup.cancel", "If it is called before the block is entered", {"3.15+": ["in"]})
async def ending_a_group_before_it_begins():
    group, ran = aio.TaskGroup(), []
    group.cancel()
    group.cancel()
    async with group:
        ran.append("in")
        await asyncio.sleep(0)
        ran.append("after")
    group.cancel()
    return ran


@claim(
    "async generator",
    "Closing it inside a TaskGroup raises a BaseExceptionGroup around the GeneratorExit",
    {"3.11-3.14": "BaseExceptionGroup(GeneratorExit)", "3.15+": "closed"},
)
async def closing_a_generator_inside_a_group():
    async def items():
        async with aio.TaskGroup():
            yield 1

    source = items()
    await source.__anext__()
    try:
        await source.aclose()
    except BaseException as error:
        return ended(error)
    return "closed"


@claim("asyncio.TaskGroup.create_task", "The refused coroutine is closed", {"3.13+": True, "3.11-3.12": False})
async def a_coroutine_for_a_group_that_has_ended():
    async with aio.TaskGroup() as tg:
        pass
    coro = asyncio.sleep(0)
    try:
        tg.create_task(coro)
    except RuntimeError:
        pass
    closed = coro.cr_frame is None
    coro.close()
    return closed


@claim("asyncio.eager_task_factory", "The task may already be done", {"3.12+": True})
async def an_eager_task_is_done_at_once():
    async def job() -> int:
        return 1

    asyncio.get_running_loop().set_task_factory(aio.eager_task_factory)
    return asyncio.create_task(job()).done()


@claim(
    "asyncio.loop.set_task_factory",
    "A `context` is passed as a keyword",
    {"3.11-3.13": [[], [], ["context"]], "3.14+": [[], ["name"], ["context", "name"]]},
)
async def what_a_task_factory_is_given():
    seen = []

    def factory(loop, coro, **kwargs):
        seen.append(sorted(set(kwargs) - {"eager_start"}))
        return asyncio.Task(coro, loop=loop, **kwargs)

    asyncio.get_running_loop().set_task_factory(factory)
    await asyncio.create_task(asyncio.sleep(0))
    await asyncio.create_task(asyncio.sleep(0), name="n")
    await aio.create_task(asyncio.sleep(0), name="n", context=contextvars.copy_context())
    return seen[:3]


@claim(
    "asyncio.loop.set_exception_handler",
    "It runs in the context of the task or callback that failed",
    {"-3.11": "none", "3.12+": "a request"},
)
async def where_an_exception_handler_runs():
    request, seen = contextvars.ContextVar("request", default="none"), []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda loop, context: seen.append(request.get()))

    def callback() -> None:
        raise ValueError

    context = contextvars.copy_context()
    context.run(request.set, "a request")
    loop.call_soon(callback, context=context)
    await asyncio.sleep(0)
    return seen[0] if seen else None


@claim("asyncio.CancelledError", "`except Exception` lets it pass", (False, True))
def what_a_cancelled_error_is():
    return issubclass(asyncio.CancelledError, Exception), issubclass(asyncio.CancelledError, BaseException)


@claim("asyncio.iscoroutine", "Plain generator objects do not count", {"-3.11": True, "3.12+": False})
def whether_a_generator_is_a_coroutine():
    def generator():
        yield

    return asyncio.iscoroutine(generator())


@claim("asyncio.Future.add_done_callback", "a copy of the current one is used", [1])
async def the_context_of_a_callback():
    variable, seen = contextvars.ContextVar("variable", default=0), []
    variable.set(1)
    future = asyncio.get_running_loop().create_future()
    future.add_done_callback(lambda _: seen.append(variable.get()))
    variable.set(2)
    future.set_result(None)
    await asyncio.sleep(0)
    return seen


@claim(
    "asyncio.Future.set_exception",
    "raised as the cause of a RuntimeError",
    {"-3.12": "TypeError", "3.13+": "RuntimeError"},
)
async def a_stop_iteration_as_an_outcome():
    future = asyncio.get_running_loop().create_future()
    try:
        future.set_exception(StopIteration())
        await future
    except (TypeError, RuntimeError) as error:
        return ended(error)


def _made(make) -> list[str]:
    """Return the warnings from creating something while no loop runs, as in a program that has had none yet."""
    asyncio.set_event_loop_policy(None)
    made = []
    try:
        return warned(lambda: made.append(make()))
    finally:
        asyncio.set_event_loop_policy(None)
        if made:
            loop = made[0].get_loop()
            made[0].cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()


@claim(
    "asyncio.Future",
    "If no loop is running",
    {"-3.11": [], "3.12-3.13": ["DeprecationWarning"], "3.14+": "raises RuntimeError"},
    "loop",
)
def making_a_future_where_no_loop_runs():
    return _made(asyncio.Future)


@claim(
    "asyncio.wrap_future",
    "If no loop is running",
    {"-3.11": [], "3.12-3.13": ["DeprecationWarning"], "3.14+": "raises RuntimeError"},
    "loop",
)
def wrapping_a_future_where_no_loop_runs():
    return _made(lambda: asyncio.wrap_future(concurrent.futures.Future()))


@claim("asyncio.FIRST_EXCEPTION", "A cancelled task does not count as failed", (2, 0))
async def waiting_for_a_failure_of_a_cancelled_task():
    one, two = asyncio.create_task(asyncio.sleep(5)), asyncio.create_task(asyncio.sleep(0.01))
    one.cancel()
    done, pending = await asyncio.wait([one, two], return_when=asyncio.FIRST_EXCEPTION)
    return len(done), len(pending)


@claim("asyncio.Future.set_result", "an exception passed here is returned, not raised", "ValueError")
async def an_exception_as_a_result():
    future = asyncio.get_running_loop().create_future()
    future.set_result(ValueError())
    return type(await future).__name__
