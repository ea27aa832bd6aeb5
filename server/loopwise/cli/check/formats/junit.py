"""For CI servers: JUnit's XML."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from loopwise.cli.check.report import FileResult, Report, notes
from loopwise.cli.check.result import RunResult
from loopwise.cli.printable import printable

# XML has no way to write these.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(result: RunResult) -> None:
    """A suite for each file in which something is found; one passed test where there is none.

    A property says how many findings of a file are left to other tools.
    """
    said = [checked for checked in result.files if checked.reports or checked.error is not None or checked.silent]
    suites = [_suite(checked) for checked in said]
    if not suites:
        suites = [
            '  <testsuite name="loopwise" tests="1"><testcase name="no findings" classname="loopwise"/></testsuite>'
        ]
    head = _attributes(
        name="loopwise", tests=_tests(result), failures=result.findings,
        errors=result.errors,
    )  # fmt: skip
    print('<?xml version="1.0" encoding="utf-8"?>')
    print("\n".join([f"<testsuites{head}>", *suites, "</testsuites>"]))


def _suite(checked: FileResult) -> str:
    errors, failures = int(checked.error is not None), len(checked.reports)
    tests = max(1, errors + failures)
    head = _attributes(name=checked.path, tests=tests, failures=failures, errors=errors)
    cases = [_case(checked.path, report) for report in checked.reports]
    if checked.error is not None:
        case = _attributes(name="failed", classname=checked.path, file=checked.path, line=checked.error.line)
        said = _attributes(message=checked.error.message)
        cases.insert(0, f"    <testcase{case}><error{said}/></testcase>")
    if not cases:
        cases = [f"    <testcase{_attributes(name='no findings', classname=checked.path)}/>"]
    return "\n".join([f"  <testsuite{head}>", *_properties(checked), *cases, "  </testsuite>"])


def _properties(checked: FileResult) -> list[str]:
    if not checked.silent:
        return []
    said = _attributes(name="reported-by-other-tools", value=checked.silent)
    return [f"    <properties><property{said}/></properties>"]


def _tests(result: RunResult) -> int:
    """The number of test cases: at least one for a suite and for the whole."""
    return max(
        1,
        sum(
            max(len(checked.reports) + int(checked.error is not None), bool(checked.silent)) for checked in result.files
        ),
    )


def _case(path: str, report: Report) -> str:
    place = report.place
    case = _attributes(name=f"{report.code} {report.name}", classname=path, file=path, line=place.line)
    said = _attributes(message=report.message, type=report.severity.value)
    lines = [f"{path}:{place}", report.excerpt.code, report.excerpt.carets, *notes(report)]
    return (
        f"    <testcase{case}><failure{said}>{escape(_clean(chr(10).join(map(printable, lines))))}</failure></testcase>"
    )


def _attributes(**values: str | int) -> str:
    return "".join(f" {key}={quoteattr(_clean(printable(str(value))))}" for key, value in values.items())


def _clean(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
