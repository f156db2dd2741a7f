"""Webhooks: signed, fresh, and the same event however often it comes."""

from adapters.certification.check import Group, webhooks
from adapters.certification.trial import Post, Trial, told
from adapters.certification.verdict import fall_short, skip
from exchange.brand_system import BrandEvent, Failed, Failure, Operation

GROUP = Group("Webhooks", [])

_SIGN = "Sign the exact bytes of the body with the secret that we exchanged, as the network file says."


@GROUP.check(
    "webhook-signed", "A webhook of the brand is understood and its signature is right", mend=_SIGN, needs=(webhooks,)
)
async def _signed(trial: Trial) -> None:
    await _understood(trial, await _post(trial))


@GROUP.check(
    "webhook-changed",
    "A webhook that was changed on the way is refused",
    mend="The signature has to cover the whole body; check what [….webhook.signature] text says is signed.",
    needs=(webhooks,),
)
async def _changed(trial: Trial) -> None:
    post = await _post(trial)
    for changed in (post.body + b" ", post.body.replace(b'"', b"'", 1), b"{}"):
        found = await trial.event(Post(post.headers, changed))
        if not isinstance(found, Failed) or found.failure is not Failure.AUTH:
            fall_short(f"A changed body is understood as {told(found)}.")


@GROUP.check("webhook-unsigned", "A webhook without its headers is refused", mend=_SIGN, needs=(webhooks,))
async def _unsigned(trial: Trial) -> None:
    found = await trial.event(Post({"content-type": "application/json"}, (await _post(trial)).body))
    if not isinstance(found, Failed) or found.failure not in {Failure.AUTH, Failure.INVALID}:
        fall_short(f"Without a signature it is understood as {told(found)}.")


@GROUP.check(
    "webhook-again",
    "The same webhook twice is the same event",
    mend="Give every event an id of its own that stays the same when you send it again, and map it.",
    needs=(webhooks,),
)
async def _again(trial: Trial) -> None:
    post = await _post(trial)
    first, second = [await _understood(trial, copy) for copy in (post, post)]
    if first.id != second.id or not first.id:
        fall_short(f"Its id is {first.id!r} the first time and {second.id!r} the second.")


async def _post(trial: Trial) -> Post:
    """A webhook of the brand: the first that arrived, or one about a credit that it decides later."""
    if trial.posts is None:
        skip("webhooks are not listened to")
    post = await trial.posts()
    if post is None:
        asked = trial.instruction(Operation.CREDIT, trial.amount)
        await trial.done(asked, trial.amount)
        post = await trial.posts()
    if post is None:
        skip("no webhook arrived: the brand sends one only for what it decides later, or not to this address")
    return post


async def _understood(trial: Trial, post: Post) -> BrandEvent:
    found = await trial.event(post)
    return found if isinstance(found, BrandEvent) else fall_short(f"It is understood as {told(found)}.")
