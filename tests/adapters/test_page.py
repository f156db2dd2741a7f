"""The page for partners' engineers: its examples go into force, and it names everything that may be written."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from brands import Applied
from brands.adapter.adapter import Adapter
from brands.adapter.capabilities import CapabilitiesSection
from brands.adapter.drop_folder import AnswerColumns, AnswerControl, AnswerFile, Column, DropFolder, InstructionFile
from brands.adapter.failures import Failure
from brands.adapter.kinds import AdapterKind, AmountForm, Call
from brands.adapter.messages import AnswerMapping, CallMapping, MovementMapping
from brands.adapter.security import Authentication, AuthenticationKind, WebhookSignature
from brands.adapter.webhook import WebhookMapping
from core.database import Database
from tests.brands.samples import put

PAGE = (Path(__file__).parents[2] / "docs" / "adapters.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
SECTIONS = [
    *(Adapter, CapabilitiesSection, Authentication, CallMapping, AnswerMapping, MovementMapping),
    *(WebhookMapping, WebhookSignature, DropFolder, InstructionFile, Column, AnswerFile, AnswerColumns, AnswerControl),
]
CODE = set(re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"`([^`]*)`", PAGE.replace("```", "")))))


async def test_its_examples_go_into_force(database: Database) -> None:
    """All of them, together, as they stand there."""
    assert len(EXAMPLES) == 3
    assert await put(database, *EXAMPLES) != Applied(())
    assert await put(database, *EXAMPLES) == Applied(())


@pytest.mark.parametrize("section", SECTIONS)
def test_it_names_every_field(section: Any) -> None:
    """Whatever a network file may hold about an adapter stands on the page."""
    assert {field.name for field in fields(section)} - CODE == set()


@pytest.mark.parametrize("words", [AdapterKind, AmountForm, Call, Failure, AuthenticationKind])
def test_it_names_every_word(words: Any) -> None:
    """The same for words of which one is chosen."""
    assert {word.value for word in words} - CODE == set()
