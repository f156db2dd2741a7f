"""Deposits, disputes, tolerances, money sent back, and adjustments: each two persons' decision, each with its posting."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ALLOCATION = """
ALTER TABLE settlement_allocation
    ALTER COLUMN cash_id DROP NOT NULL,
    DROP CONSTRAINT settlement_allocation_rule_check,
    DROP CONSTRAINT settlement_allocation_check,
    ADD CONSTRAINT settlement_allocation_rule_check
        CHECK (rule IN ('REFERENCE', 'ACCOUNT', 'PERSON', 'PREFUND', 'DISPUTE', 'TOLERANCE')),
    ADD CONSTRAINT settlement_allocation_decided
        CHECK ((proposal_id IS NOT NULL) = (rule IN ('PERSON', 'DISPUTE', 'TOLERANCE'))),
    ADD CONSTRAINT settlement_allocation_of_movement
        CHECK ((cash_id IS NULL) = (rule IN ('PREFUND', 'DISPUTE', 'TOLERANCE')));
COMMENT ON COLUMN settlement_allocation.cash_id IS 'null: no movement at the bank, but a deposit, a dispute or a tolerance';
"""

DEPOSIT = """
CREATE TABLE settlement_deposit (
    id uuid PRIMARY KEY,
    participant_id uuid NOT NULL,
    model text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen <> 0),
    cash_id uuid REFERENCES settlement_cash,
    payment_id uuid REFERENCES settlement_payment,
    proposal_id uuid UNIQUE REFERENCES settlement_proposal,
    recorded_at timestamptz NOT NULL,
    CHECK (CASE WHEN amount_fen > 0 THEN num_nonnulls(cash_id, proposal_id) = 2 AND payment_id IS NULL
        ELSE num_nonnulls(cash_id, proposal_id) = 0 AND payment_id IS NOT NULL END)
);
CREATE INDEX settlement_deposit_of_cash ON settlement_deposit (cash_id);
COMMENT ON COLUMN settlement_deposit.amount_fen IS 'positive: topped up from the bank; negative: taken for a payment';
CREATE TRIGGER settlement_deposit_approved BEFORE INSERT ON settlement_deposit
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_deposit FROM agio_app;

CREATE TABLE settlement_earmark (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL REFERENCES settlement_window,
    participant_id uuid NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    UNIQUE (window_id, participant_id)
);
COMMENT ON TABLE settlement_earmark IS 'what of a deposit will pay for a netted window, and widens no cap any more';
REVOKE UPDATE, DELETE ON settlement_earmark FROM agio_app;
"""

DISPUTE = """
CREATE TABLE settlement_dispute (
    id uuid PRIMARY KEY,
    payment_id uuid NOT NULL REFERENCES settlement_payment,
    participant_id uuid NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    proposal_id uuid NOT NULL UNIQUE REFERENCES settlement_proposal,
    opened_at timestamptz NOT NULL
);
CREATE TRIGGER settlement_dispute_approved BEFORE INSERT ON settlement_dispute
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_dispute FROM agio_app;

CREATE TABLE settlement_dispute_end (
    id uuid PRIMARY KEY,
    dispute_id uuid NOT NULL REFERENCES settlement_dispute,
    outcome text NOT NULL CHECK (outcome IN ('PAID', 'WRITTEN_OFF')),
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    cash_id uuid REFERENCES settlement_cash CHECK ((cash_id IS NOT NULL) = (outcome = 'PAID')),
    proposal_id uuid NOT NULL UNIQUE REFERENCES settlement_proposal,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX settlement_dispute_end_of ON settlement_dispute_end (dispute_id);
CREATE INDEX settlement_dispute_end_of_cash ON settlement_dispute_end (cash_id);
CREATE TRIGGER settlement_dispute_end_approved BEFORE INSERT ON settlement_dispute_end
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_dispute_end FROM agio_app;

CREATE TABLE settlement_returned (
    id uuid PRIMARY KEY,
    incoming_id uuid NOT NULL REFERENCES settlement_cash,
    outgoing_id uuid NOT NULL REFERENCES settlement_cash,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    proposal_id uuid NOT NULL UNIQUE REFERENCES settlement_proposal,
    recorded_at timestamptz NOT NULL
);
COMMENT ON TABLE settlement_returned IS 'money that came in and was sent back: both lie in suspense and cancel out';
CREATE TRIGGER settlement_returned_approved BEFORE INSERT ON settlement_returned
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_returned FROM agio_app;
"""

ADJUSTMENT = """
CREATE TABLE settlement_adjustment (
    id uuid PRIMARY KEY,
    window_id uuid NOT NULL REFERENCES settlement_window,
    model text NOT NULL,
    payer_id uuid NOT NULL,
    payee_id uuid NOT NULL CHECK (payee_id <> payer_id),
    amount_micro bigint NOT NULL CHECK (amount_micro > 0),
    proposal_id uuid NOT NULL UNIQUE REFERENCES settlement_proposal,
    recorded_at timestamptz NOT NULL
);
COMMENT ON COLUMN settlement_adjustment.id IS 'also the id and the reference of its transfer';
COMMENT ON COLUMN settlement_adjustment.window_id IS 'the window that it corrects; it is settled with the one then open';
CREATE TRIGGER settlement_adjustment_approved BEFORE INSERT ON settlement_adjustment
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_adjustment FROM agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0005_attempts")]
    operations = [RunSQL(ALLOCATION), RunSQL(DEPOSIT), RunSQL(DISPUTE), RunSQL(ADJUSTMENT)]
