"""Who takes a step. Roles are checked at the gateway; that two persons are two is checked here and in the database."""

from core.persons import SUBJECT_LENGTH_MAX as SUBJECT_LENGTH_MAX
from core.persons import Actor as Actor
