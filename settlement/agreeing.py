"""Agreeing on a settlement model: one person proposes its terms and participants, another decides."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import orjson

from brands import NETWORK_MODEL, Brand, Directory, Membership, agree_on_models, directory
from brands.accounts import operator_position_account, position_account
from core.clock import Clock
from core.database import Connection, Database
from core.errors import Refusal
from core.ids import derive_id, new_id
from core.locks import lock_keys
from ledger import CreditLineInUse, move_credit_lines
from ledger.opening import open_accounts
from settlement.agreed_models import AgreedModel, model_coded
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.errors import CapInUse, ModelRefused, ReasonMissing
from settlement.persons import Actor
from settlement.terms import Netting, terms_of, written
from settlement.windows import open_window

CAP_MAX: Final = 10**15
"""One billion CNY in micro-CNY."""

GROSS_MAX: Final = 70
"""The most participants of a gross model: each two may pay each other, and a window has at most 9,999 payments."""


async def propose_model(
    database: Database, model: AgreedModel, actor: Actor, *, reason: str
) -> Proposal | ModelRefused | ReasonMissing:
    """Propose a new model, or a new version of one; of the participants named, exactly these are in it from then on."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        refused = next(_problems(model, await directory(connection)), None)
        if refused is not None:
            return refused
        return await keep_proposal(connection, Kind.MODEL, _content(model), actor, reason.strip(), database.clock)


async def agree(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> Refusal | None:
    """What the approval of such a proposal does.

    Windows that are open keep what they are netted by; the schedule holds at once, all terms from the next window on.
    What was accepted before stays in the model in which it was accepted.
    """
    del actor
    await lock_keys(connection, "settlement.models", ["agree"])
    model, network = proposed_model(proposal.content), await directory(connection)
    refused = next(_problems(model, network), None)
    if refused is not None:
        return refused
    before = await model_coded(connection, model.code)
    await _keep(connection, proposal, model, network, clock)
    if model.code == NETWORK_MODEL:
        return None
    await open_window(connection, clock, model.code)  # numbers before accounts, as whoever closes takes them
    in_use = await _open_accounts(connection, before, model, network)
    if in_use is not None:
        return in_use
    changes = [*_joining(model, network), *_leaving(before, model, network)]
    await agree_on_models(connection, changes, clock.now(), f"settlement model {model.code}")
    return None


def proposed_model(content: Mapping[str, Any]) -> AgreedModel:
    """The model that a proposal is about."""
    return AgreedModel(
        content["model"],
        0,
        terms_of(orjson.dumps(content["terms"]).decode()),
        None,
        tuple(content["members"]),
        tuple((pair[0], pair[1]) for pair in content["pairs"]),
        tuple(sorted((code, int(cap)) for code, cap in content["caps"].items())),
    )


def _content(model: AgreedModel) -> dict[str, Any]:
    return {
        "model": model.code,
        "terms": orjson.loads(written(model.terms)),
        "members": list(model.members),
        "pairs": [list(pair) for pair in model.pairs],
        "caps": {code: str(cap) for code, cap in model.caps},
    }


def _problems(model: AgreedModel, network: Directory) -> Iterator[ModelRefused]:
    coded = {brand.code: brand for brand in network.participants()}
    if not _is_code(model.code):
        yield ModelRefused("model", "a code has up to 32 small letters, digits and hyphens, a letter first")
    if model.code == NETWORK_MODEL and (model.members or model.pairs or model.caps):
        yield ModelRefused("members", "everybody is in the network's own model; caps stand in the network files")
    taking_part = _taking_part(model)
    yield from _too_many(model, len(coded if model.code == NETWORK_MODEL else taking_part))
    paired = [code for pair in model.pairs for code in pair]
    for where, codes in (("members", model.members), ("pairs", paired)):
        yield from (ModelRefused(where, f"nobody called {code} settles") for code in codes if code not in coded)
    yield from (ModelRefused("pairs", f"{one} is no pair") for one, other in model.pairs if one == other)
    yield from (
        ModelRefused("caps", f"{code} is not in the model") for code, _ in model.caps if code not in taking_part
    )
    yield from (
        ModelRefused("caps", f"the cap of {code} is out of range")
        for code, cap in model.caps
        if not 0 <= cap <= CAP_MAX
    )
    for code in model.members:
        other = network.models.own.get(coded[code].id, NETWORK_MODEL)
        if other not in {NETWORK_MODEL, model.code}:
            yield ModelRefused("members", f"{code} is in the model {other} and has to leave it first")
    for one, two in model.pairs:
        other = network.models.pairs.get(frozenset({coded[one].id, coded[two].id}), NETWORK_MODEL)
        if other not in {NETWORK_MODEL, model.code}:
            yield ModelRefused("pairs", f"{one} and {two} are in the model {other} and have to leave it first")


def _too_many(model: AgreedModel, participants: int) -> Iterator[ModelRefused]:
    if model.terms.netting is Netting.GROSS and participants > GROSS_MAX:
        yield ModelRefused("netting", f"a gross model has at most {GROSS_MAX} participants, not {participants}")


def _is_code(code: str) -> bool:
    letters = code.replace("-", "a")
    return 0 < len(code) <= 32 and letters.isascii() and letters.isalnum() and code.islower() and code[0].isalpha()  # noqa: PLR2004


def _taking_part(model: AgreedModel) -> list[str]:
    return sorted({*model.members, *(code for pair in model.pairs for code in pair)})


async def _keep(
    connection: Connection, proposal: Proposal, model: AgreedModel, network: Directory, clock: Clock
) -> None:
    identifier, caps = derive_id(proposal.id, "model"), dict(model.caps)
    await connection.execute(_KEEP, identifier, model.code, written(model.terms), proposal.id, clock.now())
    rows = [
        (new_id(), identifier, brand.id, caps.get(brand.code, 0)) for brand in _brands(_taking_part(model), network)
    ]
    await connection.executemany(_KEEP_PARTICIPANT, rows)


async def _open_accounts(
    connection: Connection, before: AgreedModel | None, model: AgreedModel, network: Directory
) -> CapInUse | None:
    """Open the positions and move their caps to the new ones. Whoever leaves keeps the cap for what is not settled."""
    brands, caps = _brands(_taking_part(model), network), dict(model.caps)
    positions = {position_account(brand, model.code).id: brand for brand in brands}
    accounts = [operator_position_account(model.code), *(position_account(brand, model.code) for brand in brands)]
    await open_accounts(connection, accounts, [account.id for account in accounts])
    known = dict(before.caps) if before else {}
    changes = {key: caps.get(brand.code, 0) - known.get(brand.code, 0) for key, brand in positions.items()}
    refused = await move_credit_lines(connection, changes)
    found = next(((key, why.used) for key, why in refused.items() if isinstance(why, CreditLineInUse)), None)
    return None if found is None else CapInUse(positions[found[0]].code, found[1])


def _brands(codes: Iterable[str], network: Directory) -> list[Brand]:
    coded = {brand.code: brand for brand in network.participants()}
    return [coded[code] for code in codes]


def _joining(model: AgreedModel, network: Directory) -> Iterator[Membership]:
    for brand in _brands(model.members, network):
        yield Membership(brand.id, None, model.code)
    for pair in model.pairs:
        one, other = _brands(pair, network)
        yield Membership(one.id, other.id, model.code)


def _leaving(before: AgreedModel | None, model: AgreedModel, network: Directory) -> Iterator[Membership]:
    if before is None:
        return
    for brand in _brands(sorted(set(before.members) - set(model.members)), network):
        yield Membership(brand.id, None, NETWORK_MODEL)
    for pair in sorted(set(before.pairs) - set(model.pairs)):
        one, other = _brands(pair, network)
        yield Membership(one.id, other.id, NETWORK_MODEL)


_KEEP = """
INSERT INTO settlement_model (id, code, version, terms, proposal_id, agreed_at)
SELECT $1, $2::text, coalesce(max(version), 0) + 1, $3::text::jsonb, $4, $5 FROM settlement_model WHERE code = $2
"""

_KEEP_PARTICIPANT = """
INSERT INTO settlement_model_participant (id, model_id, participant_id, net_debit_cap) VALUES ($1, $2, $3, $4)
"""
