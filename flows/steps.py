"""The stages' functions as Prefect tasks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from flows import stages
from flows.crew import Step
from flows.describing import abandon_describe, describe_job
from flows.jobs import Job, OpenJob, Receipt
from flows.limits import Watch, keep_watch
from flows.refining import refine_job
from flows.retrying import RETRIES, RETRY_DELAYS_S, should_retry
from flows.worker import is_expendable

# Prefect's own cache knows nothing of other runs, and its results would fill its home: the store is ours.
J = TypeVar("J", bound=Job)


def make_task(name: str, work: Callable[[J], Receipt]) -> Task[[J, Watch], Receipt]:
    """A stage's function as a Prefect task, watched. Prefect tries it again where the trouble may have
    passed; any other failed job is split and tried again by the crew."""

    def run(job: J, watch: Watch) -> Receipt:
        # A thread, or a worker that none takes the place of, is not to be ended.
        with keep_watch(replace(watch, ends_worker=watch.ends_worker and is_expendable()), job.store):
            return work(job)

    return task(
        name=name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=RETRIES,
        retry_delay_seconds=RETRY_DELAYS_S,
        retry_condition_fn=should_retry,
    )(run)


OPEN: Step[OpenJob] = Step(make_task("open", stages.open_job))
READ = Step(make_task("read", stages.read_job), stages.abandon_read)
ALIGN = Step(make_task("align", stages.align_job), stages.abandon_align)
CUT = Step(make_task("cut", stages.cut_job), stages.abandon_cut)
DESCRIBE = Step(make_task("describe", describe_job), abandon_describe)
REFINE = task(name="refine", cache_policy=NO_CACHE, persist_result=False)(refine_job)
DRAW = Step(make_task("draw", stages.draw_job), stages.abandon_draw)
