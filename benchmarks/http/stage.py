"""What a benchmark over HTTP is played on: a server of its own, and members who are signed in."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle

import brands
from benchmarks.http.calls import ping, plain
from benchmarks.http.measuring import Queues, Subject
from benchmarks.http.network import load_network
from benchmarks.http.people import Person, bring_over, sign_in
from benchmarks.http.server import ScratchServer, scratch_server
from benchmarks.machine import Machine, describe_machine, describe_server
from benchmarks.registry import Options


@dataclass(frozen=True, slots=True)
class Stage:
    """A server that answers, and members who are signed in."""

    server: ScratchServer
    directory: brands.Directory
    people: Sequence[Person]
    machine: Machine

    def plain(self, connections: int) -> Subject:
        """The first reference: a plain JSON answer of the same application."""

        async def queues(_: float) -> Queues:
            return [cycle([plain()]) for _ in range(connections)]

        return Subject("plain", queues)

    def noop(self, connections: int) -> Subject:
        """The second reference: the mutation that does nothing, in the name of the members."""
        calls = [ping(person.token) for person in self.people]

        async def queues(_: float) -> Queues:
            return [cycle(calls[place::connections]) for place in range(connections)]

        return Subject("noop", queues)


@asynccontextmanager
async def staged(options: Options, *, members: int) -> AsyncIterator[Stage]:
    """Start a server, bring as many members over, and sign them in."""
    options.progress("starting PostgreSQL and the server")
    async with scratch_server() as server:
        options.progress(f"bringing {members} members over")
        known = await load_network(server.database)
        await bring_over(server.database, server.home, known, members)
        await server.ready()
        options.progress("signing them in")
        people = await sign_in(server, known, members)
        async with server.database.connection() as connection:
            machine = describe_machine() | await describe_server(connection) | {"load_average": os.getloadavg()[0]}
        yield Stage(server, known, people, machine)
