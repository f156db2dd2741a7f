"""A brand of each kind of adapter, for tests that bend them."""

_TREE = """\
[brands.rail]
name = "Harbour Rail"
kind = "brand"
participant = true
net_debit_cap = "1000.00"

[programs.RAIL]
name = "Rail Miles"
brand = "rail"
scale = 2
time_zone = "Asia/Shanghai"
opening_value = "0.01"
tiers.rider = { name = "Rider", level = 1 }
expiry.never = true
rate = { sell = "0.05", buy = "0.06", fee_bp = 0 }
limits = { min = 1, max = 10000, step = "0.01", member_day = 10000 }
"""

REST = (
    _TREE
    + """
[programs.RAIL.adapter]
kind = "rest"
url = "https://rail.example/v1"
amounts = "decimal"
headers = { "Accept-Language" = "en" }
statuses = { 404 = "member_not_found", 503 = "not_sent" }
failures = { LOW = "insufficient", SAME = "duplicate_same" }
answer = { code = "body.error.code", message = "body.error.text" }

[programs.RAIL.adapter.capabilities]
book_of_record = "brand"
timing = "realtime"
longest_delay_hours = 24
inquiry = true
not_found_final_after_seconds = 60
reversal = true
partial_reversal = true
reversal_window_days = 30
requests_per_second = 20
concurrency_max = 4
deadline_seconds = 2.5

[programs.RAIL.adapter.authentication]
kind = "header"
header = "X-Api-Key"
secret = "api-key"

[programs.RAIL.adapter.calls.health]
method = "GET"
path = "/health"

[programs.RAIL.adapter.calls.validate]
path = "/members/${member.number}/validations"
body = { surname = "${member.name}" }
answer = { number = "body.number", link = "body.token", tier = "body.tier" }

[programs.RAIL.adapter.calls.balance]
method = "GET"
path = "/members/${member.number}"
answer = { balance = "body.balance", as_of = "body.asOf" }

[programs.RAIL.adapter.calls.debit]
path = "/debits"
validate_first = true
headers = { "Idempotency-Key" = "${reference}" }
body = { member = "${member.number}", token = "${member.link}", points = "${amount}", at = "${occurred_at}" }
answer = { done = "body.state == 'ok'", pending = "body.state == 'wait'", brand_reference = "body.id" }

[programs.RAIL.adapter.calls.credit]
path = "/credits"
headers = { "Idempotency-Key" = "${reference}" }
body = { member = "${member.number}", points = "${amount}" }
answer = { done = "body.state == 'ok'", pending = "body.state == 'wait'", brand_reference = "body.id" }

[programs.RAIL.adapter.calls.reverse]
path = "/reversals"
body = { id = "${reference}", of = "${original.reference}", points = "${amount}" }
answer = { done = "body.state == 'ok'" }

[programs.RAIL.adapter.calls.inquire]
method = "GET"
path = "/operations/${reference}"
statuses = { 404 = "unknown" }
answer = { done = "body.state == 'ok'", pending = "body.state == 'wait'", not_found = "status == `404`" }

[programs.RAIL.adapter.calls.transactions]
method = "GET"
path = "/operations"
query = { from = "${after}", to = "${until}", page = "${cursor}" }
[programs.RAIL.adapter.calls.transactions.answer]
movements = "body.items"
cursor = "body.next"
movement = { brand_reference = "id", our_reference = "key", number = "member", amount = "points", recorded_at = "at" }

[programs.RAIL.adapter.webhook]
id = "body.id"
reference = "body.key"
done = "body.state == 'ok'"
failed = "body.state == 'no'"
[programs.RAIL.adapter.webhook.signature]
kind = "hmac"
secret = "hook"
header = "X-Sign"
text = "${timestamp}.${body}"
timestamp_header = "X-Time"
"""
)

GRAPHQL = (
    _TREE
    + '''
[programs.RAIL.adapter]
kind = "graphql"
url = "https://rail.example/graphql"
failures = { LOW = "insufficient" }
sdl = """
type Query { member(number: ID!): Member }
type Member { number: ID! balance: String! }
type Mutation { move(key: ID!, number: ID!, points: String!, out: Boolean!): Move! }
type Move { state: String! id: ID error: String }
"""

[programs.RAIL.adapter.capabilities]
book_of_record = "brand"
timing = "realtime"
longest_delay_hours = 24
deadline_seconds = 2

[programs.RAIL.adapter.calls.validate]
document = "query Check($number: ID!) { member(number: $number) { number } }"
variables = { number = "${member.number}" }

[programs.RAIL.adapter.calls.balance]
document = "query Balance($number: ID!) { member(number: $number) { balance } }"
variables = { number = "${member.number}" }
answer = { balance = "body.data.member.balance" }

[programs.RAIL.adapter.calls.debit]
document = """
mutation Debit($key: ID!, $number: ID!, $points: String!) {
  move(key: $key, number: $number, points: $points, out: true) { state id error }
}
"""
variables = { key = "${reference}", number = "${member.number}", points = "${amount}" }
answer = { done = "body.data.move.state == 'ok'", code = "body.data.move.error" }

[programs.RAIL.adapter.calls.credit]
document = """
mutation Credit($key: ID!, $number: ID!, $points: String!) {
  move(key: $key, number: $number, points: $points, out: false) { state id error }
}
"""
variables = { key = "${reference}", number = "${member.number}", points = "${amount}" }
answer = { done = "body.data.move.state == 'ok'", code = "body.data.move.error" }
'''
)

FILE = (
    _TREE
    + """
[programs.RAIL.adapter]
kind = "file"

[programs.RAIL.adapter.capabilities]
book_of_record = "brand"
timing = "file"
cut_off = "22:00"
longest_delay_hours = 72
inquiry = true
reversal = true
deadline_seconds = 5

[programs.RAIL.adapter.drop_folder]
encoding = "gb18030"
day_form = "compact"

[programs.RAIL.adapter.drop_folder.instructions]
name = "RAIL-${day}-${number}.csv"
columns = [
  { header = "流水号", value = "${reference}" },
  { header = "会员号", value = "${member.number}" },
  { header = "操作", value = "${word}" },
  { header = "积分", value = "${amount}" },
  { header = "原流水号", value = "${original.reference}" },
]
control = ["TOTAL", "${count}", "${day}", "${total}"]
words = { debit = "扣减", credit = "增加", reverse = "冲正" }

[programs.RAIL.adapter.drop_folder.answers]
done = ["成功"]
failed = ["失败"]
failures = { E01 = "insufficient" }
columns = { reference = "流水号", amount = "积分", status = "结果", code = "原因", brand_reference = "凭证" }
[programs.RAIL.adapter.drop_folder.answers.control]
mark = "TOTAL"
count = "结果"
total = "积分"
day = "凭证"
issuer = "原因"
issuer_name = "RAIL"
"""
)

SIMULATOR = (
    _TREE
    + """
[programs.RAIL.adapter]
kind = "simulator"
url = "http://127.0.0.1:8801"
authentication = { kind = "header", header = "Authorization", prefix = "Bearer ", secret = "api-key" }

[programs.RAIL.adapter.capabilities]
book_of_record = "brand"
timing = "realtime"
longest_delay_hours = 24
hold = true
inquiry = true
not_found_final_after_seconds = 60
reversal = true
partial_reversal = true
deadline_seconds = 2
"""
)
