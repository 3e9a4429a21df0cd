"""The whole recipe: from PDF books to a release, and on to its validation. Run it with
`culti build … --validate`.

Both parts go on where they were stopped: the build from its store, the validation from its trials and
checkpoints. So the flow is run again as a whole after a kill.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from extractors.errors import CultiError
from flows.build_dataset import build_dataset
from flows.configuration import BuildRequest, ValidationRequest
from flows.progress import current_progress
from flows.sending import refuse_sending, send_dataset
from flows.validating import validate

if TYPE_CHECKING:
    from baselines.validation import Validation
    from flows.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a build and its validation gave. `validation` is None where there was no release or it could not
    be done; `trouble` then says why, in one line."""

    outcome: Outcome
    validation: Validation | None
    trouble: str = ""


@flow(name="rebuild-and-validate", persist_result=False, validate_parameters=False)
def rebuild_and_validate(request: BuildRequest, validation: ValidationRequest) -> Rebuilt:
    """PDF books → release → fine-tuning → LACLIP → report. The release stays whatever its validation says; on
    S3 only one is published that passed it."""
    outcome = build_dataset(request.model_copy(update={"publish": None}))
    if outcome.written is None:
        return Rebuilt(outcome, None, "no release, so nothing was validated")
    try:
        done = validate_dataset(validation)
    except CultiError as error:
        trouble = f"not validated: {error}"
        return Rebuilt(refuse_sending(request.publish, outcome, "it was not validated"), None, trouble)
    if done is not None and not done.passed:
        return Rebuilt(refuse_sending(request.publish, outcome, "it did not pass its validation"), done)
    return Rebuilt(send_dataset(request.publish, outcome), done)


@task(name="validate", cache_policy=NO_CACHE, persist_result=False)
def validate_dataset(request: ValidationRequest) -> Validation | None:
    """Fine-tuning, scoring and report of a release; its trials are its own cache."""
    return validate(request, current_progress().tell)
