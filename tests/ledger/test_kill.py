"""kill -9 in the middle of a batch: nothing acknowledged is missing, nothing is doubled, the books are whole."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from core.database import Database
from core.migrate import migrate
from core.postgres import private_postgres
from core.socket_folder import is_answered
from ledger import Outcome, Status, Transfer, audit, open_assets, post
from tests.ledger.operations import ASSET, HOT
from tests.ledger.replay import Replay
from tests.ledger.test_histories import instant_of

ROUNDS = 20


class Doomed:
    """The posting process, as the one who kills it sees it."""

    def __init__(self, url: str, seed: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.doomed_process", url, str(seed)],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        self.stdout = self.process.stdout
        self.heard: list[bytes] = []

    def listen(self, lines: int) -> None:
        """Wait until it has said so many lines: three for every batch."""
        self.heard += [self.stdout.readline() for _ in range(lines)]

    def close(self) -> None:
        """Kill -9, if it lives; and hear what it had still said."""
        self.process.kill()
        self.process.wait()
        self.heard += self.stdout.readlines()
        self.stdout.close()

    def last_will(self) -> list[tuple[list[Transfer], list[Outcome] | None]]:
        """Every batch it was about to post, and what it was answered; None for the one that was interrupted."""
        said = [line for line in self.heard if line.endswith(b"\n")]
        batches = [msgspec.json.decode(line, type=list[Transfer]) for line in said[::3]]
        outcomes = [msgspec.json.decode(line, type=list[Outcome]) for line in said[2::3]]
        return list(zip_longest(batches, outcomes))


@dataclass
class Told:
    """All that was sent, in order, and what was answered."""

    batches: list[list[Transfer]] = field(default_factory=list)
    outcomes: list[list[Outcome]] = field(default_factory=list)
    ambiguous: int = 0
    """How many batches were sent again because nobody knew what had become of them."""
    committed: int = 0
    """How many of these had been committed."""

    async def settle(self, database: Database, batch: list[Transfer], outcomes: list[Outcome] | None) -> None:
        """Note what became of a batch, sending it again when that is not known."""
        if outcomes is None:
            outcomes = await _post(database, batch)
            self.ambiguous += 1
            self.committed += any(outcome.ok for outcome in outcomes) and all(
                outcome.status is not Status.CREATED for outcome in outcomes
            )
        self.batches.append(batch)
        self.outcomes.append(outcomes)


async def _post(database: Database, batch: Sequence[Transfer]) -> list[Outcome]:
    async with database.transaction() as connection:
        return await post(connection, batch, accounts=HOT, clock=database.clock)


def _as_first(outcome: Outcome) -> Outcome:
    return replace(outcome, status=Status.CREATED) if outcome.ok else outcome


@dataclass
class Server:
    """A durable PostgreSQL that is killed and started again."""

    home: Path
    url: str
    stack: ExitStack

    def kill(self) -> None:
        """Kill -9 of the postmaster, whose death ends all of its children; and wait until it is dead."""
        pid = (self.home / "postgres" / "data" / "postmaster.pid").read_text().split("\n", 1)[0]
        os.kill(int(pid), signal.SIGKILL)
        while is_answered(self.home / "postgres"):
            time.sleep(0.001)

    def start_again(self) -> None:
        """As the next process does that uses it."""
        self.url = self.stack.enter_context(private_postgres(self.home))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """It has fsync and synchronous commit on."""
    with ExitStack() as stack:
        yield Server(tmp_path, stack.enter_context(private_postgres(tmp_path)), stack)


async def test_twenty_kills(server: Server) -> None:
    """Ten times the posting process and ten times PostgreSQL, half of them between the last statement and the commit.

    After each the interrupted batch is sent again with the same ids. In the end every batch is sent once more and
    answered as the first time; the model, told the same, agrees with every outcome.
    """
    await migrate(server.url)
    await _open_assets(server.url)
    told = Told()
    for number in range(ROUNDS):
        with closing(Doomed(server.url, number)) as doomed:
            doomed.listen(3 * (number % 3) + 1 + number // 2 % 2)
            if number % 2:
                server.kill()
                server.start_again()
        await _settle(server.url, told, doomed)
    database = await Database.connect(server.url)
    await _prove(database, told)
    await database.close()


async def _settle(url: str, told: Told, doomed: Doomed) -> None:
    database = await Database.connect(url)
    for batch, outcomes in doomed.last_will():
        await told.settle(database, batch, outcomes)
    await database.close()


async def _open_assets(url: str) -> None:
    database = await Database.connect(url)
    async with database.transaction() as connection:
        await open_assets(connection, [ASSET])
    await database.close()


async def _prove(database: Database, told: Told) -> None:
    replay = Replay({ASSET.code})
    created = 0
    for batch, outcomes in zip(told.batches, told.outcomes, strict=True):
        first = [_as_first(outcome) for outcome in outcomes]
        assert [_as_first(outcome) for outcome in await _post(database, batch)] == first
        modelled = replay.post(batch, HOT, instant_of(outcomes))
        assert [_as_first(outcome) for outcome in modelled] == first
        created += sum(outcome.status is Status.CREATED for outcome in modelled)
    report = await audit(database)
    assert (report.findings, report.counts["ledger_transfer"]) == ([], created)
    assert told.ambiguous >= ROUNDS / 2
    assert created > ROUNDS
