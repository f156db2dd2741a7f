"""Every way in which an adapter can be configured wrongly is refused with its place and a sentence."""

import pytest

from tests.brands.adapter_samples import FILE, GRAPHQL, REST, SIMULATOR
from tests.brands.samples import bend, refused

FINAL = "capabilities.not_found_final_after_seconds"
PLAIN = "Write https, or plain_http = true if you accept that anybody on the way can read."
NAMED = "a secret is named, never written: lower-case letters, digits and single hyphens"
INVALID = "calls.debit.document: This is not a valid GraphQL document:"
KEYED = 'path = "/debits"\nvalidate_first = true\nheaders = { "Idempotency-Key" = "${reference}" }'

# fmt: off
# ruff: noqa: E501 - one rule a line
REST_RULES = [
    ('kind = "rest"', 'kind = "soap"', "kind: 'soap' is not one of: platform, rest, graphql, file, simulator."),
    ('amounts = "decimal"', 'amount = "decimal"', "amount: The field amount is not known; did you mean amounts?"),
    ("deadline_seconds = 2.5", 'deadline_seconds = "2 s"', "capabilities.deadline_seconds: This must be a number without a unit."),
    ("deadline_seconds = 2.5", "deadline_seconds = 2500", "capabilities.deadline_seconds: This must be more than 0 and at most 60."),
    ("deadline_seconds = 2.5", "deadline_ms = 2500", "capabilities.deadline_ms: The field deadline_ms is not known; did you mean deadline_seconds?"),
    ("concurrency_max = 4", "decimals = 1", "capabilities.decimals: The program's points have 2 decimals, which cannot be written with 1."),
    ("concurrency_max = 4", 'cut_off = "22:00"', "capabilities.cut_off: Only batches and files have a cut-off."),
    ("not_found_final_after_seconds = 60", "", f"{FINAL}: Until when may an instruction still arrive? Only then is an inquiry that finds nothing final."),
    ("not_found_final_after_seconds = 60", "not_found_final_after_seconds = 1", f"{FINAL}: A request can arrive as long as deadline_seconds after it was sent."),
    ("reversal = true\npartial", "partial", "capabilities.partial_reversal: Without reversal = true nothing is reversed."),
    ('timing = "realtime"', 'timing = "file"', "capabilities.timing: The kind rest answers calls: write realtime or batch."),
    ('url = "https://rail.example/v1"', "", "url: This is missing."),
    ("https://rail.example/v1", "http://rail.example/v1", f"url: {PLAIN}"),
    ("https://rail.example/v1", "rail.example", "url: 'rail.example' is not an address such as https://api.example.com/v1."),
    ("https://rail.example/v1", "https://u:p@rail.example", "url: An address holds no user and no password: write them under authentication."),
    ('secret = "api-key"', 'secret = "sk_LIVE_1"', f"authentication.secret: 'sk_LIVE_1' is not a code: {NAMED}."),
    ('secret = "api-key"', "", "authentication.secret: The kind header needs this."),
    ('secret = "api-key"', 'secret = "api-key"\nuser = "agio"', "authentication.user: The kind header has no user."),
    ("${member.name}", "${member.nam}", "calls.validate.body.surname: 'member.nam' finds nothing: there is program, now, member."),
    ('points = "${amount}", at', 'points = "${amount", at', "calls.debit.body.points: A ${ is not closed."),
    ('points = "${amount}", at', 'points = "${amount..}", at', "calls.debit.body.points: This is not a JMESPath expression: "),
    ('points = "${amount}", at', "at", "calls.debit: The request must carry ${amount}."),
    (KEYED, 'path = "/debits"', "calls.debit: The request must carry ${reference}: without it, a repetition is a second instruction."),
    ('of = "${original.reference}", ', "", "calls.reverse: The request must carry ${original.reference} or ${original.brand_reference}."),
    ("done = \"body.state == 'ok'\", pending", "pending", "calls.debit.answer.done: The answer to debit is not understood without this."),
    ("\"body.state == 'ok'\"", '"body.state = ok"', "calls.debit.answer.done: This is not a JMESPath expression: "),
    ("\"body.state == 'ok'\"", '"data.state"', "calls.debit.answer.done: data is not there: begin with one of status, headers, body."),
    ('balance = "body.balance", ', "", "calls.balance.answer.balance: The answer to balance is not understood without this."),
    ('LOW = "insufficient"', 'LOW = "poor"', "failures.LOW: 'poor' is not one of: invalid, auth, member_not_found, "),
    ('404 = "member_not_found"', '4o4 = "member_not_found"', "statuses.4o4: This is not an HTTP status such as 404."),
    ("calls.debit]", "calls.debits]", "calls.debits: 'debits' is not one of: health, link, validate, "),
    ('path = "/credits"', 'path = "credits"', "calls.credit.path: A path begins with a slash."),
    ('path = "/credits"', 'path = "/credits?a=b"', "calls.credit.path: Write what follows a question mark as a query."),
    ('path = "/credits"', 'path = "/"\nmethod = "PUSH"', "calls.credit.method: This must be one of: GET, POST, PUT, PATCH, DELETE."),
    ('path = "/credits"', 'path = "/"\ndocument = "{ a }"', "calls.credit.document: Only the kind graphql has it."),
    ('path = "/health"', 'path = "/"\nbody = { a = 2026-01-01 }', "calls.health.body.a: A body holds text, numbers, true and false, lists and tables."),
    ("calls.inquire]", "calls.tier]", "calls: The call inquire is missing: capabilities say inquiry = true."),
    ("concurrency_max = 4", "hold = true", "calls: The call hold is missing: capabilities say hold = true."),
    ('text = "${timestamp}.${body}"', 'text = "${timestamp}"', "webhook.signature.text: What is signed must hold ${body}."),
    ("failed = \"body.state == 'no'\"", 'fail = "a"', "webhook.fail: The field fail is not known; did you mean failed?"),
]
OTHER_RULES = [
    (GRAPHQL, "out: true) {", "out: true {", "calls.debit.document: This is not a GraphQL document: Syntax Error: "),
    (GRAPHQL, "out: true) { state", "out: true) { status", f"{INVALID} Cannot query field 'status' on type 'Move'. Did you mean 'state'? (line 2 of the document)."),
    (GRAPHQL, "points: $points, out: true", 'points: "1", out: true', f"{INVALID} Variable '$points' is never used in operation 'Debit' (line 1 of the document)."),
    (GRAPHQL, "type Query {", "typ Query {", "sdl: This is not a GraphQL schema: "),
    (GRAPHQL, 'points = "${amount}" }', 'amount = "${amount}" }', "calls.debit.variables.amount: The variable amount is not known."),
    (GRAPHQL, ', points = "${amount}" }', " }", "calls.debit.variables: The document needs the variable points."),
    (GRAPHQL, "calls.balance]", 'calls.balance]\npath = "/x"', "calls.balance.path: The kind graphql has one address: the url."),
    (FILE, 'cut_off = "22:00"', 'cut_off = "10 pm"', 'capabilities.cut_off: This must be a time of day such as "22:30".'),
    (FILE, 'cut_off = "22:00"', "", "capabilities.cut_off: Until when does an instruction go into the day's file?"),
    (FILE, "deadline_seconds = 5", "deadline_seconds = 5\nhold = true", "capabilities.hold: A file cannot hold points."),
    (FILE, 'kind = "file"', 'kind = "file"\nurl = "https://a.example"', "url: The kind file has no url."),
    (FILE, "${day}-${number}.csv", "${day}.csv", "drop_folder.instructions.name: Names differ from file to file: use ${day} and ${number}."),
    (FILE, '{ header = "积分", value = "${amount}" },', "", "drop_folder.instructions.columns: A row must carry ${amount}."),
    (FILE, '{ header = "操作", value = "${word}" },', "", "drop_folder.instructions.columns: A row must say what is to be done: ${word} or ${operation}."),
    (FILE, '"${count}", ', "", "drop_folder.instructions.control: The control row must hold ${count} and ${total}."),
    (FILE, 'done = ["成功"]', 'done = ["失败"]', "drop_folder.answers: A word cannot mean two things."),
    (SIMULATOR, 'kind = "simulator"', 'kind = "simulator"\namounts = "minor"', "amounts: The kind simulator has no amounts."),
    (SIMULATOR, "http://127.0.0.1:8801", "http://192.0.2.1:8801", f"url: {PLAIN}"),
]
# fmt: on
RULES = [*((REST, *rule) for rule in REST_RULES), *OTHER_RULES]


@pytest.mark.parametrize(("text", "old", "new", "problem"), RULES, ids=[rule[3][:60] for rule in RULES])
def test_one_thing_wrong_is_named_with_its_place(text: str, old: str, new: str, problem: str) -> None:
    """A partner's engineer reads where and why; what depends on it may follow."""
    found = [line.partition(": ")[2] for line in refused(bend(text, old, new))]
    wanted = f"programs.RAIL.adapter.{problem}"
    assert [line for line in found if line == wanted or (wanted[-1] == " " and line.startswith(wanted))], found
