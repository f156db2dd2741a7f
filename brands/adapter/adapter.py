"""How one program's points are reached: everything its network file says about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec

from brands.adapter.capabilities import PLATFORM_CAPABILITIES, Capabilities, CapabilitiesSection
from brands.adapter.drop_folder import DropFolder
from brands.adapter.kinds import AdapterKind, AmountForm, BookOfRecord, Call
from brands.adapter.leaves import DocumentLeaf, UrlLeaf
from brands.adapter.messages import ACall, AFailure, AnswerMapping, BrandCode, CallMapping, Header, Status, Template
from brands.adapter.security import Authentication
from brands.adapter.webhook import WebhookMapping
from brands.config.leaves import ChoiceLeaf, FlagLeaf, WholeLeaf

_ANSWER_BYTES_MAX = 64 * 1024 * 1024
_MORE_THAN_NUMBERS: Final = re.compile(rb'\$\{(?:[^"\\]|\\.)*?\bmember\b(?!\.number\b)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """`[programs.CODE.adapter]`."""

    kind: Annotated[AdapterKind, ChoiceLeaf(AdapterKind)] = AdapterKind.PLATFORM
    capabilities: CapabilitiesSection | None = None
    url: Annotated[str, UrlLeaf()] | None = None
    """Before every path. The installation may give another one (`AGIO_BRAND_<PROGRAM>_URL`)."""
    plain_http: Annotated[bool, FlagLeaf()] = False
    """Whether the address may be without TLS and not this machine's own."""
    authentication: Authentication = field(default_factory=Authentication)
    headers: Mapping[Header, Template] = field(default_factory=dict)
    """Of every request."""
    amounts: Annotated[AmountForm, ChoiceLeaf(AmountForm)] = AmountForm.DECIMAL
    answer_bytes_max: Annotated[int, WholeLeaf(1024, _ANSWER_BYTES_MAX, 1024)] = 1024 * 1024
    calls: Mapping[ACall, CallMapping] = field(default_factory=dict)
    answer: AnswerMapping = field(default_factory=AnswerMapping)
    """Of every call that does not say otherwise."""
    statuses: Mapping[Status, AFailure] = field(default_factory=dict)
    """What an HTTP status means, unless a call says otherwise."""
    failures: Mapping[BrandCode, AFailure] = field(default_factory=dict)
    """What the brand's own codes mean, unless a call says otherwise."""
    sdl: Annotated[str, DocumentLeaf()] | None = None
    """The brand's GraphQL schema, against which documents are checked."""
    webhook: WebhookMapping | None = None
    drop_folder: DropFolder | None = None

    @property
    def section(self) -> CapabilitiesSection:
        """What the system can do, as written."""
        return self.capabilities or PLATFORM_CAPABILITIES

    @property
    def book_of_record(self) -> BookOfRecord:
        """Whose books decide what a member has."""
        return self.section.book_of_record

    def capabilities_for(self, scale: int, time_zone: str) -> Capabilities:
        """What the system can do for a program of so many decimals in that time zone."""
        validates_first = any(mapping.validate_first for mapping in self.calls.values())
        return self.section.capabilities(scale, time_zone, validates_first=validates_first)

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The secrets that the network file names."""
        named = (self.authentication.secret, self.webhook.signature.secret if self.webhook else None)
        return tuple(dict.fromkeys(name for name in named if name))

    @property
    def tells_more_than_numbers(self) -> bool:
        """Whether the brand is told names of members, or tokens of their linking."""
        told = msgspec.json.encode((self.headers, self.calls, self.drop_folder), enc_hook=str)
        return _MORE_THAN_NUMBERS.search(told) is not None

    def knows(self, call: Call) -> bool:
        """Whether the network file maps the call."""
        return call in self.calls


PLATFORM = Adapter()
"""The points live in our own ledger."""
