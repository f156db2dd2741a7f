"""How the simulator of ours is spoken to: a mapping like any partner's, built in."""

import tomllib
from dataclasses import replace
from functools import cache
from typing import Final

from brands.adapter.adapter import Adapter
from brands.adapter.kinds import AdapterKind
from brands.config.problems import Problems
from brands.config.reader import read_section

MAPPING: Final = """
kind = "rest"
url = "https://simulator.invalid"

[failures]
systemError = "not_sent"
INVALID_REQUEST = "invalid"
UNAUTHORIZED = "auth"
MEMBER_NOT_FOUND = "member_not_found"
NAME_MISMATCH = "name_mismatch"
NOT_LINKED = "not_linked"
MEMBER_INELIGIBLE = "ineligible"
VALIDATION_USED = "not_sent"
VALIDATION_EXPIRED = "not_sent"
INSUFFICIENT_BALANCE = "insufficient"
LIMIT_EXCEEDED = "limit"
FRAUD_SUSPECTED = "fraud"
REVERSAL_EXCEEDS = "reversal_exceeds"
REVERSAL_TOO_LATE = "ineligible"
ORIGINAL_NOT_FOUND = "invalid"
DUPLICATE_SAME = "duplicate_same"
DUPLICATE_CHANGED = "duplicate_changed"
ALREADY_REVERSED = "already_reversed"
RATE_LIMITED = "rate_limited"
MAINTENANCE = "not_sent"
INTERNAL = "unknown"
UNSUPPORTED = "unsupported"

[answer]
done = "(body.original || body).status == 'success'"
pending = "(body.original || body).status == 'pending'"
failed = "body.status == 'failure' && !(body.original)"
code = "body.errors[0].code || body.status"
message = "body.errors[0].description"
brand_reference = "(body.original || body).transactionId"
reference = "(body.original || body).reference"
recorded_at = "(body.original || body).createdAt"
ask_after_seconds = "(body.original || body).askAfter"
balance = "body.balance"
as_of = "body.asOf"
number = "body.memberId"
link = "body.link"
tier = "body.membershipLevel"

[calls.health]
method = "GET"
path = "/v1/health"
answer = { done = "body.status == 'up'" }

[calls.link]
method = "PUT"
path = "/v1/lps/${program}/members/${member.number}/link"
body = { lastName = "${member.name}" }

[calls.validate]
path = "/v1/lps/${program}/mvs"
body = { memberId = "${member.number}", lastName = "${member.name}" }

[calls.unlink]
method = "DELETE"
path = "/v1/lps/${program}/members/${member.number}/link"

[calls.balance]
method = "GET"
path = "/v1/lps/${program}/members/${member.number}"

[calls.tier]
method = "GET"
path = "/v1/lps/${program}/members/${member.number}"

[calls.debit]
path = "/v1/lps/${program}/debits"
[calls.debit.body]
reference = "${reference}"
memberId = "${member.number}"
amount = "${amount}"
occurredAt = "${occurred_at}"

[calls.credit]
path = "/v1/lps/${program}/credits"
[calls.credit.body]
reference = "${reference}"
memberId = "${member.number}"
amount = "${amount}"
occurredAt = "${occurred_at}"

[calls.hold]
path = "/v1/lps/${program}/holds"
[calls.hold.body]
reference = "${reference}"
memberId = "${member.number}"
amount = "${amount}"
occurredAt = "${occurred_at}"

[calls.capture]
path = "/v1/lps/${program}/captures"
[calls.capture.body]
reference = "${reference}"
originalReference = "${original.reference}"
memberId = "${member.number}"
amount = "${amount}"

[calls.release]
path = "/v1/lps/${program}/releases"
[calls.release.body]
reference = "${reference}"
originalReference = "${original.reference}"
memberId = "${member.number}"
amount = "${amount}"

[calls.reverse]
path = "/v1/lps/${program}/reversals"
[calls.reverse.body]
reference = "${reference}"
originalReference = "${original.reference}"
originalTransactionId = "${original.brand_reference}"
memberId = "${member.number}"
amount = "${amount}"

[calls.inquire]
method = "GET"
path = "/v1/lps/${program}/transactions/${reference}"
answer = { not_found = "status == `404` || body.status == 'systemError'" }

[calls.transactions]
method = "GET"
path = "/v1/lps/${program}/transactions"
query = { after = "${after}", until = "${until}", cursor = "${cursor}" }
[calls.transactions.answer]
done = "status == `200`"
movements = "body.transactions"
cursor = "body.next"
[calls.transactions.answer.movement]
brand_reference = "transactionId"
our_reference = "reference"
number = "memberId"
amount = "amount"
recorded_at = "recordedAt"

[calls.statement]
method = "GET"
path = "/v1/lps/${program}/statements/${day}"

[webhook]
id = 'headers."webhook-id"'
reference = "body.data.reference"
number = "body.data.memberId"
tier = "body.data.membershipLevel"
done = "body.data.status == 'success'"
pending = "body.data.status == 'pending'"
failed = "body.data.status == 'failure'"
code = "body.data.errors[0].code"
message = "body.data.errors[0].description"
brand_reference = "body.data.transactionId"
recorded_at = "body.data.createdAt"
balance = "body.data.balance"
signature = { kind = "standard", secret = "webhook" }
"""
"""As it would stand under `[programs.CODE.adapter]`."""


def simulator_adapter(configured: Adapter) -> Adapter:
    """The built-in mapping with what the network file says about this simulator."""
    built_in = _built_in()
    told = built_in.webhook
    webhook = configured.webhook and told and replace(told, signature=configured.webhook.signature)
    return replace(
        built_in,
        kind=AdapterKind.SIMULATOR,
        capabilities=configured.capabilities,
        url=configured.url,
        plain_http=configured.plain_http,
        authentication=configured.authentication,
        answer_bytes_max=configured.answer_bytes_max,
        webhook=webhook,
    )


@cache
def _built_in() -> Adapter:
    problems = Problems()
    found = read_section(Adapter, tomllib.loads(MAPPING), problems)
    assert not problems, problems.found
    return found
