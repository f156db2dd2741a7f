"""Every way in which a network file can be wrong is said with its line, its place and a sentence."""

import pytest

from brands import Scope
from brands.config.problems import PROBLEMS_MAX
from tests.brands.samples import CAFE, HOTEL, bend, refused

SCOPES = ", ".join(Scope)
CODE = "lower-case letters, digits and single hyphens, 2 to 48 characters, beginning with a letter"
PROGRAM_CODE = "upper-case letters, digits and underscores, 2 to 24 characters, beginning with a letter"
INEXACT = 'Write the amount in quotes, such as "0.05": a floating-point number is not exact.'
PROFIT = "a circle of exchanges could make a profit."
NOT_A_DAY = "This must be a day such as 2026-12-31 (without quotes), not a date or time."

VALUES = [
    ('name = "Hotel"', "name = 7", "2: brands.hotel.name: This must be text in quotes, not a whole number."),
    ('name = "Hotel"', 'name = ""', "2: brands.hotel.name: This must be some text without spaces around it."),
    ('name = "Hotel"', 'name = " H"', "2: brands.hotel.name: This must be some text without spaces around it."),
    ('name = "Hotel"', 'name = "a\\tb"', "2: brands.hotel.name: This holds characters that cannot be printed."),
    ('name = "Hotel"', f'name = "{"x" * 81}"', "2: brands.hotel.name: This has 81 characters; at most 80 are allowed."),
    ('kind = "group"', 'kind = "chain"', "3: brands.hotel.kind: 'chain' is not one of: group, brand, dealer, store."),
    ('kind = "group"', "", "1: brands.hotel.kind: This is missing."),
    ("participant = true", 'participant = "yes"', "4: brands.hotel.participant: This must be true or false, not text."),
    ('"1000.00"', '"-1"', "5: brands.hotel.net_debit_cap: -1 is negative."),
    ('"1000.00"', '"1.0000001"', "5: brands.hotel.net_debit_cap: 1.0000001 has more than 6 decimals."),
    ('"1000.00"', '"99999999999999"', "5: brands.hotel.net_debit_cap: 99999999999999 is too large."),
    ('"1000.00"', f'"{"9" * 40}"', f"5: brands.hotel.net_debit_cap: {'9' * 40} is too large."),
    (
        '"1000.00"',
        '"\uff11\uff10"',
        "5: brands.hotel.net_debit_cap: '\uff11\uff10' has other digits than 0 to 9, such as full-width ones.",
    ),
    ('"1000.00"', '"1,000"', "5: brands.hotel.net_debit_cap: '1,000' has a thousands separator: write it without."),
    ('"1000.00"', '"1e3"', "5: brands.hotel.net_debit_cap: '1e3' is not a decimal number."),
    (
        '"1000.00"',
        "1000.00",
        f"5: brands.hotel.net_debit_cap: {INEXACT}",
    ),
    (
        '"1000.00"',
        "nan",
        f"5: brands.hotel.net_debit_cap: {INEXACT}",
    ),
    ('"1000.00"', "0x" + "f" * 9000, "5: brands.hotel.net_debit_cap: This is too large."),
    ('"1000.00"', "true", '5: brands.hotel.net_debit_cap: This must be an amount such as "12.50", not true or false.'),
    ('"1000.00"', "[1]", '5: brands.hotel.net_debit_cap: This must be an amount such as "12.50", not a list.'),
    ("[brands.inn]", "[brands.Inn]", f"8: brands.Inn: 'Inn' is not a code: {CODE}."),
    ("[brands.hotel]", "[brands.operator]", "1: brands.operator: The code operator is reserved."),
    ("[programs.HOTEL]", "[programs.hotel]", f"21: programs.hotel: 'hotel' is not a code: {PROGRAM_CODE}."),
    ("[programs.HOTEL]", "[programs.CNY]", "21: programs.CNY: The code CNY is reserved."),
    ("scale = 1", "scale = 5", "24: programs.HOTEL.scale: This must lie between 0 and 4."),
    ("scale = 1", "scale = 1.0", "24: programs.HOTEL.scale: This must be a whole number, not a floating-point number."),
    ("scale = 1", "scale = true", "24: programs.HOTEL.scale: This must be a whole number, not true or false."),
    (
        "Asia/Shanghai",
        "Asia/Atlantis",
        "25: programs.HOTEL.time_zone: 'Asia/Atlantis' is not a time zone; write a name such as Asia/Shanghai.",
    ),
    (
        "Asia/Shanghai",
        "../../etc/passwd",
        "25: programs.HOTEL.time_zone: '../../etc/passwd' is not a time zone; write a name such as Asia/Shanghai.",
    ),
    ("level = 3", "level = 6", "30: programs.HOTEL.tiers.fine.level: This must lie between 1 and 5."),
    ("fee_bp = 100", "fee_bp = 5001", "39: programs.HOTEL.rate.fee_bp: This must lie between 0 and 5000."),
    (
        "fee_bp = 100",
        "fee_bp = 1.5",
        "39: programs.HOTEL.rate.fee_bp: This must be a whole number, not a floating-point number.",
    ),
    ("months = 24", "months = 0", "33: programs.HOTEL.expiry.months: This must lie between 1 and 600."),
    ('["inn"]', '"inn"', "51: rights.late.honoured_by: This must be a list in square brackets."),
    ("validity = { hours = 48 }", "validity = 48", "54: rights.late.validity: This must be a table."),
    (
        "hours = 48",
        'first_day = 2026-01-01T00:00:00Z, last_day = 2026-01-01, time_zone = "Asia/Tokyo"',
        f"54: rights.late.validity.first_day: {NOT_A_DAY}",
    ),
    ("awards:write", "award:write", f"61: clients.hotel-crm.scopes: 'award:write' is not one of: {SCOPES}."),
]

OTHERS_DEPEND_ON = {"participant = true", "scale = 1", "[brands.inn]", "[brands.hotel]", "[programs.HOTEL]"}

RULES = [
    (
        'parent = "hotel"',
        'parent = "hostel"',
        "12: brands.inn.parent: The brand hostel is not known; did you mean hotel?",
    ),
    ('parent = "hotel"', 'parent = "zzzzz"', "12: brands.inn.parent: The brand zzzzz is not known."),
    ('parent = "hotel"', "", "8: brands.inn: A file describes one tree, but inn has no parent and neither has hotel."),
    ('kind = "dealer"', 'kind = "group"', "16: brands.inn-harbour.kind: A group cannot stand below a brand."),
    ('net_debit_cap = "200.00"', "", "14: brands.inn-harbour.net_debit_cap: A participant needs a net debit cap."),
    ('name_zh = "客栈"', "prefund = 1", "10: brands.inn.prefund: Only a participant prefunds."),
    ('name_zh = "客栈"', "net_debit_cap = 1", "10: brands.inn.net_debit_cap: Only a participant has a net debit cap."),
    (
        'brand = "hotel"',
        'brand = "motel"',
        "23: programs.HOTEL.brand: The brand motel is not known; did you mean hotel?",
    ),
    ('"0.04"', '"0.000001"', "26: programs.HOTEL.opening_value: 0.000001 has more than 5 decimals."),
    (
        'sell = "0.05"',
        'sell = "0.0601"',
        f"37: programs.HOTEL.rate.sell: The sell price 0.0601 is higher than the buy price 0.06: {PROFIT}",
    ),
    ('sell = "0.05"', "sell = 0", "37: programs.HOTEL.rate.sell: This must be more than zero."),
    ('sell = "0.05"', 'sell = "0.050001"', "37: programs.HOTEL.rate.sell: 0.050001 has more than 5 decimals."),
    ('step = "0.5"', 'step = "0.05"', "44: programs.HOTEL.limits.step: 0.05 has more than 1 decimals."),
    ('step = "0.5"', "step = 0", "44: programs.HOTEL.limits.step: This must be more than zero."),
    (
        "member_day = 1000",
        "member_day = 1000\nmember_month = 999",
        "46: programs.HOTEL.limits.member_month: member_month allows 999, less than member_day.",
    ),
    (
        "member_day = 1000",
        "member_day = 1000\npairs.OTHER = { day = 5, year = 4 }",
        "46: programs.HOTEL.limits.pairs.OTHER.year: year allows 4, less than day.",
    ),
    (
        "fee_bp = 100",
        "fee_bp = 100\ntiers.fin = { fee_bp = 1 }",
        "40: programs.HOTEL.rate.tiers.fin: The tier fin is not known; did you mean fine?",
    ),
    ('min = "10"', 'min = "10.2"', "42: programs.HOTEL.limits.min: 10.2 is not a multiple of the step 0.5."),
    ('max = "500.5"', "max = 5", "43: programs.HOTEL.limits.max: The largest amount 5 is less than the smallest 10."),
    ('max = "500.5"', 'max = "500.1"', "43: programs.HOTEL.limits.max: 500.1 is not a multiple of the step 0.5."),
    (
        "member_day = 1000",
        "member_day = 500",
        "45: programs.HOTEL.limits.member_day: A day allows 500, less than one exchange: 500.5.",
    ),
    (
        "level = 1",
        "level = 4",
        "30: programs.HOTEL.tiers.fine.level: fine stands above plain, but level 3 is lower than 4.",
    ),
    ('name = "Fine"', 'name = "PLAIN"', "30: programs.HOTEL.tiers.fine: fine and plain have a name in common."),
    ("months = 24", "", "32: programs.HOTEL.expiry: Write either never = true or months = a number."),
    (
        "months = 24",
        "months = 1\nnever = true",
        "32: programs.HOTEL.expiry: Write either never = true or months = a number.",
    ),
    (
        'issuer = "hotel"',
        'issuer = "motel"',
        "50: rights.late.issuer: The brand motel is not known; did you mean hotel?",
    ),
    ('["inn"]', "[]", "51: rights.late.honoured_by: Somebody must honour the right."),
    ('["inn"]', '["inn", "inn"]', "51: rights.late.honoured_by: A brand is named twice."),
    ('"15.5"', '"15.55"', "52: rights.late.price.HOTEL: 15.55 has more than 1 decimals."),
    (
        '"15.5"',
        "0",
        "52: rights.late.price.HOTEL: This must be more than zero; leave the price out when it costs nothing.",
    ),
    (
        '{ HOTEL = "fine" }',
        '{ HOTEL = "fin" }',
        "53: rights.late.eligibility.HOTEL: The HOTEL tier fin is not known; did you mean fine?",
    ),
    ("hours = 48", "", "54: rights.late.validity: Write hours = a number, or first_day, last_day and time_zone."),
    (
        "hours = 48",
        'hours = 48, time_zone = "Asia/Tokyo"',
        "54: rights.late.validity: Write either hours, or first_day, last_day and time_zone.",
    ),
    (
        "hours = 48",
        'first_day = 2026-02-01, last_day = 2026-01-31, time_zone = "Asia/Tokyo"',
        "54: rights.late.validity.last_day: The last day 2026-01-31 is before the first 2026-02-01.",
    ),
    ("stock = 3", "stock = 3\nuses = 2", "56: rights.late.uses: A visit is used once; a visit_card more than once."),
    ('kind = "visit"', 'kind = "visit_card"', "47: rights.late.uses: A visit card has more than one use."),
    ('["rights:redeem"]', "[]", "67: clients.harbour-desk.scopes: A client without a scope can do nothing."),
    (
        'brand = "inn-harbour"',
        'brand = "harbour"',
        "65: clients.harbour-desk.brand: The brand harbour is not known; did you mean inn-harbour?",
    ),
    (
        'time_zone = "Asia/Shanghai"',
        'time_zone = "Asia/Shanghai"\nadapter = { kind = "platform", answer = { done = "a" } }',
        "26: programs.HOTEL.adapter.answer: The kind platform has no answer.",
    ),
]

FIELDS = [
    (
        "net_debit_cap",
        "net_debit_kap",
        "5: brands.hotel.net_debit_kap: The field net_debit_kap is not known; did you mean net_debit_cap?",
    ),
    ('name = "Inn"', 'name = "Inn"\nfounded = 1904', "10: brands.inn.founded: The field founded is not known."),
    ("[rights.late]", "[right.late]", "47: right: The field right is not known; did you mean rights?"),
    ("hours = 48", "hours = 48, minutes = 1", "54: rights.late.validity.minutes: The field minutes is not known."),
]


@pytest.mark.parametrize(("old", "new", "problem"), [*VALUES, *RULES])
def test_one_thing_wrong_is_named_exactly(old: str, new: str, problem: str) -> None:
    """One wrong value gives its problem first; what depends on it may follow."""
    assert problem in refused(bend(HOTEL, old, new))


@pytest.mark.parametrize(("old", "new", "problem"), FIELDS)
def test_an_unknown_field_is_refused_with_the_nearest_known_name(old: str, new: str, problem: str) -> None:
    """A field that nobody reads is a misunderstanding."""
    assert problem in refused(bend(HOTEL, old, new))


@pytest.mark.parametrize(("old", "new", "problem"), [case for case in VALUES if case[0] not in OTHERS_DEPEND_ON])
def test_a_value_that_cannot_be_read_is_one_problem(old: str, new: str, problem: str) -> None:
    """What follows from it is not reported again."""
    assert refused(bend(HOTEL, old, new)) == [problem]


def test_everything_wrong_is_said_at_once_in_the_order_of_the_file() -> None:
    """Nobody has to correct a file ten times."""
    text = bend(bend(bend(HOTEL, "fee_bp = 100", "fee_bp = -1"), '"1000.00"', '"x"'), 'parent = "inn"', 'parent = "in"')
    assert refused(text) == [
        "5: brands.hotel.net_debit_cap: 'x' is not a decimal number.",
        "17: brands.inn-harbour.parent: The brand in is not known; did you mean inn?",
        "39: programs.HOTEL.rate.fee_bp: This must lie between 0 and 5000.",
    ]


def test_brands_that_stand_in_a_circle() -> None:
    """A brand tree with a circle has no root for those in it."""
    text = bend(bend(HOTEL, "dealer", "brand"), 'parent = "hotel"', 'parent = "inn-harbour"')
    assert refused(text) == ["12: brands.inn.parent: The brands inn → inn-harbour → inn stand in a circle."]


def test_a_brand_that_is_its_own_parent() -> None:
    """The smallest circle."""
    assert refused(bend(HOTEL, 'parent = "inn"', 'parent = "inn-harbour"')) == [
        "17: brands.inn-harbour.parent: The brands inn-harbour → inn-harbour stand in a circle."
    ]


def test_a_root_that_does_not_settle() -> None:
    """Every brand needs somebody who settles for it."""
    text = bend(bend(CAFE, "participant = true\n", ""), 'net_debit_cap = "300.00"\n', "")
    assert refused(text) == ["1: brands.cafe.participant: The root cafe must be a participant, or nobody settles."]


def test_a_file_without_brands() -> None:
    """There is nothing to own what else it describes."""
    assert refused("") == ["brands: This is missing."]
    assert refused("[brands]") == ["1: brands: The file describes no brand."]


def test_an_amount_too_large_to_be_booked() -> None:
    """One exchange's value fits into the ledger."""
    text = bend(CAFE, "max = 100, step = 1, member_day = 100", "max = 9000000, step = 1, member_day = 9000000")
    text = bend(text, 'sell = "1", buy = "1"', 'sell = "1030000", buy = "1030000"')
    assert refused(text) == [
        "16: programs.CAFE.limits.max: The largest amount 9000000 is worth more than can be booked."
    ]


def test_a_program_without_tiers() -> None:
    """A member stands somewhere on the ladder."""
    text = bend(CAFE, 'tiers.guest = { name = "Guest", level = 1 }', "tiers = {}")
    assert refused(text) == ["13: programs.CAFE.tiers: A program needs at least one tier."]


def test_a_member_file_without_a_form_of_date() -> None:
    """A member file's days are written in some form."""
    columns = 'columns = { number = "a", tier = "b", balance = "c", enrolled_on = "d" }'
    text = f'{CAFE}member_file = {{ dates = [], delimiter = "::", {columns} }}\n'
    assert refused(text) == [
        "17: programs.CAFE.member_file.delimiter: This must be one character, not '::'.",
        "17: programs.CAFE.member_file.dates: At least one form of date is needed.",
    ]


def test_a_member_file_whose_marks_cannot_be_told_apart() -> None:
    """1.234 is either a thousand or one and a bit."""
    columns = 'columns = { number = "a", tier = "b", balance = "c", enrolled_on = "d" }'
    assert refused(f'{CAFE}member_file = {{ grouping_mark = ".", {columns} }}\n') == [
        "17: programs.CAFE.member_file.grouping_mark: The grouping mark cannot be the decimal mark."
    ]


def test_a_statement_file_whose_statuses_mean_nothing() -> None:
    """A status column needs the words that mean booked; a word means one thing."""
    columns = 'columns = { brand_reference = "a", amount = "b", day = "c" }'
    figures = 'count = "a", total = "b", first_day = "c", last_day = "c", issuer = "a", issuer_name = "Cafe"'
    words = 'booked = ["ok", "no"], failed = ["no"]'
    assert refused(f'{CAFE}statement_file = {{ {words}, {columns}, control = {{ mark = "T", {figures} }} }}\n') == [
        "17: programs.CAFE.statement_file.booked: Write a status column and the words that mean booked, or neither.",
        "17: programs.CAFE.statement_file.failed: A word cannot mean both booked and failed.",
    ]


def test_only_so_many_problems_are_listed() -> None:
    """A file that is something else altogether does not fill the screen."""
    found = refused("".join(f"field-{number} = 1\n" for number in range(PROBLEMS_MAX + 50)))
    assert len(found) == PROBLEMS_MAX + 1
    assert found[-1] == f"There may be more: only {PROBLEMS_MAX} problems are listed."
