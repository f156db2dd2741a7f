"""At which tier's fee, and at which pair's price, an exchange was quoted."""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

TERMS = """
ALTER TABLE exchange_quote ADD COLUMN source_tier text, ADD COLUMN pair_rate_id uuid;
ALTER TABLE exchange_exchange ADD COLUMN source_tier text, ADD COLUMN pair_rate_id uuid;
COMMENT ON COLUMN exchange_exchange.source_tier IS 'whose fee was taken; null: the standard fee';
COMMENT ON COLUMN exchange_exchange.pair_rate_id IS 'the special price of the pair; null: both programs'' own prices';
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_exchanges")]
    operations = [RunSQL(TERMS)]
