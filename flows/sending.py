"""The end of a build whose release is to be on S3: publishing it, as `culti publish` does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from prefect import task
from prefect.cache_policies import NO_CACHE

from export.publish.address import read_address
from export.publish.errors import PublishError
from flows.configuration import PublishRequest
from flows.progress import current_progress

if TYPE_CHECKING:
    from flows.outcome import Outcome


def send_dataset(publish: PublishRequest | None, outcome: Outcome) -> Outcome:
    """The outcome with where its release is published, or with what kept it from being so; the release on
    this machine stays."""
    if publish is None or outcome.written is None:
        return outcome
    try:
        return replace(outcome, published=send_release(publish, outcome.written.path))
    except PublishError as error:
        return refuse_sending(publish, outcome, str(error))


def refuse_sending(publish: PublishRequest | None, outcome: Outcome, reason: str) -> Outcome:
    """The outcome with the reason why its release is not published, if it was to be."""
    if publish is None or outcome.written is None:
        return outcome
    line = f"not published: {reason}; the release is in {outcome.written.path}"
    return replace(outcome, trouble="; ".join(filter(None, (outcome.trouble, line))))


@task(name="publish", cache_policy=NO_CACHE, persist_result=False)
def send_release(publish: PublishRequest, release: Path) -> str:
    """Publishes a release; where it is then. PublishError."""
    from export.publish.publication import Options, publish_release

    asked = Options(include_restricted=publish.include_restricted, replace=publish.replace)
    done = publish_release(release, read_address(publish.url), asked, current_progress().tell)
    return done.outlook.where
