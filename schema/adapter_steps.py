"""Looking at how programs' points are reached, and changing it by two persons."""

from collections.abc import Awaitable
from typing import Annotated, Final

import strawberry

import brands
from brands import connecting, pricing
from core.persons import Actor
from exchange.saga.hurrying import try_new_credentials
from schema.adapter import AdapterConfiguration, AdapterProposal, AdapterSecret, ConfigurationChange
from schema.adapter_refusals import AdapterRefused, SecretRefused, adapter_refused, secret_refused
from schema.context import Context, Info
from schema.errors import BadInput
from schema.exchange_refusals import UnknownProgram
from schema.fields import needs
from schema.scopes import Scope
from schema.viewer import ViewerKind

FIRST_MAX: Final = 200
"""Proposals in one answer."""


@strawberry.type
class ConfigurationChecked:
    """The configuration could be submitted. Nothing was kept."""

    changes: list[ConfigurationChange]
    """What it would change; empty: it is in force already."""


@strawberry.type
class SecretRemoved:
    """The secret is no longer kept."""

    name: str


AdapterStepResult = Annotated[AdapterProposal | AdapterRefused, strawberry.union("AdapterStepResult")]
SubmitAdapterResult = Annotated[
    AdapterProposal | ConfigurationChecked | AdapterRefused, strawberry.union("SubmitAdapterResult")
]
SetAdapterSecretResult = Annotated[AdapterSecret | SecretRefused, strawberry.union("SetAdapterSecretResult")]
RemoveAdapterSecretResult = Annotated[SecretRemoved | SecretRefused, strawberry.union("RemoveAdapterSecretResult")]


@strawberry.input
class SubmitAdapterInput:
    """A changed configuration, in place of what waits. Sent again by the same, it is the proposal that waits."""

    program: str
    """The program's code."""
    configuration: str
    """TOML, as it stands below `[programs.CODE.adapter]` of a network file, headers in full or without that part."""
    dry_run: bool = False
    """Only try it: everything is checked, nothing is kept."""
    reason: str = ""


@strawberry.input
class ApproveAdapterInput:
    """Which proposal, as it was seen, and why."""

    number: int
    digest: str
    reason: str


@strawberry.input
class RejectAdapterInput:
    """Which proposal, and why."""

    number: int
    reason: str


@strawberry.input
class SetAdapterSecretInput:
    """A secret that a configuration names."""

    program: str
    name: str
    value: str
    """It is kept encrypted, and never shown again."""


@strawberry.input
class RemoveAdapterSecretInput:
    """A secret that is kept."""

    program: str
    name: str


@strawberry.type
class AdapterQuery:
    """Looking at how points are reached."""

    @needs(brands.Scope.PROGRAMS_READ, Scope.SYSTEMS_READ)
    async def adapter_configuration(self, info: Info, program: str) -> AdapterConfiguration | None:
        """How a program's points are reached: a brand's own program, any for staff; null for any other."""
        directory = await info.context.directory()
        found = directory.program(program)
        if found is None or strangers(info.context, directory, program) is not None:
            return None
        async with info.context.database.connection() as connection:
            secrets = await connecting.secrets_of(connection, found)
            waiting = await connecting.proposals(connection, program_ids=[found.id], only_open=True)
        return AdapterConfiguration.of(found, secrets, waiting, directory)

    @needs(brands.Scope.PROGRAMS_READ, Scope.SYSTEMS_READ)
    async def adapter_proposals(
        self, info: Info, first: int = 50, before: int | None = None, *, only_open: bool = True
    ) -> list[AdapterProposal]:
        """Changed configurations, the latest first: a brand's own, all for staff; `before` is a number."""
        if not 1 <= first <= FIRST_MAX:
            message = f"`first` must be from 1 to {FIRST_MAX}."
            raise BadInput(message, argument="first")
        viewer, directory = info.context.viewer, await info.context.directory()
        own = [program.id for program in directory.programs_of(viewer.brand_id)] if _is_brand(info.context) else None
        async with info.context.database.connection() as connection:
            found = await connecting.proposals(
                connection, program_ids=own, only_open=only_open, before=before, count=first
            )
        return [AdapterProposal.of(each, directory) for each in found]


@strawberry.type
class AdapterMutation:
    """Changing how points are reached. Two persons are needed: whoever submits cannot approve."""

    @needs(brands.Scope.SYSTEMS_WRITE, Scope.SYSTEMS_PREPARE)
    async def submit_adapter(self, info: Info, input: SubmitAdapterInput) -> SubmitAdapterResult:
        """Put a configuration before a second person, or try whether it could be."""
        stranger = strangers(info.context, await info.context.directory(), input.program)
        if stranger is not None:
            return stranger
        database = info.context.database
        if not input.dry_run:
            actor = acting(info.context)
            step = connecting.submit(database, input.program, input.configuration, actor, reason=input.reason)
            return await _proposed(info.context, step)
        checked = await connecting.check(database, input.program, input.configuration)
        if not isinstance(checked, connecting.Checked):
            return adapter_refused(checked)
        return ConfigurationChecked(changes=[ConfigurationChange.of(change) for change in checked.changes])

    @needs(Scope.SYSTEMS_APPROVE)
    async def approve_adapter(self, info: Info, input: ApproveAdapterInput) -> AdapterStepResult:
        """Bring exactly what was submitted into force."""
        actor, database = acting(info.context), info.context.database
        step = connecting.approve(database, input.number, actor, digest=input.digest, reason=input.reason)
        return await _proposed(info.context, step)

    @needs(Scope.SYSTEMS_APPROVE)
    async def reject_adapter(self, info: Info, input: RejectAdapterInput) -> AdapterStepResult:
        """Send a configuration back."""
        step = connecting.reject(info.context.database, input.number, acting(info.context), reason=input.reason)
        return await _proposed(info.context, step)

    @needs(brands.Scope.SYSTEMS_WRITE, Scope.SYSTEMS_PREPARE)
    async def set_adapter_secret(self, info: Info, input: SetAdapterSecretInput) -> SetAdapterSecretResult:
        """Keep a secret, in place of an older one. Within half a minute it is used, and what waited for it goes on."""
        stranger = strangers(info.context, await info.context.directory(), input.program)
        if stranger is not None:
            return stranger
        services = info.context.services
        found = await connecting.set_secret(
            services.database, services.brand_secrets, input.program, input.name, input.value
        )
        if not isinstance(found, connecting.SecretSet):
            return secret_refused(found)
        await try_new_credentials(services.database, found.program)
        return AdapterSecret.of(found.secret)

    @needs(brands.Scope.SYSTEMS_WRITE, Scope.SYSTEMS_PREPARE)
    async def remove_adapter_secret(self, info: Info, input: RemoveAdapterSecretInput) -> RemoveAdapterSecretResult:
        """Forget a secret that is kept."""
        stranger = strangers(info.context, await info.context.directory(), input.program)
        if stranger is not None:
            return stranger
        found = await connecting.remove_secret(info.context.database, input.program, input.name)
        return SecretRemoved(name=input.name) if isinstance(found, brands.Program) else secret_refused(found)


async def _proposed(
    context: Context,
    step: Awaitable[connecting.Proposal | connecting.SubmissionRefusal | connecting.ApprovalRefusal],
) -> AdapterProposal | AdapterRefused:
    found = await step
    if isinstance(found, connecting.Proposal):
        async with context.database.connection() as connection:
            return AdapterProposal.of(found, await brands.directory(connection))
    return adapter_refused(found)


def acting(context: Context) -> Actor:
    """Who takes a step: a brand's client, or a person."""
    viewer = context.viewer
    return Actor(f"client:{viewer.client_id}" if _is_brand(context) else viewer.staff_name)


def strangers(context: Context, directory: brands.Directory, code: str) -> UnknownProgram | None:
    """To a brand another's program does not exist."""
    own = {program.code for program in directory.programs_of(context.viewer.brand_id)} if _is_brand(context) else None
    if own is None or code in own:
        return None
    return UnknownProgram(message=pricing.NoSuchProgram(code).message, program=code)


def _is_brand(context: Context) -> bool:
    return context.viewer.kind is ViewerKind.BRAND
