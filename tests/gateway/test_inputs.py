"""What a front end is told of variables and arguments that cannot be used: in plain words, with the place."""

from typing import Any

import pytest

from schema.scopes import Role
from tests.server import Api, Server

PING = "mutation ($key: String!) { ping(idempotencyKey: $key) { idempotencyKey } }"
PAGE = "query ($first: Int!) { windows(first: $first) { number } }"
MOVE = "mutation ($i: MovePointsInput!) { movePoints(input: $i) { __typename } }"
NODE = "query ($id: ID!) { node(id: $id) { id } }"
BALANCE = "query ($at: DateTime) { trialBalance(at: $at) { asset } }"
SHOWN = "query ($yes: Boolean!) { programs @include(if: $yes) { code } }"
NUMBER = "a whole number between -2147483648 and 2147483647 (Int)"
AMOUNT = 'a decimal number in a text, such as "1250.00" (Amount)'


def rows(*rows: object, **more: object) -> dict[str, Any]:
    return {"i": {"program": "BEANS", "batch": "b", "rows": list(rows), **more}}


@pytest.mark.parametrize(
    ("query", "variables", "message", "path"),
    [
        (PING, {}, "Variable '$key' is missing; String! is required.", []),
        (PING, {"key": None}, "Variable '$key' must not be null; String! is required.", []),
        (PING, {"key": 1}, "Variable '$key' must be a text (String), not the number 1.", []),
        (PING, {"key": True}, "Variable '$key' must be a text (String), not true.", []),
        (PING, {"key": ["x"]}, "Variable '$key' must be a text (String), not a list.", []),
        (PING, {"key": {"x": 1}}, "Variable '$key' must be a text (String), not an object.", []),
        (PAGE, {"first": "x"}, f"Variable '$first' must be {NUMBER}, not this text.", []),
        (PAGE, {"first": 1.5}, f"Variable '$first' must be {NUMBER}, not the number 1.5.", []),
        (PAGE, {"first": 2**31}, f"Variable '$first' must be {NUMBER}, not the number 2147483648.", []),
        (NODE, {"id": 1.5}, "Variable '$id' must be an id, as a text (ID), not the number 1.5.", []),
        (SHOWN, {"yes": "no"}, "Variable '$yes' must be true or false (Boolean), not this text.", []),
        (MOVE, {"i": "rows"}, "Variable '$i' must be an object (MovePointsInput), not this text.", []),
        (
            BALANCE,
            {"at": "yesterday"},
            "Variable '$at' must be an instant in a text, such as \"2026-01-15T04:00:00Z\" (DateTime), not this text.",
            [],
        ),
        (MOVE, rows(None), "Variable '$i.rows[0]' must not be null; MovementRowInput! is required.", ["rows", 0]),
        (
            MOVE,
            rows({"key": "k", "amount": "1"}, {"key": "l", "amount": 1}),
            f"Variable '$i.rows[1].amount' must be {AMOUNT}, not the number 1.",
            ["rows", 1, "amount"],
        ),
        (
            MOVE,
            rows({"key": "k", "amount": "1", "kind": "STEAL"}),
            "Variable '$i.rows[0].kind' must be one of the names of BatchRowKind: AWARD, BURN, not this text.",
            ["rows", 0, "kind"],
        ),
        (
            MOVE,
            rows({"amount": "1"}),
            "Variable '$i.rows[0].key' is missing; String! is required.",
            ["rows", 0, "key"],
        ),
        (
            MOVE,
            rows(batsh="b"),
            "Variable '$i.batsh' is not a field of MovePointsInput. Did you mean 'batch'?",
            ["batsh"],
        ),
    ],
)
async def test_a_variable_that_cannot_be_used_is_named_with_its_place(
    shared_api: Api, query: str, variables: dict[str, Any], message: str, path: list[object]
) -> None:
    answer = await shared_api.ask(query, None, **variables)
    assert (answer.error["message"], answer.code) == (message, "BAD_USER_INPUT")
    told = answer.error["extensions"]
    assert (told["variable"], told["path"]) == (next(iter(variables), "key"), path)


async def test_all_that_is_wrong_is_told_at_once_up_to_twenty(shared_api: Api) -> None:
    answer = await shared_api.ask(MOVE, None, **rows(*({"key": n, "amount": n} for n in range(30))))
    assert len(answer.body["errors"]) == 20
    assert answer.code == "BAD_USER_INPUT"


async def test_what_was_sent_is_not_repeated(shared_api: Api) -> None:
    """A secret that was put into the wrong field does not come back, nor go into anybody's log of errors."""
    answer = await shared_api.ask(MOVE, None, i={"program": {"secret": "hunter2"}, "hunter2" * 20: 1})
    assert not any("hunter2" * 10 in error["message"] for error in answer.body["errors"])
    assert not any("secret" in error["message"] for error in answer.body["errors"])


async def test_a_null_variable_for_an_argument_with_a_default_is_the_callers_fault(
    shared_server: Server, shared_api: Api
) -> None:
    token = shared_server.tokens.staff("auditor", Role.AUDITOR)
    answer = await shared_api.ask("query ($n: Int) { windows(first: $n) { number } }", token, n=None)
    assert answer.error["message"] == "Argument 'first' must not be null; leave it out in place of that."
    assert (answer.code, answer.error["path"]) == ("BAD_USER_INPUT", ["windows"])


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "mutation { ping(idempotencyKey: null) { idempotencyKey } }",
            "Expected a value of type 'String!', found null.",
        ),
        (
            '{ trialBalance(at: "yesterday") { asset } }',
            'A DateTime is an instant in a text, such as "2026-01-15T04:00:00Z".',
        ),
    ],
)
async def test_a_value_in_the_document_is_refused_in_the_same_words(shared_api: Api, query: str, message: str) -> None:
    answer = await shared_api.ask(query)
    assert (answer.error["message"], answer.code) == (message, "GRAPHQL_VALIDATION_FAILED")


async def test_a_deep_variable_is_refused(shared_api: Api) -> None:
    nested: object = "x"
    for _ in range(900):
        nested = [nested]
    answer = await shared_api.ask(MOVE, None, **rows(nested))
    assert answer.code == "BAD_USER_INPUT"
