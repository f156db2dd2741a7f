"""A run's report: JSON for programs, and one HTML page for people that needs nothing from elsewhere."""

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from itertools import groupby
from typing import Any

import jinja2
import orjson

from adapters.certification.verdict import Outcome, Report, Result
from exchange.brand_system import CallRecord

_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.SKIPPED: "○", Outcome.OPEN: "…"}


def as_json(report: Report) -> dict[str, Any]:
    """The report as JSON, with its digest."""
    shown = _shown(report)
    return shown | {"digest": digest(report)}


def digest(report: Report) -> str:
    """SHA-256 of the report's JSON without the digest, keys sorted, no spaces; in hex."""
    return hashlib.sha256(orjson.dumps(_shown(report), option=orjson.OPT_SORT_KEYS)).hexdigest()


def as_html(report: Report) -> str:
    """The report as a page."""
    return _template().render(
        report=report,
        digest=digest(report),
        groups=list(_grouped(report)),
        counts=[(outcome.value, report.count(outcome)) for outcome in Outcome],
        failed=[result for result in report.results if result.outcome is Outcome.FAILED],
        marks=_MARKS,
    )


def mark(outcome: Outcome) -> str:
    """A sign for it."""
    return _MARKS[outcome]


def _shown(report: Report) -> dict[str, Any]:
    return {
        "program": report.program,
        "kind": report.kind,
        "member": report.member,
        "startedAt": report.started_at.isoformat(),
        "finishedAt": report.finished_at.isoformat(),
        "ready": report.ready,
        "counts": {outcome.value: report.count(outcome) for outcome in Outcome},
        "only": list(report.only),
        "results": [_result(result) for result in report.results],
    }


def _result(result: Result) -> dict[str, Any]:
    return {
        "code": result.code,
        "group": result.group,
        "title": result.title,
        "outcome": result.outcome.value,
        "found": result.found,
        "mend": result.mend,
        "seconds": round(result.seconds, 3),
        "messages": [_message(record) for record in result.messages],
    }


def _message(record: CallRecord) -> dict[str, Any]:
    return {
        "call": record.call,
        "reference": record.reference,
        "sentAt": record.sent_at.isoformat(),
        "seconds": round(record.duration_seconds, 3),
        "request": record.request,
        "answer": record.answer,
        "outcome": record.outcome,
    }


def _grouped(report: Report) -> Iterator[tuple[str, list[Result]]]:
    for name, results in groupby(report.results, lambda result: result.group):
        yield name, list(results)


def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    return environment.from_string(files("adapters.certification").joinpath("report.html.j2").read_text("utf-8"))
