"""Sealing and auditing a long history, whole and with one row forged of each kind.

The audit runs in a process of its own, so that its memory is its own. All forgeries are made at once, each in a row of
its own, and every one of them must be named; then they are undone, and the books must be whole again.
"""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from benchmarks.crowd import CODE, FUNDS, Crowd, Spread
from benchmarks.pace import Stopwatch
from benchmarks.posting import post_all, post_in_batches
from benchmarks.registry import Options
from benchmarks.tampering import FORGERIES, Forger
from core.database import Database
from core.errors import AgioError
from core.ids import new_id
from core.scratch import connect_as_owner
from ledger import Kind, Transfer, seal, set_credit_lines
from ledger.seal import ENTRIES_PER_SEAL

_FEW: Final = 20
_HOLDERS: Final = 200
_ENTRIES_PER_SEAL_QUICK: Final = 100
_GONE: Final = ("next after", "the first of the seal")
"""How the audit names a sealed row that is not there any more."""


class NotAudited(AgioError):
    """The process that audits has failed."""


@dataclass(frozen=True, slots=True)
class _Audited:
    seconds: float
    peak_mb: float
    transfers: int
    findings: Sequence[Mapping[str, Any]]

    def names(self, table: str, key: Sequence[str]) -> bool:
        """Whether a finding names the row, or says that a sealed row of its table is gone."""
        told = [f"{finding['key']} {finding['expected']} {finding['found']}" for finding in self.findings]
        return any(all(part in text for part in key) for text in told) or any(
            finding["table"] == table and finding["key"].startswith(_GONE) for finding in self.findings
        )


@dataclass(slots=True)
class Proof:
    """What sealing and auditing came to."""

    figures: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


async def prove(url: str, database: Database, members: Crowd, options: Options) -> Proof:
    """Seal and audit; forge, audit, undo and audit again."""
    proof = Proof()
    options.progress("sealing")
    with Stopwatch() as sealing:
        sealed = await seal(database, entries_per_seal=_ENTRIES_PER_SEAL_QUICK if options.quick else ENTRIES_PER_SEAL)
    proof.figures["seal.entries_per_second"] = sealed.entries / sealing.seconds
    await _vary(database, members)
    options.progress("auditing")
    clean = await _audit(url)
    proof.faults += [f"untouched, yet found: {finding}" for finding in clean.findings]
    proof.figures |= {
        "audit.transfers_per_second": clean.transfers / clean.seconds,
        "audit.seconds": clean.seconds,
        "audit.peak_mb": clean.peak_mb,
    }
    await _forge(url, proof, options)
    options.progress("auditing what was undone")
    proof.faults += [f"undone, yet found: {finding}" for finding in (await _audit(url)).findings]
    return proof


async def _forge(url: str, proof: Proof, options: Options) -> None:
    connection = await connect_as_owner(url)
    try:
        async with Forger(connection) as forger:
            forged = {forgery: await forger.forge(forgery) for forgery in FORGERIES}
            options.progress(f"auditing with {len(forged)} rows forged")
            audited = await _audit(url)
    finally:
        await connection.close()
    missed = {forgery: key for forgery, key in forged.items() if not audited.names(forgery.table, key)}
    proof.faults += [f"{forgery.name} not found: {key}" for forgery, key in missed.items()]
    proof.figures["audit.forged_rows"] = len(forged)
    proof.figures["audit.forged_rows_found"] = len(forged) - len(missed)


async def _audit(url: str) -> _Audited:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.auditing", url, stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    if process.returncode:
        message = f"the audit ended with {process.returncode}"
        raise NotAudited(message)
    return _Audited(**json.loads(printed))


async def _vary(database: Database, members: Crowd) -> None:
    """Rows in the tables that plain transfers leave empty: lots, pending transfers, reversals, refusals, terms.

    Sealed one transaction at a time, because of each seal the audit names the first row that differs.
    """
    holders = Crowd(_HOLDERS, lots=True)
    await holders.open(database)
    await post_in_batches(database, holders.comings_and_goings(10 * _HOLDERS), _HOLDERS)
    moved = members.transfers(Spread.UNIFORM, _FEW)
    held = [_with(transfer, kind=Kind.PENDING) for transfer in members.transfers(Spread.UNIFORM, _FEW)]
    too_much = [_with(transfer, amount=FUNDS * FUNDS // 10**6) for transfer in members.transfers(Spread.UNIFORM, _FEW)]
    await post_all(database, [*moved, *held])
    await post_all(database, too_much)
    backwards = [
        Transfer(new_id(), one.credit_account_id, one.debit_account_id, one.amount, CODE, reverses_id=one.id)
        for one in moved
    ]
    posted = [_with(one, id=new_id(), kind=Kind.POST, pending_id=one.id) for one in held[::2]]
    await post_all(database, [*backwards, *posted])
    async with database.transaction() as connection:
        await set_credit_lines(connection, {member.id: 1_000 for member in members.members[:_FEW]})
    await seal(database, entries_per_seal=1)


def _with(transfer: Transfer, **changes: Any) -> Transfer:
    return msgspec.structs.replace(transfer, **changes)
