"""What books depend on cannot be changed by a file; the refusal names it and nothing is changed."""

import pytest

from brands import Applied
from core.database import Database
from tests.brands.samples import CAFE, HOTEL, bend, put, put_refused

RIGHT = HOTEL[HOTEL.index("[rights.late]") : HOTEL.index("[clients.hotel-crm]")]
PROGRAM = HOTEL[HOTEL.index("[programs.HOTEL]") : HOTEL.index("[rights.late]")]
HARBOUR = HOTEL[HOTEL.index("[brands.inn-harbour]") : HOTEL.index("[programs.HOTEL]")]
DESK = HOTEL[HOTEL.index("[clients.harbour-desk]") :]
INN = '[brands.inn]\nname = "Inn"\nkind = "store"\nparent = "cafe"\n'


REFUSED = [
    ("scale = 1", "scale = 2", ["24: programs.HOTEL.scale: Points are kept with 1 decimals; that never changes."]),
    (
        "Asia/Shanghai",
        "Asia/Tokyo",
        ["25: programs.HOTEL.time_zone: The books are kept by the days of Asia/Shanghai; that never changes."],
    ),
    (
        'brand = "hotel"',
        'brand = "inn"',
        ["23: programs.HOTEL.brand: The program belongs to hotel; it cannot pass to inn."],
    ),
    (
        'plain = { name = "Plain", level = 1 }\n',
        "",
        ["28: programs.HOTEL.tiers: The tier plain is missing: members may hold it, so it stays."],
    ),
    (PROGRAM + RIGHT, "", ["programs.HOTEL: The program is missing: members hold its points, so it stays."]),
    (
        'kind = "visit"',
        'kind = "coupon"',
        ["49: rights.late.kind: Members hold it as a visit; that never changes."],
    ),
    (
        'issuer = "hotel"',
        'issuer = "inn"',
        ["50: rights.late.issuer: The right belongs to hotel; it cannot pass to inn."],
    ),
    (
        'participant = true\nnet_debit_cap = "200.00"\n',
        "",
        ["14: brands.inn-harbour.participant: inn-harbour settles for inn-harbour; that cannot pass to hotel."],
    ),
    (
        'parent = "hotel"',
        'parent = "hotel"\nparticipant = true\nnet_debit_cap = 1',
        ["13: brands.inn.participant: hotel settles for inn; that cannot pass to inn."],
    ),
]


async def test_changes_that_are_refused(database: Database, subtests: pytest.Subtests) -> None:
    """After each of them the file in force still is in force."""
    await put(database, HOTEL)
    for old, new, problems in REFUSED:
        with subtests.test(old=old, new=new):
            assert await put_refused(database, bend(HOTEL, old, new)) == problems
    assert await put(database, HOTEL) == Applied(())


async def test_a_brand_is_closed_and_never_removed(database: Database) -> None:
    """Its history needs its name."""
    await put(database, HOTEL)
    assert await put_refused(database, bend(bend(HOTEL, HARBOUR, ""), DESK, "")) == [
        "1: brands.inn-harbour: The brand is missing: it is never removed; write closed = true."
    ]


async def test_a_code_of_another_file_cannot_be_taken(database: Database) -> None:
    """Brands, programs, rights and clients belong to the file that named them first."""
    await put(database, HOTEL)
    program = PROGRAM.replace('brand = "hotel"', 'brand = "inn"')
    right = RIGHT.replace('issuer = "hotel"', 'issuer = "inn"')
    desk = DESK.replace('brand = "inn-harbour"', 'brand = "inn"')
    assert await put_refused(database, CAFE + INN + program + right + desk) == [
        "17: brands.inn: This belongs to the network file of hotel; it cannot pass to cafe.",
        "23: programs.HOTEL.brand: The program belongs to hotel; it cannot pass to inn.",
        "50: rights.late.issuer: The right belongs to hotel; it cannot pass to inn.",
        "58: clients.harbour-desk: This belongs to the network file of hotel; it cannot pass to cafe.",
    ]


async def test_a_tree_cannot_get_another_root(database: Database) -> None:
    """A root that becomes a branch would change who owns everything below it."""
    await put(database, CAFE)
    owner = '[brands.owner]\nname = "Owner"\nkind = "group"\nparticipant = true\nnet_debit_cap = 1\n'
    bent = owner + bend(CAFE, 'kind = "brand"', 'kind = "brand"\nparent = "owner"')
    assert await put_refused(database, bent) == [
        "6: brands.cafe: This belongs to the network file of cafe; it cannot pass to owner."
    ]


async def test_the_same_name_in_two_files_at_once(database: Database) -> None:
    """Neither file wins by its place."""
    assert await put_refused(database, HOTEL, CAFE + INN) == ["17: brands.inn: The same stands in ."]


UNKNOWN = [
    ('["inn"]', '["inm"]', "51: rights.late.honoured_by: The brand inm is not known; did you mean inn?"),
    (
        '{ HOTEL = "15.5" }',
        "{ CAFFE = 1 }",
        "52: rights.late.price.CAFFE: The program CAFFE is not known; did you mean CAFE?",
    ),
    ('{ HOTEL = "15.5" }', '{ CAFE = "1.5" }', "52: rights.late.price.CAFE: 1.5 has more than 0 decimals."),
    (
        '{ HOTEL = "15.5" }',
        "{ CAFE = 0 }",
        "52: rights.late.price.CAFE: This must be more than zero; leave the price out when it costs nothing.",
    ),
    ('{ HOTEL = "fine" }', '{ TEA = "green" }', "53: rights.late.eligibility.TEA: The program TEA is not known."),
    (
        '{ HOTEL = "fine" }',
        '{ CAFE = "gest" }',
        "53: rights.late.eligibility.CAFE: The CAFE tier gest is not known; did you mean guest?",
    ),
]


async def test_names_in_files_applied_together_must_hold(database: Database, subtests: pytest.Subtests) -> None:
    """A right names brands, programs and tiers of the other file."""
    for old, new, problem in UNKNOWN:
        with subtests.test(old=old, new=new):
            assert await put_refused(database, bend(HOTEL, old, new), CAFE) == [problem]


async def test_names_in_files_applied_before_must_hold(database: Database, subtests: pytest.Subtests) -> None:
    """The same when the other file is in force already."""
    await put(database, CAFE)
    for old, new, problem in UNKNOWN:
        with subtests.test(old=old, new=new):
            assert await put_refused(database, bend(HOTEL, old, new)) == [problem]
