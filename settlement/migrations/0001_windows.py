"""Windows, their history and figures, and the two persons behind each approval.

Figures are written once: the application's role cannot change or delete them. The status moves only along the
order of life, and only with a decided approval past SUBMITTED, whoever asks.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

WINDOW = """
CREATE TABLE settlement_window (
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE CHECK (number > 0),
    status text NOT NULL CHECK (status IN (
        'OPEN', 'CLOSING', 'CLOSED', 'RECONCILED', 'NETTED', 'SUBMITTED', 'APPROVED', 'ADVISED', 'INSTRUCTED',
        'FUNDED', 'SETTLED', 'ABORTED')),
    opened_at timestamptz NOT NULL,
    after timestamptz,
    cut_off_at timestamptz CHECK (cut_off_at >= after),
    in_flight bigint NOT NULL DEFAULT 0,
    CHECK ((status = 'OPEN') = (cut_off_at IS NULL)),
    CHECK ((number = 1) = (after IS NULL))
);
CREATE UNIQUE INDEX settlement_window_open ON settlement_window (status) WHERE status = 'OPEN';
REVOKE UPDATE, DELETE ON settlement_window FROM agio_app;
GRANT UPDATE (status, cut_off_at, in_flight) ON settlement_window TO agio_app;

CREATE TABLE settlement_history (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL REFERENCES settlement_window,
    sequence integer NOT NULL CHECK (sequence > 0),
    status text NOT NULL,
    actor text NOT NULL CHECK (actor <> ''),
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL,
    UNIQUE (window_id, sequence)
);
REVOKE UPDATE, DELETE ON settlement_history FROM agio_app;
"""

FIGURES = """
CREATE TABLE settlement_position (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL REFERENCES settlement_window,
    participant_id uuid NOT NULL,
    name text NOT NULL,
    opening bigint NOT NULL,
    closing bigint NOT NULL CHECK (closing = settled + carried),
    settled bigint NOT NULL CHECK (settled % 10000 = 0),
    carried bigint NOT NULL,
    reserved boolean NOT NULL CHECK (NOT reserved OR settled > 0),
    UNIQUE (window_id, participant_id)
);
COMMENT ON COLUMN settlement_position.name IS 'the participant''s name at the close, for statements written later';
COMMENT ON COLUMN settlement_position.reserved IS 'what the participant is paid was set aside at the close';
REVOKE UPDATE, DELETE ON settlement_position FROM agio_app;

CREATE TABLE settlement_subtotal (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL,
    participant_id uuid NOT NULL,
    code integer NOT NULL,
    debits bigint NOT NULL CHECK (debits >= 0),
    credits bigint NOT NULL CHECK (credits >= 0),
    lines bigint NOT NULL CHECK (lines > 0),
    UNIQUE (window_id, participant_id, code),
    FOREIGN KEY (window_id, participant_id) REFERENCES settlement_position (window_id, participant_id)
);
REVOKE UPDATE, DELETE ON settlement_subtotal FROM agio_app;

CREATE TABLE settlement_payment (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL REFERENCES settlement_window,
    payer_id uuid NOT NULL,
    payee_id uuid NOT NULL CHECK (payee_id <> payer_id),
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    UNIQUE (window_id, payer_id, payee_id)
);
REVOKE UPDATE, DELETE ON settlement_payment FROM agio_app;
"""

APPROVAL = """
CREATE TABLE settlement_approval (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL REFERENCES settlement_window,
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    submitted_by text NOT NULL CHECK (submitted_by <> ''),
    submitted_at timestamptz NOT NULL,
    submitted_reason text NOT NULL,
    decision text CHECK (decision IN ('APPROVED', 'REJECTED', 'VOIDED')),
    decided_by text CHECK (decided_by <> ''),
    decided_at timestamptz,
    decided_reason text,
    CHECK (num_nulls(decision, decided_by, decided_at, decided_reason) IN (0, 4)),
    CHECK (decision IS DISTINCT FROM 'APPROVED' OR decided_by <> submitted_by),
    CHECK (decision IS DISTINCT FROM 'APPROVED' OR decided_reason <> '')
);
CREATE UNIQUE INDEX settlement_approval_standing ON settlement_approval (window_id)
    WHERE decision IS NULL OR decision = 'APPROVED';
REVOKE UPDATE, DELETE ON settlement_approval FROM agio_app;
GRANT UPDATE (decision, decided_by, decided_at, decided_reason) ON settlement_approval TO agio_app;

CREATE FUNCTION settlement_approval_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'approval % has been decided', OLD.id USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER settlement_approval_decided BEFORE UPDATE ON settlement_approval
    FOR EACH ROW WHEN (OLD.decision IS NOT NULL) EXECUTE FUNCTION settlement_approval_decided();
"""

LIFE = """
CREATE FUNCTION settlement_window_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.status, NEW.status) NOT IN (
        ('OPEN', 'CLOSING'), ('CLOSING', 'CLOSED'), ('CLOSED', 'RECONCILED'), ('RECONCILED', 'NETTED'),
        ('NETTED', 'SUBMITTED'), ('SUBMITTED', 'NETTED'), ('SUBMITTED', 'APPROVED'), ('APPROVED', 'ADVISED'),
        ('ADVISED', 'INSTRUCTED'), ('INSTRUCTED', 'FUNDED'), ('FUNDED', 'SETTLED'),
        ('CLOSED', 'ABORTED'), ('RECONCILED', 'ABORTED'), ('NETTED', 'ABORTED'), ('SUBMITTED', 'ABORTED'),
        ('APPROVED', 'ABORTED'), ('ADVISED', 'ABORTED')
    ) THEN
        RAISE EXCEPTION 'window % cannot go from % to %', OLD.number, OLD.status, NEW.status
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.status = 'APPROVED' AND NOT EXISTS (
        SELECT FROM settlement_approval WHERE window_id = NEW.id AND decision = 'APPROVED'
    ) THEN
        RAISE EXCEPTION 'window % has not been approved by a second person', NEW.number
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.cut_off_at, OLD.in_flight) IS DISTINCT FROM (NEW.cut_off_at, NEW.in_flight) AND OLD.status <> 'OPEN' THEN
        RAISE EXCEPTION 'the cut-off of window % is fixed', NEW.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER settlement_window_step BEFORE UPDATE ON settlement_window
    FOR EACH ROW EXECUTE FUNCTION settlement_window_step();
"""

ADVICE = """
CREATE TABLE settlement_advice (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL REFERENCES settlement_window,
    participant_id uuid NOT NULL,
    format text NOT NULL CHECK (format IN ('csv', 'json', 'xlsx', 'pdf')),
    file_name text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint NOT NULL CHECK (size_bytes > 0),
    lines bigint NOT NULL CHECK (lines >= 0),
    UNIQUE (window_id, participant_id, format)
);
REVOKE UPDATE, DELETE ON settlement_advice FROM agio_app;
"""


class Migration(migrations.Migration):
    operations = [RunSQL(WINDOW), RunSQL(FIGURES), RunSQL(APPROVAL), RunSQL(LIFE), RunSQL(ADVICE)]
