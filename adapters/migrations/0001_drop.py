"""Files to and from brands, and the instructions that travel in them.

An instruction is in at most one file, for ever; its answer is written once. Files keep their content: they are evidence.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

FILE = """
CREATE TABLE adapters_drop_file (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL REFERENCES brands_program,
    outgoing boolean NOT NULL,
    name text NOT NULL,
    number int NOT NULL CHECK (number > 0),
    day date,
    state text NOT NULL CHECK (state IN ('prepared', 'staged', 'written', 'accepted', 'refused')),
    digest text NOT NULL,
    content bytea NOT NULL,
    row_count int NOT NULL CHECK (row_count >= 0),
    problems jsonb NOT NULL,
    made_at timestamptz NOT NULL,
    UNIQUE (program_id, outgoing, number),
    CHECK (outgoing = (state IN ('prepared', 'staged', 'written')))
);
CREATE UNIQUE INDEX adapters_drop_file_name ON adapters_drop_file (program_id, name) WHERE outgoing;
CREATE UNIQUE INDEX adapters_drop_file_unfinished ON adapters_drop_file (program_id)
    WHERE outgoing AND state <> 'written';
CREATE UNIQUE INDEX adapters_drop_file_accepted ON adapters_drop_file (program_id, digest) WHERE state = 'accepted';
COMMENT ON COLUMN adapters_drop_file.day IS 'of the cut-off after which it was made, or whose instructions it answers';
COMMENT ON COLUMN adapters_drop_file.problems IS 'line and reason of what was not taken from it';
"""

INSTRUCTION = """
CREATE TABLE adapters_drop_instruction (
    id uuid PRIMARY KEY,
    program_id uuid NOT NULL REFERENCES brands_program,
    reference text NOT NULL,
    call text NOT NULL CHECK (call IN ('debit', 'credit', 'reverse')),
    number text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    content jsonb NOT NULL,
    accepted_at timestamptz NOT NULL,
    file_id uuid REFERENCES adapters_drop_file,
    outcome text CHECK (outcome IN ('done', 'failed', 'pending')),
    failure text,
    code text,
    message text,
    brand_reference text,
    balance bigint,
    answer_id uuid REFERENCES adapters_drop_file,
    answered_at timestamptz,
    UNIQUE (program_id, reference),
    CHECK ((outcome IS NULL) = (answer_id IS NULL)),
    CHECK (answer_id IS NULL OR file_id IS NOT NULL),
    CHECK ((outcome = 'failed') = (failure IS NOT NULL))
);
CREATE INDEX adapters_drop_instruction_waiting ON adapters_drop_instruction (program_id, accepted_at)
    WHERE file_id IS NULL;
CREATE INDEX adapters_drop_instruction_file ON adapters_drop_instruction (file_id) WHERE file_id IS NOT NULL;
CREATE INDEX adapters_drop_instruction_answered ON adapters_drop_instruction (program_id, answered_at)
    WHERE outcome = 'done';
COMMENT ON COLUMN adapters_drop_instruction.amount IS 'minor units';

CREATE FUNCTION adapters_drop_instruction_stays() RETURNS trigger AS $$
BEGIN
    IF OLD.file_id IS NOT NULL AND NEW.file_id IS DISTINCT FROM OLD.file_id THEN
        RAISE EXCEPTION 'the instruction % is in another file already', OLD.reference;
    END IF;
    IF OLD.outcome IN ('done', 'failed') AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'the instruction % is answered already', OLD.reference;
    END IF;
    RETURN NEW;
END
$$ LANGUAGE plpgsql;
CREATE TRIGGER adapters_drop_instruction_stays BEFORE UPDATE ON adapters_drop_instruction
    FOR EACH ROW EXECUTE FUNCTION adapters_drop_instruction_stays();

REVOKE DELETE, TRUNCATE ON adapters_drop_file, adapters_drop_instruction FROM agio_app;
"""


class Migration(migrations.Migration):
    operations = [RunSQL(sql) for sql in (FILE, INSTRUCTION)]
