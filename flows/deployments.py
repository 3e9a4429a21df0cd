"""`culti build` and `culti validate` as Prefect deployments: typed parameters, shown by a server as a form.

Each flow makes of its parameters the call of the command line, which is then read, checked and done by the
same code. A run that ended with status 1 or 2 on a terminal ends as Failed here, with the same words as its
message. The form has its words from `Args` in the docstrings, the only place where Prefect looks for them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from pydantic import Field

from extractors.errors import CultiError
from flows.building import make_request, make_validation, report_rebuilt, run_flow
from flows.calls import read_call
from flows.configuration import ConfigurationError, ReaderName, SeriesName
from flows.outcome_lines import count_outcome, list_troubles
from flows.progress import BuildProgress, share_progress
from flows.run_page import StepArtifacts, show_outcome, show_validation
from flows.validating import read_request, report_validation, validate_from_the_start
from flows.workspace import Workspace, hold_workspace

ModelName = Literal["tiny", "RN50", "ViT-B-16", "ViT-L-14", "ViT-L-14-336", "ViT-H-14"]
# Nothing is retried as a whole: what failed would fail again, and tasks try again what passes.
Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]


@flow(name="culti-build", persist_result=False)
def build(
    sources: Annotated[list[str], Field(min_length=1)],
    out: Text,
    work: str | None = None,
    series: SeriesName | None = None,
    pages: str = "",
    name: str | None = None,
    version: str | None = None,
    previous: str | None = None,
    reader: ReaderName = "pymupdf",
    ocr: str = "bundled",
    runner: str = "processes",
    runner_address: str = "",
    store: str | None = None,
    workers: Count | None = None,
    validate_release: bool = False,
    gate: str | None = None,
    model: ModelName | None = None,
    weights: str | None = None,
    device: str | None = None,
    seeds: Count | None = None,
    address: str = "",
    wait_minutes: Annotated[float, Field(ge=0)] = 10.0,
) -> State[Any]:
    """From PDF books to a release, and on to its validation where it is asked for.

    Args:
        sources: One sources file, or PDFs, by paths as the worker sees them.
        out: The release directory: new, or an older release of culti.
        work: Store, overlays and logs. Default: OUT.work.
        series: Of PDFs given by path.
        pages: Of PDFs given by path, like 5-212 or 1-3,7,9-.
        name: Of the release. Default: as in the sources file.
        version: Of the release. Default: as in the sources file.
        previous: The release before, whose pairs keep their splits.
        reader: The library that reads the PDFs; the other stands in where it fails.
        ocr: bundled, a PaddleOCR name, or a folder of models.
        runner: Who does the work: processes, threads, dask or ray.
        runner_address: Of a Dask or Ray cluster that runs already.
        store: A store on S3, s3://BUCKET/PREFIX. Default: in the work directory.
        workers: Default: one for each CPU, at most 8.
        validate_release: Go on to fine-tuning, LACLIP and a report.
        gate: Numbers that the validation must reach, a TOML file.
        model: The Chinese-CLIP to validate with; tiny comes with culti.
        weights: A .pt file or a folder of weights for it.
        device: cpu, cuda, cuda:1, mps. Default: auto.
        seeds: How often it is fine-tuned. Default: 3.
        address: Where the release directory is seen in a browser, for the link to its report.
        wait_minutes: How long to wait for another build that is at work on the same folders.
    """
    given = {
        "out": out,
        "work": work,
        "series": series,
        "pages": pages,
        "name": name,
        "version": version,
        "previous": previous,
        "reader": reader,
        "ocr": ocr,
        "runner": runner,
        "runner-address": runner_address,
        "store": store,
        "workers": workers,
        "validate": validate_release,
        "gate": gate,
        "model": model,
        "weights": weights,
        "device": device,
        "seeds": seeds,
    }
    try:
        options = read_call("build", sources, given)
        request, validation = make_request(options), make_validation(options)
        workspace = Workspace(request.work, request.store)
        with (
            hold_workspace(workspace, request.out, patience_s=60 * wait_minutes),
            share_progress(BuildProgress(None, [StepArtifacts()])),
        ):
            rebuilt = run_flow(request, validation)
    except CultiError as error:
        return Failed(message=_explain(error))
    show_outcome(rebuilt.outcome, address)
    if rebuilt.validation is not None:
        show_validation(rebuilt.validation, "")
    report_rebuilt(rebuilt, workspace)
    return _sum_up(count_outcome(rebuilt.outcome), list_troubles(rebuilt))


@flow(name="culti-validate", persist_result=False)
def validate(
    release: Text,
    out: str | None = None,
    work: str | None = None,
    model: ModelName | None = None,
    weights: str | None = None,
    device: str = "auto",
    seeds: Count = 3,
    zero_shot_only: bool = False,
    features: str | None = None,
    gate: str | None = None,
    crops: Count | None = None,
    train: list[str] | None = None,
    laclip: list[str] | None = None,
    address: str = "",
) -> State[Any]:
    """Fine-tunes a Chinese-CLIP on a release, scores it and LACLIP, and writes a report.

    Args:
        release: The release, by its path as the worker sees it.
        out: The folder for the report. Default: RELEASE.validation.
        work: Checkpoints, vectors and trials. Default: OUT.work.
        model: The Chinese-CLIP. Default: told from the weights, or tiny, which comes with culti.
        weights: A .pt file or a folder of weights.
        device: cpu, cuda, cuda:1, mps or auto.
        seeds: How often it is fine-tuned.
        zero_shot_only: Score the model as it comes.
        features: A folder with vectors of other models.
        gate: Numbers that must be reached, a TOML file.
        crops: Of an image, for every LACLIP.
        train: Numbers of fine-tuning, each like epochs=5.
        laclip: One more LACLIP, its numbers each like crops=30.
        address: Where the report's folder is seen in a browser, for the link to it.
    """
    given = {
        "out": out,
        "work": work,
        "model": model,
        "weights": weights,
        "device": device,
        "seeds": seeds,
        "zero-shot-only": zero_shot_only,
        "features": features,
        "gate": gate,
        "crops": crops,
        "train": train,
        "laclip": laclip,
    }
    try:
        request = read_request(read_call("validate", [release], given))
        done = validate_from_the_start(request, BuildProgress(None, [StepArtifacts()]).tell)
    except CultiError as error:
        return Failed(message=_explain(error))
    if done is None:
        return Completed(message="another process has the report")
    show_validation(done, address)
    report_validation(done)
    failed = [verdict.describe() for verdict in done.findings.verdicts if not verdict.passed]
    return _sum_up(f"report: {done.folder / 'report.html'}", failed)


def _explain(error: CultiError) -> str:
    text = " ".join(str(error).split())
    return f"wrong call, nothing was begun: {text}" if isinstance(error, ConfigurationError) else text


def _sum_up(done: str, troubles: list[str]) -> State[Any]:
    """The state that a run ends in."""
    if not troubles:
        return Completed(message=done)
    more = f" (and {len(troubles) - 1} more)" if len(troubles) > 1 else ""
    return Failed(message=f"{troubles[0]}{more}; {done}")
