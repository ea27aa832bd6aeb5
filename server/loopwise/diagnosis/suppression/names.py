"""Names by which comments call what other tools know by a code."""

from __future__ import annotations

from types import MappingProxyType

# pylint's comments may name a message by its symbol or its code.
PYLINT_CODES = MappingProxyType(
    {
        "await-outside-async": "E1142",
        "yield-inside-async-function": "E1700",
        "not-async-context-manager": "E1701",
        "not-an-iterable": "E1133",
        "not-context-manager": "E1129",
        "async-context-manager-with-regular-with": "E1145",
    }
)
# So may ruff's, with previews switched on: `ruff rule --all`, of the rules that ours name.
RUFF_CODES = MappingProxyType(
    {
        "async-busy-wait": "ASYNC110",
        "asyncio-dangling-task": "RUF006",
        "await-outside-async": "PLE1142",
        "blocking-http-call-httpx-in-async-function": "ASYNC212",
        "blocking-http-call-in-async-function": "ASYNC210",
        "blocking-input-in-async-function": "ASYNC250",
        "blocking-open-call-in-async-function": "ASYNC230",
        "blocking-path-method-in-async-function": "ASYNC240",
        "blocking-sleep-in-async-function": "ASYNC251",
        "cancel-scope-no-checkpoint": "ASYNC100",
        "create-subprocess-in-async-function": "ASYNC220",
        "pytest-raises-exception-group": "ASYNC401",
        "pytest-unnecessary-asyncio-mark-on-fixture": "PT024",
        "run-process-in-async-function": "ASYNC221",
        "timeout-error-alias": "UP041",
        "unused-async": "RUF029",
        "unused-variable": "F841",
        "wait-for-process-in-async-function": "ASYNC222",
        "yield-from-in-async-function": "PLE1700",
        "yield-in-context-manager-in-async-generator": "ASYNC119",
    }
)
