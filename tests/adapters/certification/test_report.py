"""The report: what it says of a run, and that nothing a brand answered can do anything in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.certification.report import as_html, as_json, digest
from adapters.certification.verdict import Outcome, Report, Result
from exchange.brand_system import CallRecord

NOON = datetime(2026, 1, 15, 4, tzinfo=UTC)
HOSTILE = "</pre><script>alert(1)</script>"
MESSAGE = CallRecord("RAIL", "credit", "r-1", NOON, 0.012, "POST /credits", HOSTILE, "unknown")
PASSED = Result("credit-once", "References", "A credit is booked once", Outcome.PASSED, "", "", 0.1, (MESSAGE,))
FAILED = replace(PASSED, code="other", outcome=Outcome.FAILED, found=HOSTILE, mend="Mend <this>.")
REPORT = Report("RAIL", "rest", "1001", NOON, NOON + timedelta(seconds=2), (PASSED,))


@pytest.mark.parametrize(
    ("outcomes", "only", "verdict"),
    [
        ([Outcome.PASSED, Outcome.SKIPPED], (), "ready"),
        ([Outcome.PASSED], ("references",), "good so far"),
        ([Outcome.PASSED, Outcome.FAILED], (), "not ready"),
        ([Outcome.PASSED, Outcome.OPEN], (), "not ready"),
        ([Outcome.SKIPPED], (), "not ready"),
        ([], (), "not ready"),
    ],
)
def test_the_verdict(outcomes: list[Outcome], only: tuple[str, ...], verdict: str) -> None:
    """Ready is only what was looked at as a whole, with nothing failed and nothing open."""
    results = tuple(replace(PASSED, outcome=outcome) for outcome in outcomes)
    report = replace(REPORT, results=results, only=only)
    assert report.verdict == verdict
    assert f">{verdict}</span>" in as_html(report)
    assert as_json(report)["ready"] is (verdict == "ready")


def test_what_a_brand_answered_is_only_text() -> None:
    page = as_html(replace(REPORT, results=(PASSED, FAILED)))
    assert "<script" not in page
    assert page.count("&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;") == 3
    assert '<a href="#other">' in page
    assert "Mend &lt;this&gt;." in page


def test_the_digest_is_over_everything_that_is_said() -> None:
    """It stays the same for the same report, and changes with any message."""
    other = replace(REPORT, results=(replace(PASSED, messages=(replace(MESSAGE, answer="HTTP 200"),)),))
    assert as_json(REPORT)["digest"] == digest(REPORT) == digest(replace(REPORT))
    assert digest(other) != digest(REPORT)
