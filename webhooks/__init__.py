"""Signed webhooks: brands are told what happened, at least once and under the same id, for as long as it takes."""

from webhooks.courier import Courier
from webhooks.deliveries import Attempt, Delivery, DeliveryState, deliveries_of
from webhooks.endpoints import Endpoint, all_endpoints, endpoints_by_id, endpoints_of
from webhooks.errors import (
    OverlapUnusable,
    RangeUnusable,
    RegistrationRefusal,
    ReplayRefusal,
    RotationRefusal,
    TooManyEndpoints,
    UnknownEndpoint,
    UnknownEventType,
    UrlUnusable,
)
from webhooks.events import Event, EventType
from webhooks.forgetting import forget_events
from webhooks.outbox import WebhookOutbox
from webhooks.ports import Answer, Sender
from webhooks.registering import Registered, Registration, Rotation, disable, enable, register, remove, rotate
from webhooks.replaying import Replay, Replayed, replay, send_test
from webhooks.secrets import EndpointSecrets

__all__ = [
    "Answer",
    "Attempt",
    "Courier",
    "Delivery",
    "DeliveryState",
    "Endpoint",
    "EndpointSecrets",
    "Event",
    "EventType",
    "OverlapUnusable",
    "RangeUnusable",
    "Registered",
    "Registration",
    "RegistrationRefusal",
    "Replay",
    "ReplayRefusal",
    "Replayed",
    "Rotation",
    "RotationRefusal",
    "Sender",
    "TooManyEndpoints",
    "UnknownEndpoint",
    "UnknownEventType",
    "UrlUnusable",
    "WebhookOutbox",
    "all_endpoints",
    "deliveries_of",
    "disable",
    "enable",
    "endpoints_by_id",
    "endpoints_of",
    "forget_events",
    "register",
    "remove",
    "replay",
    "rotate",
    "send_test",
]
