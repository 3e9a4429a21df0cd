"""The deployments on a real Prefect server and worker: parameters, states, artifacts, the same release."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

import httpx
import pytest
from book_making import list_bytes, write_book, write_sources
from prefect_operating import operate, read_row
from vector_making import write_drawn_release

pytestmark = pytest.mark.skipif(os.name != "posix", reason="ends processes by their group")
PASSWORD = "geheimnis-7361"


@pytest.fixture(scope="module")
def operating(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("operating")
    for book in ("甲.pdf", "乙.pdf", "sources.toml"):
        shutil.copy(built / book, folder)
    with operate(folder / "home", folder) as running:
        yield running


@pytest.fixture(scope="module")
def completed(operating):
    """A run with the parameters of `prefect.yaml`, and where the release is seen."""
    return operating.run("culti-build/build", address="http://intranet/release/")


def test_the_form_names_every_parameter_and_its_choices(operating):
    for name in ("culti-build/build", "culti-validate/validate"):
        schema = operating.ask(f"deployments/name/{name}")["parameter_openapi_schema"]
        assert all(about["description"] for about in schema["properties"].values())
    assert schema["required"] == ["release"]
    deployed = operating.ask("deployments/name/culti-build/build")
    properties = deployed["parameter_openapi_schema"]["properties"]
    assert properties["reader"]["enum"] == ["pymupdf", "pdfplumber"]
    assert deployed["work_pool_name"] == "culti" and deployed["parameters"]["out"] == "release"
    (schedule,) = deployed["schedules"]
    assert schedule["schedule"]["cron"] and not schedule["active"]
    environment = deployed["job_variables"]["env"]
    assert (environment["DO_NOT_TRACK"], environment["PREFECT_SERVER_ANALYTICS_ENABLED"]) == ("1", "false")


def test_a_value_of_the_wrong_type_is_refused_before_a_run(operating):
    with pytest.raises(httpx.HTTPStatusError) as caught:
        operating.run("culti-build/build", workers=0)
    assert caught.value.response.status_code in (409, 422)


def test_a_run_makes_the_release_of_the_command(operating, completed, built):
    assert completed["state"]["type"] == "COMPLETED", completed["state"]["message"]
    assert "2 of 2 books, 5 pages, 5 figures" in completed["state"]["message"]
    assert list_bytes(operating.folder / "release") == list_bytes(built / "release")


def test_the_run_s_page_has_counts_progress_and_the_report(operating, completed):
    artifacts = operating.list_artifacts(completed)
    row = read_row(artifacts["culti-books"])
    assert (row["book"], row["status"], row["pages"], row["figures"]) == ("甲.pdf", "done", 3, 3)
    assert "http://intranet/release/report.html" in artifacts["culti-report"]["data"]
    for step in ("open", "read", "align", "cut", "describe", "draw"):
        artifact = artifacts[f"culti-{step}"]
        assert (artifact["type"], float(artifact["data"])) == ("progress", 100.0)
    assert artifacts["culti-read"]["description"].startswith("read: 2 of 2; 2 books, 5 pages")


def test_a_bad_book_fails_the_run_in_a_line_and_the_rest_is_released(operating):
    write_book(operating.folder / "locked.pdf", 2, 3, encryption=5, user_pw=PASSWORD, owner_pw=PASSWORD)
    (operating.folder / "bad.pdf").write_bytes(b"no PDF")
    sources = write_sources(operating.folder, "locked.pdf", "bad.pdf")
    text = sources.read_text(encoding="utf-8")
    text = text.replace('file = "locked.pdf"', f'file = "locked.pdf"\npassword = "{PASSWORD}"')
    (operating.folder / "two.toml").write_text(text, encoding="utf-8")
    run = operating.run("culti-build/build", sources=["two.toml"], out="second")
    assert run["state"]["type"] == "FAILED"
    message = run["state"]["message"]
    assert message.startswith("bad.pdf: ") and "1 of 2 books, 2 pages" in message and "\n" not in message
    assert (operating.folder / "second" / "manifest.json").is_file()
    rows = operating.list_artifacts(run)["culti-books"]
    assert read_row(rows)["status"] == "done" and read_row(rows, 1)["what went wrong"]
    # What the server keeps of a run is seen by all who may look at its pages.
    assert operating.database.is_file()
    for file in operating.database.parent.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file


@pytest.mark.skipif(find_spec("cn_clip") is None, reason="the extra validate is not installed")
def test_a_validation_is_run_by_the_worker_and_a_gate_that_fails_fails_the_run(operating):
    write_drawn_release(operating.folder / "drawn", 60, 10)
    gate = operating.folder / "gate.toml"
    gate.write_text('[[gate]]\nmethod = "fine-tuned"\nmetric = "MR"\nat_least = 99.9\n', encoding="utf-8")
    given = {"release": "drawn/release", "seeds": 1, "train": ["epochs=1", "batch=16"], "crops": 2}
    run = operating.run("culti-validate/validate", **given, address="http://intranet/report/")
    assert run["state"]["type"] == "COMPLETED", run["state"]["message"]
    out = operating.folder / "drawn" / "release.validation"
    assert "drawn/release.validation/report.html" in run["state"]["message"]
    assert (out / "metrics.json").is_file()
    shown = "".join(str(artifact["data"]) for artifact in operating.list_artifacts(run).values())
    assert "http://intranet/report/report.html" in shown and "fine-tuned" in shown
    # All is there already; the gate alone is new.
    failed = operating.run("culti-validate/validate", **given, gate="gate.toml")
    assert failed["state"]["type"] == "FAILED" and "99.9" in failed["state"]["message"]


def test_a_wrong_call_fails_with_the_command_s_words_and_begins_nothing(tmp_path):
    from flows.deployments import build, validate

    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").write_text("mine")
    book = write_book(tmp_path / "b.pdf", 1)
    before = sorted(tmp_path.rglob("*"))
    for parameters, words in (
        ({"sources": [str(tmp_path / "none.toml")], "out": str(tmp_path / "o")}, "none.toml: no such file"),
        ({"sources": [str(book)], "out": str(tmp_path / "full")}, "not a release"),
        ({"sources": [str(book)], "out": str(tmp_path / "o"), "runner": "snails"}, "--runner"),
        ({"sources": [str(book)], "out": str(tmp_path / "o"), "seeds": 2}, "add --validate"),
    ):
        state = build.fn(**parameters)
        assert state.is_failed() and words in state.message
        assert state.message.startswith("wrong call, nothing was begun: ")
    assert "no such" in validate.fn(str(tmp_path / "none")).message
    assert sorted(tmp_path.rglob("*")) == before
