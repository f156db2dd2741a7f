"""Gross windows have a payment for each direction in which something is owed."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

PAYMENT = """
ALTER TABLE settlement_payment
    ADD COLUMN for_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    DROP CONSTRAINT settlement_payment_window_id_payer_id_payee_id_key,
    ADD CONSTRAINT settlement_payment_once UNIQUE (window_id, payer_id, payee_id, for_id);
COMMENT ON COLUMN settlement_payment.for_id IS 'gross: to whom it is passed on, or from whom it comes; nil: everybody';
"""


class Migration(migrations.Migration):
    dependencies = [("settlement", "0013_withdrawals")]
    operations = [RunSQL(PAYMENT)]
