"""Runs a real editor through the steps of a script, which appends each answer as a line of JSON to a file."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

LONGEST_RUN = 400  # seconds: for machines that have much else to do

Answer = dict[str, Any]


def start(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], path: Path, steps: Sequence[Answer]
) -> subprocess.Popen[str]:
    """Start the editor in ``folder``; its script finds the steps and the answer file in the environment."""
    script, answers = path.with_suffix(".steps"), path.with_suffix(".answers")
    script.write_text(json.dumps(steps), encoding="utf-8")
    answers.write_text("", encoding="utf-8")
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**environment, "LOOPWISE_STEPS": str(script), "LOOPWISE_ANSWERS": str(answers)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def answers_of(path: Path) -> list[Answer]:
    """Return the answers so far."""
    text = path.with_suffix(".answers").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def answered(process: subprocess.Popen[str], path: Path, count: int) -> list[Answer]:
    """Return the answers as soon as there are ``count``, the editor has quit, or time is up."""
    end = time.monotonic() + LONGEST_RUN
    while len(answers := answers_of(path)) < count and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    return answers


def ended(process: subprocess.Popen[str], path: Path, count: int, log: Callable[[], str] = lambda: "") -> list[Answer]:
    """Return the ``count`` answers after the editor has quit; fail with its output if there are more or fewer."""
    try:
        said, _ = process.communicate(timeout=LONGEST_RUN)
    except subprocess.TimeoutExpired:
        process.kill()
        said, _ = process.communicate()
        pytest.fail(f"the editor was not done after {LONGEST_RUN} s\n{said}\n{log()}")
    answers = answers_of(path)
    trouble = next((answer["trouble"] for answer in answers if "trouble" in answer), None)
    if trouble or process.returncode or len(answers) != count:
        pytest.fail(f"{trouble or 'the editor stopped early'}\nit said: {said}\nits log:\n{log()}\nit did {answers}")
    return answers
