"""The worker's part of brands that are told and answer by files."""

import os
from functools import partial

from adapters.drop.jobs import exchange_files
from gateway.settings import GatewaySettings
from gateway.worker import MINUTE_SECONDS, Job


def files_job(settings: GatewaySettings) -> Job:
    """Takes in brands' answers and writes their next files."""
    return Job(
        "exchange files with brands",
        MINUTE_SECONDS,
        partial(exchange_files, home=settings.core.home, environment=os.environ),
    )
