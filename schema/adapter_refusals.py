"""Why a program's adapter, or a secret of it, does not change."""

from typing import TypeAlias, assert_never

import strawberry

from brands import connecting, pricing
from brands.errors import ConfigRefused, Problem
from schema.exchange_refusals import UnknownProgram
from schema.rate_refusals import DigestDiffers, ProposalDecided, ProposalNotFound
from schema.refusals import Refusal
from schema.settlement_refusals import ReasonMissing, SamePerson


@strawberry.type
class ConfigurationProblem:
    """One thing that is wrong with a configuration."""

    path: str
    """Dotted, as in a network file: `programs.RAIL.adapter.calls.debit.path`; empty for the text as a whole."""
    message: str
    line: int | None
    """In the text, from 1, where it is known."""

    @classmethod
    def of(cls, value: Problem) -> "ConfigurationProblem":
        """As the graph shows it."""
        return cls(path=value.path, message=value.message, line=value.line)


@strawberry.type
class ConfigurationRefused(Refusal):
    """The configuration cannot be used."""

    problems: list[ConfigurationProblem]
    """Everything that is wrong, in the order of the text."""


@strawberry.type
class ConfigurationUnchanged(Refusal):
    """Exactly this configuration is in force already."""


@strawberry.type
class ConfigurationMoved(Refusal):
    """Another configuration has come into force since it was submitted; the proposal is void."""


@strawberry.type
class SecretUnknown(Refusal):
    """Neither the program's configuration nor what is proposed for it names such a secret."""

    name: str


@strawberry.type
class SecretUnusable(Refusal):
    """A secret is one line of printable characters."""

    length_max: int


AdapterRefused: TypeAlias = (
    UnknownProgram
    | ConfigurationRefused
    | ConfigurationUnchanged
    | ConfigurationMoved
    | ProposalNotFound
    | ProposalDecided
    | SamePerson
    | DigestDiffers
    | ReasonMissing
)
"""Any of them: each step can give some."""

SecretRefused: TypeAlias = UnknownProgram | SecretUnknown | SecretUnusable


def adapter_refused(refusal: connecting.SubmissionRefusal | connecting.ApprovalRefusal) -> AdapterRefused:
    """As the graph says it."""
    message = refusal.message
    match refusal:
        case pricing.NoSuchProgram(program):
            return UnknownProgram(message=message, program=program)
        case ConfigRefused(problems):
            return ConfigurationRefused(message=message, problems=[ConfigurationProblem.of(one) for one in problems])
        case connecting.ConfigurationUnchanged():
            return ConfigurationUnchanged(message=message)
        case connecting.ConfigurationMoved():
            return ConfigurationMoved(message=message)
        case pricing.ProposalNotFound():
            return ProposalNotFound(message=message)
        case pricing.ProposalDecided(_, decision):
            return ProposalDecided(message=message, decision=decision)
        case pricing.SamePerson():
            return SamePerson(message=message)
        case pricing.DigestDiffers(_, submitted):
            return DigestDiffers(message=message, submitted=submitted)
        case pricing.ReasonMissing():
            return ReasonMissing(message=message)
        case _:
            assert_never(refusal)


def secret_refused(
    refusal: pricing.NoSuchProgram | connecting.SecretUnknown | connecting.SecretUnusable,
) -> SecretRefused:
    """As the graph says it."""
    match refusal:
        case pricing.NoSuchProgram(program):
            return UnknownProgram(message=refusal.message, program=program)
        case connecting.SecretUnknown(_, name):
            return SecretUnknown(message=refusal.message, name=name)
        case connecting.SecretUnusable(length_max):
            return SecretUnusable(message=refusal.message, length_max=length_max)
        case _:
            assert_never(refusal)
