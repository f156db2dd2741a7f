"""What a brand's answer means. What fits no case of the mapping, or two of them, is unknown: nothing is assumed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar

from adapters.brand_systems.door import Received
from adapters.brand_systems.figures import Figures, Unreadable
from adapters.brand_systems.reading import Reading, reading, retry_after_seconds
from brands.adapter.messages import AnswerMapping
from exchange.brand_system import Answer, Done, Failed, Failure, InquiryAnswer, NotFound, Pending

_Value = TypeVar("_Value")

_UNDECIDED: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.LOCKED,
        HTTPStatus.TOO_EARLY,
    }
)
"""Refusals that do not say that nothing was done."""

_OF_AN_INQUIRY: Final = frozenset(
    {Failure.UNKNOWN, Failure.NOT_SENT, Failure.RATE_LIMITED, Failure.AUTH, Failure.UNSUPPORTED}
)
"""What can be wrong with an inquiry; everything else would be said of the instruction."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How the answers to one call are read."""

    answer: AnswerMapping
    statuses: Mapping[int, Failure]
    failures: Mapping[str, Failure]
    figures: Figures
    now: datetime

    def judge(self, received: Received, reference: str, amount: int) -> Answer:
        """What became of an instruction."""
        try:
            read = reading(received, strict=_is_success(received))
            return self._believed(self._instruction(read, received), read, reference, amount)
        except Unreadable as error:
            return Failed(Failure.UNKNOWN, str(error))

    def judge_inquiry(self, received: Received, reference: str, *, final: bool) -> InquiryAnswer:
        """What an inquiry tells. Only a successful answer tells how the instruction ended."""
        try:
            read = reading(received, strict=_is_success(received))
            if self._is_not_found(read, received):
                return NotFound(final)
            if _is_success(received):
                return self._believed(self._instruction(read, received), read, reference, None)
            failed = self.failed(received, read)
        except Unreadable as error:
            return Failed(Failure.UNKNOWN, str(error))
        if failed.failure in _OF_AN_INQUIRY:
            return failed
        return Failed(Failure.UNKNOWN, failed.message, failed.brand_code)

    def judge_question(self, received: Received) -> Reading | Failed:
        """The answer to a question that changes nothing, or why there is none."""
        try:
            read = reading(received, strict=_is_success(received))
            failed = self.failed(received, read)
            if not _is_success(received) or self._coded(read) or read.holds(self.answer.failed):
                return failed
            if self.answer.done is not None and not read.holds(self.answer.done):
                return Failed(Failure.UNKNOWN, "the answer fits no case of the mapping")
        except Unreadable as error:
            return Failed(Failure.UNKNOWN, str(error))
        return read

    def judge_event(self, read: Reading) -> Answer | None:
        """What a webhook tells of an instruction; None: nothing that is final or sure. Raises Unreadable."""
        done, pending = read.holds(self.answer.done), read.holds(self.answer.pending)
        failure = self._coded(read)
        failed = failure is not None or read.holds(self.answer.failed)
        if done + pending + failed != 1:
            return None
        if failed:
            message, code = read.text(self.answer.message) or "", read.text(self.answer.code)
            return Failed(failure or Failure.INVALID, message, code)
        return self._done(read) if done else self._pending(read)

    def refused(self, received: Received) -> Failed:
        """What a refusal means whose body may be anything."""
        try:
            return self.failed(received, reading(received, strict=False))
        except Unreadable as error:
            return Failed(Failure.UNKNOWN, str(error))

    def failed(self, received: Received, read: Reading) -> Failed:
        """What a refusal means: by the brand's code, or by the status. Raises Unreadable."""
        code = read.text(self.answer.code)
        failure = self._coded(read) or self.statuses.get(received.status) or _by_status(received.status)
        message = read.text(self.answer.message) or f"HTTP {received.status}"
        return Failed(failure, message, code, retry_after_seconds(received, self.now))

    def _instruction(self, read: Reading, received: Received) -> Answer:
        done, pending = read.holds(self.answer.done), read.holds(self.answer.pending)
        coded = self._coded(read)
        if coded is Failure.DUPLICATE_SAME and done is not pending:
            return self._done(read) if done else self._pending(read)
        if not _is_success(received):
            return self.failed(received, read)
        refused = coded is not None or read.holds(self.answer.failed)
        if done + pending + refused != 1:
            return Failed(Failure.UNKNOWN, "the answer fits no case of the mapping, or more than one")
        if done:
            return self._done(read)
        return self._pending(read) if pending else self.failed(received, read)

    def _is_not_found(self, read: Reading, received: Received) -> bool:
        if self.answer.not_found is not None:
            return read.holds(self.answer.not_found)
        return received.status == HTTPStatus.NOT_FOUND and received.status not in self.statuses

    def _coded(self, read: Reading) -> Failure | None:
        return self.failures.get(read.text(self.answer.code) or "")

    def _believed(self, answer: Answer, read: Reading, reference: str, amount: int | None) -> Answer:
        """The answer, if it is one to what was asked. Raises Unreadable."""
        if isinstance(answer, Failed):
            return answer
        repeated = read.value(self.answer.reference)
        if repeated is not None and repeated != reference:
            return Failed(Failure.UNKNOWN, "the answer is to another instruction")
        written = read.value(self.answer.amount)
        if amount is not None and written is not None and abs(self.figures.amount(written)) != amount:
            return Failed(Failure.UNKNOWN, "the answer tells of another amount")
        return answer

    def _done(self, read: Reading) -> Done:
        # What stands beside the fact may be missing or odd without making the fact doubtful.
        recorded, balance = read.value(self.answer.recorded_at), read.value(self.answer.balance)
        return Done(
            read.name(self.answer.brand_reference),
            None if recorded is None else _or_none(self.figures.instant, recorded),
            None if balance is None else _or_none(self.figures.balance, balance),
        )

    def _pending(self, read: Reading) -> Pending:
        return Pending(read.name(self.answer.brand_reference), read.seconds(self.answer.ask_after_seconds))


def _is_success(received: Received) -> bool:
    return HTTPStatus.OK <= received.status < HTTPStatus.MULTIPLE_CHOICES


def _or_none(read: Callable[[Any], _Value], written: Any) -> _Value | None:
    try:
        return read(written)
    except Unreadable:
        return None


def _by_status(status: int) -> Failure:
    """What a status means that no mapping names; a success is one only when the mapping sees a refusal in it."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Failure.INVALID
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}:
        return Failure.AUTH
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Failure.RATE_LIMITED
    if status in {HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}:
        return Failure.UNSUPPORTED
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _UNDECIDED:
        return Failure.INVALID
    return Failure.UNKNOWN
