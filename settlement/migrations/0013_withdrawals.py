"""Deposits that are paid back or pay what is late, and movements at the bank that are the operator's own."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

WITHDRAWAL = """
CREATE TABLE settlement_withdrawal (
    id uuid PRIMARY KEY,
    number bigint NOT NULL UNIQUE CHECK (number BETWEEN 1 AND 999999999),
    participant_id uuid NOT NULL,
    model text NOT NULL,
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    proposal_id uuid NOT NULL UNIQUE REFERENCES settlement_proposal,
    recorded_at timestamptz NOT NULL
);
COMMENT ON TABLE settlement_withdrawal IS 'what two persons decided to pay back of a deposit';
CREATE TRIGGER settlement_withdrawal_approved BEFORE INSERT ON settlement_withdrawal
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_withdrawal FROM agio_app;

ALTER TABLE settlement_order
    ALTER COLUMN window_id DROP NOT NULL,
    ADD COLUMN withdrawal_id uuid UNIQUE REFERENCES settlement_withdrawal,
    ADD COLUMN ordered_by text CHECK (ordered_by <> ''),
    ADD CONSTRAINT settlement_order_person CHECK (withdrawal_id IS NULL OR ordered_by IS NOT NULL),
    ADD CONSTRAINT settlement_order_of_one CHECK (num_nonnulls(window_id, withdrawal_id) = 1);
COMMENT ON COLUMN settlement_order.ordered_by IS 'who told the bank to pay a deposit back; of windows: the history';

ALTER TABLE settlement_allocation
    ALTER COLUMN payment_id DROP NOT NULL,
    ADD COLUMN withdrawal_id uuid REFERENCES settlement_withdrawal,
    ADD CONSTRAINT settlement_allocation_to_one CHECK (num_nonnulls(payment_id, withdrawal_id) = 1),
    DROP CONSTRAINT settlement_allocation_rule_check,
    DROP CONSTRAINT settlement_allocation_decided,
    DROP CONSTRAINT settlement_allocation_of_movement,
    ADD CONSTRAINT settlement_allocation_rule_check
        CHECK (rule IN ('REFERENCE', 'ACCOUNT', 'PERSON', 'PREFUND', 'DRAWN', 'DISPUTE', 'TOLERANCE')),
    ADD CONSTRAINT settlement_allocation_decided
        CHECK ((proposal_id IS NOT NULL) = (rule IN ('PERSON', 'DRAWN', 'DISPUTE', 'TOLERANCE'))),
    ADD CONSTRAINT settlement_allocation_of_movement
        CHECK ((cash_id IS NULL) = (rule IN ('PREFUND', 'DRAWN', 'DISPUTE', 'TOLERANCE')));
CREATE INDEX settlement_allocation_of_withdrawal ON settlement_allocation (withdrawal_id)
    WHERE withdrawal_id IS NOT NULL;

ALTER TABLE settlement_deposit
    ADD COLUMN withdrawal_id uuid UNIQUE REFERENCES settlement_withdrawal,
    DROP CONSTRAINT settlement_deposit_check,
    ADD CONSTRAINT settlement_deposit_moved CHECK (CASE
        WHEN amount_fen > 0 THEN num_nonnulls(cash_id, proposal_id) = 2 AND num_nonnulls(payment_id, withdrawal_id) = 0
        ELSE cash_id IS NULL AND num_nonnulls(payment_id, withdrawal_id) = 1
            AND (withdrawal_id IS NULL OR proposal_id IS NOT NULL) END);
COMMENT ON COLUMN settlement_deposit.amount_fen IS
    'positive: topped up from the bank; negative: taken or drawn for a payment, or paid back';
"""

OWN = """
CREATE TABLE settlement_own (
    id uuid PRIMARY KEY,
    cash_id uuid NOT NULL REFERENCES settlement_cash,
    purpose text NOT NULL CHECK (purpose IN ('BANK_CHARGE', 'BANK_INTEREST', 'DIFFERENCE', 'FUNDS')),
    amount_fen bigint NOT NULL CHECK (amount_fen > 0),
    proposal_id uuid NOT NULL UNIQUE REFERENCES settlement_proposal,
    recorded_at timestamptz NOT NULL
);
COMMENT ON TABLE settlement_own IS 'movements at the bank, or parts of them, that are no participant''s';
CREATE INDEX settlement_own_of_cash ON settlement_own (cash_id);
CREATE TRIGGER settlement_own_approved BEFORE INSERT ON settlement_own
    FOR EACH ROW EXECUTE FUNCTION settlement_needs_approval();
REVOKE UPDATE, DELETE ON settlement_own FROM agio_app;
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0011_estimates")]
    operations = [RunSQL(WITHDRAWAL), RunSQL(OWN)]
