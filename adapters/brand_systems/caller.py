"""Makes one call to a brand's system by HTTP, within its deadline, and writes it down."""

import asyncio
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

import aiohttp

from adapters.brand_systems.authenticating import Authenticator
from adapters.brand_systems.door import Attempt, Message, Received, send
from adapters.brand_systems.figures import Figures, iso
from adapters.brand_systems.judging import Rules
from adapters.brand_systems.known import Known, confidential
from adapters.brand_systems.known import member as of_member
from adapters.brand_systems.recorder import blot, is_recording, note, shown_answer, shown_message
from adapters.brand_systems.requests import Unsendable, message
from adapters.brand_systems.secrets import MissingSecret
from brands import Program
from brands.adapter.adapter import Adapter
from brands.adapter.kinds import Call
from brands.adapter.messages import AnswerMapping
from core.clock import Clock
from exchange.brand_system import CallRecord, Failed, Failure, MemberReference

_FILE_BYTES_MAX: Final = 64 * 1024 * 1024
_UNAUTHORIZED: Final = 401


class Caller:
    """One program's way out."""

    def __init__(
        self,
        program: Program,
        adapter: Adapter,
        url: str,
        http: aiohttp.ClientSession,
        who: Authenticator,
        clock: Clock,
    ) -> None:
        self.program = program
        self.adapter = adapter
        self.figures = Figures.of(program)
        self.clock = clock
        self.who = who
        self._url = url
        self._http = http
        self._rules: dict[Call, Rules] = {}
        """By call, as of some instant."""

    def knows(self, call: Call) -> bool:
        """Whether the call is mapped."""
        return call in self.adapter.calls

    def rules(self, call: Call) -> Rules:
        """How the answers to a mapped call are read."""
        kept = self._rules.get(call)
        if kept is None:
            mapping, adapter = self.adapter.calls[call], self.adapter
            statuses = mapping.statuses if call is Call.INQUIRE else {**adapter.statuses, **mapping.statuses}
            failures = {**adapter.failures, **mapping.failures}
            answer, now = _merged(adapter.answer, mapping.answer), self.clock.now()
            kept = self._rules[call] = Rules(answer, statuses, failures, self.figures, now)
        return Rules(kept.answer, kept.statuses, kept.failures, kept.figures, self.clock.now())

    async def ask(self, call: Call, known: Known, attempt: Attempt | None = None) -> Received | Failed:
        """Say it once (twice when a token was refused). The caller sets the deadline."""
        attempt = attempt or Attempt()
        wanted = {"program": self.program.code, "now": iso(self.clock.now()), **known}
        try:
            plain = message(self.adapter, self.adapter.calls[call], self._url, wanted)
            answer = await self._say(call, plain, known, attempt)
            if isinstance(answer, Received) and answer.status == _UNAUTHORIZED and self.who.forget():
                attempt.sent = False  # it was answered: nothing of the first try is in doubt
                answer = await self._say(call, plain, known, attempt)
        except Unsendable as error:
            # An inquiry that cannot be asked says nothing of the instruction.
            return Failed(Failure.UNSUPPORTED if call is Call.INQUIRE else Failure.INVALID, str(error))
        except MissingSecret as error:
            return Failed(Failure.AUTH, str(error))
        return answer

    def clean(self, failed: Failed, member: MemberReference | None = None) -> Failed:
        """The failure with no secret in the brand's words."""
        return replace(failed, message=blot(failed.message, self._hidden({} if member is None else of_member(member))))

    def _hidden(self, known: Known) -> set[str]:
        """What no evidence holds: our credentials, and what only the brand and its member are to know."""
        return {*self.who.blotted, *confidential(known)}

    async def _say(self, call: Call, plain: Message, known: Known, attempt: Attempt) -> Received | Failed:
        signed = await self.who.signed(plain)
        if isinstance(signed, Failed):
            return signed
        bytes_max = _FILE_BYTES_MAX if call is Call.STATEMENT else self.adapter.answer_bytes_max
        started, instant = asyncio.get_running_loop().time(), self.clock.now()
        answer: Received | Failed = Failed(Failure.UNKNOWN, "the deadline passed")
        try:
            answer = await send(self._http, signed, attempt, bytes_max)
            return answer
        finally:
            if is_recording():
                hidden = self._hidden(known)
                added = signed.headers.keys() - plain.headers.keys()
                note(
                    CallRecord(
                        self.program.code,
                        call.value,
                        _reference(known),
                        instant,
                        asyncio.get_running_loop().time() - started,
                        shown_message(signed, added, hidden),
                        shown_answer(answer, hidden),
                        answer.failure.value if isinstance(answer, Failed) else f"HTTP {answer.status}",
                    )
                )


def _reference(known: Mapping[str, Any]) -> str | None:
    found = known.get("reference")
    return found if isinstance(found, str) else None


def _merged(common: AnswerMapping, own: AnswerMapping) -> AnswerMapping:
    """What the call says itself, and the rest as all calls."""
    said = {field.name: getattr(own, field.name) for field in fields(AnswerMapping)}
    return replace(common, **{name: found for name, found in said.items() if found is not None})
