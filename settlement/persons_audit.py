"""What the audit looks at on behalf of the persons who took a window's steps.

Who submitted and who decided stands twice, written in one transaction: in the approvals and in the history. Each bears
the other out. Whoever changes both alike is not found here.
"""

from typing import Final

from ledger.audit import SqlCheck

HISTORY: Final = SqlCheck(
    "settlement-history",
    """
SELECT 'settlement_window', window_.number::text, cell.name, cell.expected, cell.found
FROM settlement_window AS window_
LEFT JOIN (
    SELECT window_id, array_agg(status ORDER BY sequence) AS statuses, count(*) AS steps, max(sequence) AS last
    FROM settlement_history GROUP BY window_id
) AS history ON history.window_id = window_.id
CROSS JOIN LATERAL (VALUES
    ('status', coalesce(history.statuses[history.steps], 'OPEN'), window_.status),
    ('steps', coalesce(history.last, 0)::text, coalesce(history.steps, 0)::text)
) AS cell (name, expected, found)
WHERE cell.expected IS DISTINCT FROM cell.found
ORDER BY window_.number, cell.name
""",
)
"""A window stands where its history ends, and the history has no gap."""

APPROVALS: Final = SqlCheck(
    "settlement-approvals",
    """
WITH step AS (
    SELECT window_id, sequence, status, actor, reason, recorded_at,
        lead(sequence) OVER following AS next
    FROM settlement_history WINDOW following AS (PARTITION BY window_id ORDER BY sequence)
), submitted AS (
    SELECT step.window_id, row_number() OVER (PARTITION BY step.window_id ORDER BY step.sequence) AS place,
        step.actor, step.reason, step.recorded_at, decided.status AS decision, decided.actor AS decided_by,
        decided.reason AS decided_reason, decided.recorded_at AS decided_at
    FROM step LEFT JOIN settlement_history AS decided
        ON decided.window_id = step.window_id AND decided.sequence = step.next AND decided.status <> 'ABORTED'
    WHERE step.status = 'SUBMITTED'
), approval AS (
    SELECT *, row_number() OVER (PARTITION BY window_id ORDER BY submitted_at, id) AS place
    FROM settlement_approval
)
SELECT 'settlement_approval', coalesce(approval.id, submitted.window_id)::text, cell.name, cell.expected, cell.found
FROM submitted FULL JOIN approval USING (window_id, place)
CROSS JOIN LATERAL (VALUES
    ('submitted_by', submitted.actor, approval.submitted_by),
    ('submitted_reason', submitted.reason, approval.submitted_reason),
    ('decision', submitted.decision,
        CASE WHEN approval.decision IN ('REJECTED', 'VOIDED') THEN 'NETTED' ELSE approval.decision END),
    ('decided_by', submitted.decided_by, approval.decided_by),
    ('decided_reason', submitted.decided_reason, approval.decided_reason),
    ('submitted_at', submitted.recorded_at::text, CASE
        WHEN approval.submitted_at BETWEEN submitted.recorded_at - interval '1 minute'
            AND submitted.recorded_at + interval '1 minute' THEN submitted.recorded_at::text
        ELSE approval.submitted_at::text END),
    ('decided_at', submitted.decided_at::text, CASE
        WHEN approval.decided_at BETWEEN submitted.decided_at - interval '1 minute'
            AND submitted.decided_at + interval '1 minute' THEN submitted.decided_at::text
        ELSE approval.decided_at::text END)
) AS cell (name, expected, found)
WHERE cell.expected IS DISTINCT FROM cell.found
ORDER BY 2, 3
""",
)
"""Who submitted, who decided, why and when stands in both; the time to the minute, for each looks at the clock."""
