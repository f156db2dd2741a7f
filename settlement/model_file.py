"""A settlement model as people write it down: TOML, read strictly."""

import tomllib
from collections.abc import Sequence
from datetime import date, time
from typing import Final

import msgspec

from core.amounts import AmountError, parse_amount
from settlement.agreed_models import AgreedModel
from settlement.errors import ModelRefused
from settlement.schedules import Cycle, Schedule
from settlement.terms import Funding, Netting, Terms

SIZE_MAX_BYTES: Final = 100_000
MICRO_DECIMALS: Final = 6

_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _Schedule(msgspec.Struct, forbid_unknown_fields=True):
    cycle: Cycle = Cycle.ON_DEMAND
    at: time = time(0)
    time_zone: str = "Asia/Shanghai"
    weekday: str = "mon"
    month_day: int = 1
    business_days: tuple[str, ...] = _WEEKDAYS
    holidays: tuple[date, ...] = ()


class _File(msgspec.Struct, forbid_unknown_fields=True):
    model: str
    netting: Netting = Netting.MULTILATERAL
    set_off_loops: bool = False
    funding: Funding = Funding.POSTPAID
    schedule: _Schedule = msgspec.field(default_factory=_Schedule)
    members: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    caps: dict[str, str] = msgspec.field(default_factory=dict)


def read_model(content: bytes) -> AgreedModel | ModelRefused:
    """The model that a file describes, as version 0: nobody has agreed on it yet."""
    if len(content) > SIZE_MAX_BYTES:
        return ModelRefused("file", f"it is larger than {SIZE_MAX_BYTES} bytes")
    try:
        return _model(msgspec.convert(tomllib.loads(content.decode()), _File))
    except (ValueError, AmountError) as error:
        return _refused(error)


def _refused(error: Exception) -> ModelRefused:
    if isinstance(error, UnicodeDecodeError):
        return ModelRefused("file", "it is not UTF-8")
    problem, _, place = str(error).partition(" - at `$.")
    return ModelRefused(place.rstrip("`") or ("caps" if isinstance(error, AmountError) else "file"), problem)


def _model(file: _File) -> AgreedModel:
    terms = Terms(file.netting, file.set_off_loops, file.funding, _schedule(file.schedule))
    caps = sorted((code, parse_amount(cap, MICRO_DECIMALS)) for code, cap in file.caps.items())
    pairs = sorted((min(pair), max(pair)) for pair in file.pairs)
    _once("members", file.members)
    _once("pairs", pairs)
    return AgreedModel(file.model, 0, terms, None, tuple(sorted(file.members)), tuple(pairs), tuple(caps))


def _once(place: str, named: Sequence[str | tuple[str, str]]) -> None:
    for each in named:
        if named.count(each) > 1:
            told = each if isinstance(each, str) else " and ".join(each)
            message = f"{told} is named twice - at `$.{place}`"
            raise ValueError(message)


def _schedule(found: _Schedule) -> Schedule:
    days = tuple(sorted({_weekday(day) for day in found.business_days}))
    holidays = tuple(sorted(set(found.holidays)))
    return Schedule(found.cycle, found.at, found.time_zone, _weekday(found.weekday), found.month_day, days, holidays)


def _weekday(name: str) -> int:
    if name not in _WEEKDAYS:
        message = f"{name!r} is no weekday: {', '.join(_WEEKDAYS)}"
        raise ValueError(message)
    return _WEEKDAYS.index(name) + 1
