"""Run the journey against a running Agio: `python -m examples.journey`. `agio demo` starts all it needs and runs it.

The environment names what it needs: AGIO_URL, SIGN_IN_URL (the simulator's), AGIO_MAKER_TOKEN, AGIO_CHECKER_TOKEN
and AGIO_SECRET_<CLIENT> of the three clients in SECRETS. AGIO_PATIENCE_SECONDS says how long Agio may take to answer.
"""

import asyncio
import os
import secrets
import sys
from decimal import Decimal

import aiohttp

from examples.journey.api import Api, JourneyFailed, Json
from examples.journey.documents import (
    ACCEPT,
    APPROVE,
    AWARD,
    CLAIM,
    CODE,
    QUOTES,
    REDEEM,
    SIGN_IN,
    STATEMENT,
    STEP,
    WALLET,
    WINDOW,
    WINDOWS,
)
from examples.journey.telling import fact, money, number, step, table

PERSON = {"phone": "13800001234", "unionid": "oAgioDemoLyuKe00000000001"}
"""As WeChat knows her."""
HOTEL, TILL, LOUNGE = "aurora-crm", "kopi-canal-till-1", "meridian-lounge-east-door"
RUN = secrets.token_hex(8)
"""Stands in every idempotency key, so that each run is a journey of its own."""


async def main() -> None:
    """All steps, in order."""
    async with aiohttp.ClientSession() as http:
        agio = Api(http, os.environ["AGIO_URL"])
        await agio.wait_until_ready(float(os.environ.get("AGIO_PATIENCE_SECONDS", "10")))
        member = await sign_in(agio)
        await look(member, "One query shows everything she holds, everywhere")
        await earn(agio, member)
        await exchange(member)
        await visit_lounge(agio, member)
        await look(member, "The wallet afterwards")
        await close_the_books(agio)


async def sign_in(agio: Api) -> Api:
    """A tap on the phone becomes a token."""
    step("A member opens the mini-program and signs in")
    async with agio.http.post(f"{os.environ['SIGN_IN_URL']}/simulator/codes", json=PERSON) as response:
        codes = await response.json()
    session = await agio.do(SIGN_IN, "Session", **codes)
    member = agio.with_token(session["accessToken"])
    me = (await member.ask(WALLET))["me"]
    programs = ", ".join(card["program"]["name"] for card in me["memberships"])
    fact(f"WeChat vouches for {me['display']['phone']}: one person in three companies' files,")
    fact(f"which write the number in three ways: {programs}.")
    return member


async def look(member: Api, title: str) -> None:
    """The wallet."""
    step(title)
    me = (await member.ask(WALLET))["me"]
    table([wallet_row(card) for card in sorted(me["memberships"], key=lambda card: str(card["program"]["code"]))])
    for grant in me["rights"]:
        fact(f"Holds: {grant['right']['name']} of {grant['right']['issuer']['name']}, {grant['usesLeft']} left")


def wallet_row(card: Json) -> dict[str, str]:
    """One line of the wallet."""
    soon = card["expiresNext"]
    return {
        "program": card["program"]["name"],
        "tier": card["tier"]["name"],
        "number": card["number"],
        "points": number(card["balance"]),
        "expires next": f"{number(soon['amount'])} on {soon['on']}" if soon else "",
    }


async def earn(agio: Api, member: Api) -> None:
    """A till awards points with its own token; the network loses an answer, so it asks twice."""
    step("The coffee chain's till awards beans, the hotel a stay's points, each with its own token")
    for client, program, amount in ((TILL, "KOPI", "36.50"), (HOTEL, "AURORA", "8000")):
        brand = await agio.log_in(client, secret_of(client))
        wallet = (await member.ask(WALLET))["me"]["memberships"]
        card = next(card for card in wallet if card["program"]["code"] == program)
        wish = {"program": program, "number": card["number"], "amount": amount, "idempotencyKey": f"{RUN}-{client}"}
        first = await brand.do(AWARD, "Movement", input=wish)
        again = await brand.do(AWARD, "Movement", input=wish)
        fact(f"{client}: +{number(first['amount'])} {program}; sent twice, {happened(first, again)}.")


async def exchange(member: Api) -> None:
    """What can it become, and making it so."""
    step("What can 3,000 hotel points become?")
    offers = await member.ask(QUOTES, source="AURORA", amount="3000")
    quotes = offers["quotes"]["quotes"]
    table([{"becomes": side_of(quote["target"]), "fee (CNY)": money(quote["fee"])} for quote in quotes])
    chosen = next(quote for quote in quotes if quote["target"]["program"]["code"] == "MERIDIAN")
    step("She exchanges them into miles")
    wish = {"quoteId": chosen["id"], "idempotencyKey": f"{RUN}-exchange"}
    first = await member.do(ACCEPT, "Exchange", input=wish)
    again = await member.do(ACCEPT, "Exchange", input=wish)
    fact(f"{side_of(first['source'])} became {side_of(first['target'])}: {first['state']} in one commit.")
    fact(f"Sent twice, {happened(first, again)}.")
    other = await member.refused(ACCEPT, input=wish | {"idempotencyKey": f"{RUN}-other"})
    fact(f"The same quote under another key: {other}")


async def visit_lounge(agio: Api, member: Api) -> None:
    """A right of the hotel group, honoured by the airline."""
    step("She claims the hotel group's lounge visit with points, and the airline's lounge honours it")
    wish = {"right": "lounge-visit", "payWith": "AURORA", "idempotencyKey": f"{RUN}-lounge"}
    grant = await member.do(CLAIM, "Grant", input=wish)
    again = await member.do(CLAIM, "Grant", input=wish)
    fact(f"{grant['right']['name']} for {side_of(grant['price'])}; sent twice, {happened(grant, again)}.")
    code = (await member.do(CODE, "RightCode", grantId=grant["id"]))["text"]
    door = await agio.log_in(LOUNGE, secret_of(LOUNGE))
    redeemed = await door.do(REDEEM, "Redemption", input={"code": code, "idempotencyKey": f"{RUN}-door"})
    fact(f"The door reads {code[:4]}…: welcome. The hotel group owes the airline CNY {money(redeemed['settlement'])}.")
    photo = await door.refused(REDEEM, input={"code": code, "idempotencyKey": f"{RUN}-photo"})
    fact(f"A photograph of the code: {photo}")


async def close_the_books(agio: Api) -> None:
    """Finance closes, nets, approves and advises."""
    maker, checker = (agio.with_token(os.environ[f"AGIO_{role}_TOKEN"]) for role in ("MAKER", "CHECKER"))
    step("Finance closes the window, checks every line against its exchange, and nets")
    window = (await maker.ask(WINDOWS))["windows"][0]
    for name in ("close", "reconcile", "net", "submit"):
        done = await maker.do(STEP.replace("STEP", name), "Window", input={"windowId": window["id"]})
        fact(f"{name}: {done['status']}")
    found = (await maker.ask(WINDOW, id=window["id"]))["window"]
    table([position_row(position) for position in found["positions"]])
    for payment in found["payments"]:
        fact(f"{payment['payer']} pays {payment['payee']} CNY {money(payment['amount'])}")
    await approve(maker, checker, window["id"], found["digest"])
    await check_statements(checker, window["id"], found["positions"])


def position_row(position: Json) -> dict[str, str]:
    """One line of the window's figures."""
    names = ("opening", "debits", "credits", "closing")
    return {"participant": position["participant"]} | {name: money(position[name]) for name in names}


async def approve(maker: Api, checker: Api, window_id: str, digest: str) -> None:
    """Two persons, and exactly what was submitted."""
    step("Who submitted cannot approve; somebody else does, over exactly these figures")
    wish = {"windowId": window_id, "digest": digest, "reason": "figures checked"}
    own = await maker.refused(APPROVE, input=wish)
    fact(f"The maker, who may approve what others submit, tries: {own}")
    fact(f"The checker approves: {(await checker.do(APPROVE, 'Window', input=wish))['status']}")
    advised = await checker.do(STEP.replace("STEP", "advise"), "Window", input={"windowId": window_id})
    fact(f"Statements are written: {advised['status']}")


async def check_statements(checker: Api, window_id: str, positions: list[Json]) -> None:
    """Each statement's lines add up to its closing."""
    step("Each statement adds up: opening + lines = closing")
    for participant in (position["participant"] for position in positions if position["participant"] != "operator"):
        answer = await checker.ask(STATEMENT, windowId=window_id, brand=participant)
        stated = answer["statement"]["position"]
        lines = sum(subtotal["lines"] for subtotal in stated["subtotals"])
        moved = sum(Decimal(line["credits"]) - Decimal(line["debits"]) for line in stated["subtotals"])
        if Decimal(stated["opening"]) + moved != Decimal(stated["closing"]):
            raise JourneyFailed(stated)
        fact(f"{stated['participant']}: {money(stated['opening'])} + {lines} lines = {money(stated['closing'])}")


def side_of(side: Json) -> str:
    """An amount and its program."""
    return f"{number(side['amount'])} {side['program']['code']}"


def happened(first: Json, again: Json) -> str:
    """Whether two answers speak of one thing."""
    if first["id"] != again["id"]:
        raise JourneyFailed(first, again)
    return "happened once"


def secret_of(client_id: str) -> str:
    """The secret of a brand's client, from the environment."""
    return os.environ[f"AGIO_SECRET_{client_id.upper().replace('-', '_')}"]


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except JourneyFailed as failure:
        sys.exit(f"\nThe journey failed: {failure}")
