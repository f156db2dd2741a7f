"""How a program's points are reached: the configuration in force, what waits for a second person, and its secrets."""

from datetime import datetime

import strawberry

import brands
from brands import connecting, pricing
from brands.adapter.kinds import BookOfRecord
from brands.certifications import adapter_digest
from brands.change import Change

strawberry.enum(brands.AdapterKind, name="AdapterKind")
strawberry.enum(BookOfRecord, name="BookOfRecord")


@strawberry.type
class ConfigurationChange:
    """One thing that is other than before."""

    path: str
    """Within the adapter: `capabilities.deadline_seconds`."""
    before: str | None
    """Null: it was not there."""
    after: str | None
    """Null: it is gone."""

    @classmethod
    def of(cls, value: Change) -> "ConfigurationChange":
        """As the graph shows it."""
        return cls(path=value.path, before=value.before, after=value.after)


@strawberry.type
class AdapterSecret:
    """A secret that a configuration names. Its value is shown to nobody."""

    name: str
    kept_since: datetime | None
    """When it was set last; null: it is not kept here. What the installation's environment gives goes before it."""

    @classmethod
    def of(cls, value: connecting.KeptSecret) -> "AdapterSecret":
        """As the graph shows it."""
        return cls(name=value.name, kept_since=value.kept_since)


@strawberry.type
class AdapterProposal:
    """A changed configuration that one person submitted, and what another made of it."""

    number: int
    program: str
    """The program's code."""
    configuration: str
    """All of it as TOML; secrets stand in it by their names only."""
    changes: list[ConfigurationChange]
    """What it changes of the configuration in force now; empty when it is that one."""
    digest: str
    """Of all that is proposed: who approves names it."""
    submitted_by: str
    submitted_at: datetime
    reason: str
    decision: pricing.Decision | None
    """Null: it waits."""
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None

    @classmethod
    def of(cls, value: connecting.Proposal, directory: brands.Directory) -> "AdapterProposal":
        """As the graph shows it."""
        program = directory.programs[value.program_id]
        changes = connecting.changes_between(program.adapter, value.adapter)
        return cls(
            number=value.number,
            program=program.code,
            configuration=connecting.as_toml(value.adapter),
            changes=[ConfigurationChange.of(change) for change in changes],
            digest=value.digest,
            submitted_by=value.submitted_by,
            submitted_at=value.submitted_at,
            reason=value.reason,
            decision=value.decision,
            decided_by=value.decided_by,
            decided_at=value.decided_at,
            decided_reason=value.decided_reason,
        )


@strawberry.type
class AdapterConfiguration:
    """How a program's points are reached now."""

    program: str
    """The program's code."""
    kind: brands.AdapterKind
    book_of_record: BookOfRecord
    """Whose books decide what a member has. It never changes."""
    configuration: str
    """All of it as TOML, as it stands below `[programs.CODE.adapter]` of a network file; it can be sent back."""
    digest: str
    """SHA-256 of the configuration, in hex: certifications name it."""
    secrets: list[AdapterSecret]
    waiting: AdapterProposal | None
    """What waits for a second person."""

    @classmethod
    def of(
        cls,
        program: brands.Program,
        secrets: list[connecting.KeptSecret],
        waiting: list[connecting.Proposal],
        directory: brands.Directory,
    ) -> "AdapterConfiguration":
        """As the graph shows it."""
        return cls(
            program=program.code,
            kind=program.adapter.kind,
            book_of_record=program.adapter.book_of_record,
            configuration=connecting.as_toml(program.adapter),
            digest=adapter_digest(program.adapter).hex(),
            secrets=[AdapterSecret.of(secret) for secret in secrets],
            waiting=AdapterProposal.of(waiting[0], directory) if waiting else None,
        )
