"""The role under which the application works, and what it may do with the tables that follow.

Roles belong to the whole cluster while migrations lock one database, so another database's migration
may create the role or the membership at the same instant.
"""

from tortoise import migrations
from tortoise.migrations.operations import RunSQL

ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'agio_app') THEN
        CREATE ROLE agio_app NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

DO $$
BEGIN
    IF NOT pg_has_role(CURRENT_USER, 'agio_app', 'MEMBER') THEN
        EXECUTE format('GRANT agio_app TO %I', CURRENT_USER);
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

GRANT USAGE ON SCHEMA public TO agio_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO agio_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO agio_app;
GRANT SELECT ON tortoise_migrations TO agio_app;
"""


class Migration(migrations.Migration):
    operations = [RunSQL(ROLE)]
