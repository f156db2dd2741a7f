"""GraphQL over HTTP: what a request has to look like, and what an answer looks like."""

import json

import pytest

from gateway.graphql import BODY_BYTES_MAX, GRAPHQL_JSON
from tests.server import Api

PING = "mutation ($key: String!) { ping(idempotencyKey: $key) { idempotencyKey } }"


async def test_an_operation_with_variables_is_answered(shared_api: Api) -> None:
    answer = await shared_api.ask(PING, key="k-1")
    assert (answer.status, answer.body) == (200, {"data": {"ping": {"idempotencyKey": "k-1"}}})
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


async def test_the_named_operation_of_several_is_run(shared_api: Api) -> None:
    query = 'query One { __typename } mutation Two { ping(idempotencyKey: "2") { idempotencyKey } }'
    answer = await shared_api.send("POST", "/graphql", json={"query": query, "operationName": "Two"})
    assert answer.data == {"ping": {"idempotencyKey": "2"}}


@pytest.mark.parametrize("name", [None, "", "Three"])
async def test_one_of_several_operations_has_to_be_named(shared_api: Api, name: str | None) -> None:
    query = "query One { __typename } query Two { __typename }"
    answer = await shared_api.send("POST", "/graphql", json={"query": query, "operationName": name})
    assert (answer.status, answer.code) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is not JSON."),
        (b"{", "The body is not JSON."),
        (b"\xff\xfe", "The body is not JSON."),
        (b'{"query": NaN}', "The body is not JSON."),
        (b"[" * 2_000, "The body is not JSON."),
        (b'[{"query": "{ __typename }"}]', "Send one JSON object; batches are not accepted."),
        (b'"query"', "Send one JSON object; batches are not accepted."),
        (b"{}", "`query` must be a text."),
        (b'{"query": ""}', "`query` must be a text."),
        (b'{"query": 1}', "`query` must be a text."),
        (b'{"query": "{ __typename }", "variables": []}', "`variables` must be an object."),
        (b'{"query": "{ __typename }", "variables": "{}"}', "`variables` must be an object."),
        (b'{"query": "{ __typename }", "operationName": 1}', "`operationName` must be a text."),
        (b'{"query": "{ __typename }", "extensions": []}', "`extensions` must be an object."),
    ],
)
async def test_a_body_of_another_shape_is_refused(shared_api: Api, body: bytes, message: str) -> None:
    answer = await shared_api.send("POST", "/graphql", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.error["message"], answer.code) == (400, message, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/graphql"],
)
async def test_only_json_is_read(shared_api: Api, content_type: str) -> None:
    """A form or a plain text can be sent by any web page without asking, so neither is taken for a request."""
    answer = await shared_api.send("POST", "/graphql", data=b"{}", headers={"Content-Type": content_type})
    assert (answer.status, answer.error["message"]) == (415, "Send application/json.")


async def test_a_charset_does_not_matter(shared_api: Api) -> None:
    headers = {"Content-Type": "Application/JSON; charset=UTF-8"}
    answer = await shared_api.send("POST", "/graphql", data=b'{"query": "{ __typename }"}', headers=headers)
    assert answer.data == {"__typename": "Query"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_only_post_is_answered(shared_api: Api, method: str) -> None:
    answer = await shared_api.send(method, "/graphql?query={__typename}")
    assert (answer.status, answer.headers["Allow"], answer.code) == (405, "POST", "BAD_USER_INPUT")


async def test_a_long_body_is_refused_before_it_is_read(shared_api: Api) -> None:
    body = json.dumps({"query": "{ __typename }" + " " * BODY_BYTES_MAX}).encode()
    answer = await shared_api.send("POST", "/graphql", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.error["message"]) == (413, f"The body is longer than {BODY_BYTES_MAX} bytes.")


async def test_a_long_body_without_a_length_is_refused_as_it_comes(shared_api: Api) -> None:
    async def chunks() -> object:
        for _ in range(BODY_BYTES_MAX // 65_536 + 1):
            yield b" " * 65_536

    answer = await shared_api.send("POST", "/graphql", data=chunks(), headers={"Content-Type": "application/json"})
    assert answer.status == 413


async def test_a_subscription_is_not_answered_here(shared_api: Api) -> None:
    answer = await shared_api.ask("subscription { nothing }")
    assert answer.code == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ programs { code } } fragment F on Program { code }", "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Program { ...F }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($x: Nothing) { programs(x: $x) { code } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($x: String!) { brand(code: $x) { code } }", "BAD_USER_INPUT"),
    ],
)
async def test_what_becomes_of_a_document_stands_in_the_body(shared_api: Api, query: str, code: str) -> None:
    """Clients of plain JSON get 200; those of the newer media type can tell from the status."""
    plain = await shared_api.ask(query)
    newer = await shared_api.send("POST", "/graphql", json={"query": query}, headers={"Accept": GRAPHQL_JSON})
    assert (plain.status, newer.status) == (200, 400)
    assert newer.headers["Content-Type"] == f"{GRAPHQL_JSON}; charset=utf-8"
    for answer in (plain, newer):
        assert (answer.code, "data" in answer.body) == (code, False)


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, 10**400, 1.5, "1", True, None, [], {}])
async def test_an_integer_beyond_its_bounds_or_of_another_type_is_refused(shared_api: Api, value: object) -> None:
    answer = await shared_api.ask("query ($first: Int!) { windows(first: $first) { number } }", first=value)
    assert answer.code == "BAD_USER_INPUT"


@pytest.mark.parametrize("value", [1, 1.5, True, ["x"], {"x": 1}, None])
async def test_a_text_of_another_type_is_refused(shared_api: Api, value: object) -> None:
    answer = await shared_api.ask(PING, key=value)
    assert answer.code == "BAD_USER_INPUT"


async def test_an_unknown_argument_field_and_variable_are_named(shared_api: Api) -> None:
    answer = await shared_api.ask('mutation { ping(idempotencyKey: "k", more: 1) { idempotencyKey less } }')
    assert {error["message"] for error in answer.body["errors"]} == {
        "Unknown argument 'more' on field 'Mutation.ping'.",
        "Cannot query field 'less' on type 'Pong'.",
    }


async def test_every_answer_carries_the_id_of_its_request(shared_api: Api) -> None:
    answer = await shared_api.ask("{ nothing }")
    assert answer.error["extensions"]["requestId"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("given", "kept"), [("an-id-of-ours", True), ("short", False), ("x" * 65, False), ("a b c d e f g", False)]
)
async def test_a_callers_own_well_formed_id_is_kept(shared_api: Api, given: str, kept: bool) -> None:  # noqa: FBT001 - a case
    answer = await shared_api.send("GET", "/health/live", headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is kept


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("DELETE", "/health/live", 405), ("GET", "/oauth/token", 405)],
)
async def test_other_paths_are_answered_in_json_too(shared_api: Api, method: str, path: str, status: int) -> None:
    answer = await shared_api.send(method, path)
    assert (answer.status, set(answer.body["error"])) == (status, {"code", "message", "requestId"})
