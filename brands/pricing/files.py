"""What network files do to prices: a first one comes into force with its file, a changed one waits for a second person.

Special prices of pairs always wait for one.

A file's word counts when it changes. What was approved since is not undone by applying the same file again, and a
file that is brought up to what was approved changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from brands.config.network import BrandConfig
from brands.directories import Directory
from brands.errors import Problem
from brands.pricing.desk import Desk, find_circle
from brands.pricing.proposal import Matter, Proposal, ProposalKind
from brands.pricing.proposal_rows import void, write_submission
from brands.pricing.proposing import PriceChange, submit_at
from brands.program import Program
from core.errors import Refusal
from core.persons import Actor

_NOBODY = "A change of a rate takes two persons: name the first one with --as, or use `agio rate submit`."


@dataclass(slots=True)
class Submitted:
    """What came of the changed prices of some files."""

    proposals: tuple[Proposal, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Found:
    proposals: list[Proposal] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


async def submit_changed(
    held: Desk, configs: Sequence[BrandConfig], before: Directory, actor: Actor | None
) -> Submitted:
    """Submit every price that its file names otherwise than before; `held` knows what is in force from now on."""
    found = _Found()
    for config in configs:
        for program in _changed(config, before, held.directory):
            await _submit(held, config, program, actor, found)
        for program, target in _changed_pairs(config, before, held.directory):
            await _submit_pair(held, config, program, target, actor, found)
    if not found.problems:
        found.problems.extend(_circles(held, configs, before))
    return Submitted(tuple(found.proposals), tuple(found.problems))


def _changed(config: BrandConfig, before: Directory, now: Directory) -> Iterator[Program]:
    for code in config.network.programs:
        old, new = before.program(code), now.program(code)
        if old is not None and new is not None and old.file_terms != new.file_terms:
            yield new


async def _submit(held: Desk, config: BrandConfig, program: Program, actor: Actor | None, found: _Found) -> None:
    assert program.file_terms is not None, "the file names prices"
    path = ("programs", program.code, "rate")
    in_force = held.directory.prices.rate(program.id, held.now)
    if in_force is not None and in_force.terms == program.file_terms:
        matter = Matter(kind=ProposalKind.RATE, program_id=program.id)
        await void(held.connection, matter, config.source, held.now, "its file names the price in force again")
        return
    if actor is None:
        found.problems.append(config.problem(path, _NOBODY))
        return
    outcome = await submit_at(held, PriceChange(program.code, None, program.file_terms), actor, config.source)
    if isinstance(outcome, Refusal):
        found.problems.append(config.problem(path, outcome.message))
    else:
        found.proposals.append(outcome)


def _changed_pairs(config: BrandConfig, before: Directory, now: Directory) -> Iterator[tuple[Program, Program]]:
    for code in config.network.programs:
        old, new = before.program(code), now.program(code)
        earlier = old.file_pairs if old else {}
        for target in dict.fromkeys((*earlier, *(new.file_pairs if new else {}))):
            other = now.program(target)
            if new is not None and other is not None and earlier.get(target) != new.file_pairs.get(target):
                yield new, other


async def _submit_pair(
    held: Desk, config: BrandConfig, program: Program, target: Program, actor: Actor | None, found: _Found
) -> None:
    """A special price always needs two persons, its first one and its end too: others rely on there being none."""
    path, terms = ("programs", program.code, "pairs", target.code), program.file_pairs.get(target.code)
    in_force = held.directory.prices.in_force((program.id, target.id), held.now)
    if (in_force.terms if in_force else None) == terms:
        matter = Matter(kind=ProposalKind.RATE, program_id=program.id, target_id=target.id)
        await void(held.connection, matter, config.source, held.now, "its file names the price in force again")
        return
    if actor is None:
        found.problems.append(config.problem(path, _NOBODY))
        return
    if terms is None:
        follows = None if in_force is None else in_force.id
        end = Matter(kind=ProposalKind.END, program_id=program.id, target_id=target.id, follows_id=follows)
        found.proposals.append(await write_submission(held.connection, end, 0, actor.subject, config.source, held.now))
        return
    outcome = await submit_at(held, PriceChange(program.code, target.code, terms), actor, config.source)
    if isinstance(outcome, Refusal):
        found.problems.append(config.problem(path, outcome.message))
    else:
        found.proposals.append(outcome)


def _circles(held: Desk, configs: Sequence[BrandConfig], before: Directory) -> Iterator[Problem]:
    """A new program can close a circle over special prices of pairs."""
    new = [(config, code) for config in configs for code in config.network.programs if before.program(code) is None]
    circle = find_circle(held.directory, held.directory.prices, held.now) if new else None
    if circle is not None:
        config, code = new[0]
        yield config.problem(("programs", code, "rate"), circle.message)
