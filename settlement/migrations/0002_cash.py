"""Bank accounts, payment orders, bank statements, what each movement paid, and the two persons behind it all."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

PROPOSAL = """
CREATE TABLE settlement_proposal (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('BANK_ACCOUNT', 'ALLOCATION')),
    content jsonb NOT NULL,
    proposed_by text NOT NULL CHECK (proposed_by <> ''),
    proposed_at timestamptz NOT NULL,
    proposed_reason text NOT NULL CHECK (proposed_reason <> ''),
    decision text CHECK (decision IN ('APPROVED', 'REJECTED')),
    decided_by text CHECK (decided_by <> ''),
    decided_at timestamptz,
    decided_reason text CHECK (decided_reason <> ''),
    CHECK (num_nulls(decision, decided_by, decided_at, decided_reason) IN (0, 4)),
    CHECK (decision IS DISTINCT FROM 'APPROVED' OR decided_by <> proposed_by)
);
CREATE INDEX settlement_proposal_open ON settlement_proposal (proposed_at) WHERE decision IS NULL;
REVOKE UPDATE, DELETE ON settlement_proposal FROM agio_app;
GRANT UPDATE (decision, decided_by, decided_at, decided_reason) ON settlement_proposal TO agio_app;

CREATE TRIGGER settlement_proposal_decided BEFORE UPDATE ON settlement_proposal
    FOR EACH ROW WHEN (OLD.decision IS NOT NULL) EXECUTE FUNCTION settlement_approval_decided();

CREATE FUNCTION settlement_needs_approval() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.proposal_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM settlement_proposal WHERE id = NEW.proposal_id AND decision = 'APPROVED'
    ) THEN
        RAISE EXCEPTION 'proposal % has not been approved', NEW.proposal_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
"""

ACCOUNT = """
CREATE TABLE settlement_bank_account (
    id uuid PRIMARY KEY,
    participant_id uuid NOT NULL,
    holder text NOT NULL CHECK (holder <> ''),
    number text NOT NULL CHECK (number ~ '^[0-9A-Z]{6,34}$'),
    bank_code text NOT NULL CHECK (bank_code ~ '^[0-9]{12}$'),
    proposal_id uuid NOT NULL UNIQUE REFERENCES settlement_proposal,
    valid_from timestamptz NOT NULL
);
CREATE INDEX settlement_bank_account_of ON settlement_bank_account (participant_id, valid_from);
COMMENT ON TABLE settlement_bank_account IS 'append-only: the latest of a participant is the one in use';
CREATE TRIGGER settlement_bank_account_approved BEFORE INSERT ON settlement_bank_account
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_bank_account FROM agio_app;

CREATE TABLE settlement_order (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL UNIQUE REFERENCES settlement_window,
    message_id text NOT NULL UNIQUE,
    file_name text NOT NULL,
    content text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    total_fen bigint NOT NULL CHECK (total_fen > 0),
    ordered_at timestamptz NOT NULL
);
REVOKE UPDATE, DELETE ON settlement_order FROM agio_app;
"""

CASH = """
CREATE TABLE settlement_bank_statement (
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE,
    account text NOT NULL,
    statement text NOT NULL,
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    opening_fen bigint NOT NULL,
    closing_fen bigint NOT NULL,
    imported_by text NOT NULL CHECK (imported_by <> ''),
    imported_at timestamptz NOT NULL,
    UNIQUE (account, statement)
);
COMMENT ON COLUMN settlement_bank_statement.number IS 'the order of import: each begins where the one before ended';
REVOKE UPDATE, DELETE ON settlement_bank_statement FROM agio_app;

CREATE TABLE settlement_cash (
    id uuid PRIMARY KEY,
    bank_statement_id uuid NOT NULL REFERENCES settlement_bank_statement,
    account text NOT NULL,
    key text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen <> 0),
    booked_on date NOT NULL,
    end_to_end_id text NOT NULL,
    text text NOT NULL,
    other_account text NOT NULL,
    other_name text NOT NULL,
    UNIQUE (account, key)
);
CREATE INDEX settlement_cash_of_statement ON settlement_cash (bank_statement_id);
COMMENT ON COLUMN settlement_cash.amount_fen IS 'positive: money came in; negative: money went out';
REVOKE UPDATE, DELETE ON settlement_cash FROM agio_app;

CREATE TABLE settlement_allocation (
    id uuid PRIMARY KEY,
    cash_id uuid NOT NULL REFERENCES settlement_cash,
    payment_id uuid NOT NULL REFERENCES settlement_payment,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    rule text NOT NULL CHECK (rule IN ('REFERENCE', 'ACCOUNT', 'PERSON')),
    proposal_id uuid UNIQUE REFERENCES settlement_proposal CHECK ((proposal_id IS NOT NULL) = (rule = 'PERSON')),
    allocated_at timestamptz NOT NULL
);
CREATE INDEX settlement_allocation_of_cash ON settlement_allocation (cash_id);
CREATE INDEX settlement_allocation_of_payment ON settlement_allocation (payment_id);
CREATE TRIGGER settlement_allocation_approved BEFORE INSERT ON settlement_allocation
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_allocation FROM agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_windows")]
    operations = [RunSQL(PROPOSAL), RunSQL(ACCOUNT), RunSQL(CASH)]
