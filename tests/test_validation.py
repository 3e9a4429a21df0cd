"""A whole validation on drawn vectors: what is written, what is kept, what is refused. Models: elsewhere."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from vector_making import DrawnEncoder, DrawnLearner, write_drawn_release

from baselines import trials
from baselines.corpus import read_corpus
from baselines.errors import BaselineError, CorpusError, GateError
from baselines.features import SplitFeatures, write_features
from baselines.gate import read_gate
from baselines.gathering import choose_featured, list_notes
from baselines.laclip import LaclipSettings
from baselines.metrics import DIRECTIONS, METRICS, MR, RECALLS, Ranks, measure
from baselines.ranking import grade_split, rank_both
from baselines.report.page import render_page
from baselines.report.tables import tabulate, write_tables
from baselines.statistics import Interval
from baselines.subsets import find_near_duplicates, list_subsets
from baselines.trials import load_trial, save_trial
from baselines.validation import validate_release
from baselines.validation_settings import ValidationSettings
from baselines.variants import Choice
from baselines.verdicts import list_verdicts

PRESETS = (
    LaclipSettings("paper-figure", crops=5, weighting="cosine", norm="none"),
    LaclipSettings("wca", crops=8, side_min=0.1),
)


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return write_drawn_release(tmp_path_factory.mktemp("validation"), 260)


@pytest.fixture(scope="module")
def corpus(release):
    return read_corpus(release)


@pytest.fixture(scope="module")
def models(corpus, tmp_path_factory):
    """Another model's vectors of all splits."""
    folder = tmp_path_factory.mktemp("models")
    encoder = DrawnEncoder(corpus, "other", 1.6)
    splits = {
        name: SplitFeatures(encoder.encode_images(split.pictures), encoder.encode_texts(split.texts))
        for name, split in corpus.splits.items()
    }
    write_features(folder / "other", "other model", corpus, splits, {})
    return folder


@pytest.fixture(scope="module")
def settings(release, models, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "report"
    return ValidationSettings(release, out, seeds=3, features=models, presets=PRESETS)


@pytest.fixture(scope="module")
def done(settings, corpus):
    """(validation, learner, progress told)"""
    learner, told = DrawnLearner(corpus), []
    return validate_release(settings, learner, lambda *step: told.append(step)), learner, told


def test_rows_are_those_asked_for(done):
    names = done[0].findings.names()
    assert names[:4] == ["zero-shot", "fine-tuned", "LACLIP paper-figure", "LACLIP wca"]
    assert names[-2:] == ["other model", "other model, hubness correction"]
    assert len(names) == 13 and len(set(names)) == 13
    runs = {s.name: len(s.method.runs) for s in done[0].findings.summaries}
    assert runs["zero-shot"] == 1 and runs["fine-tuned"] == runs["LACLIP wca"] == 3


def test_zero_shot_and_fine_tuned_are_what_the_vectors_give(done, corpus):
    test = corpus.splits["test"]
    for name, encoder in (
        ("zero-shot", DrawnEncoder(corpus, "start", 2.6)),
        ("fine-tuned", DrawnEncoder(corpus, "seed 0", 1.4)),
    ):
        texts, images = encoder.encode_texts(test.texts), encoder.encode_images(test.pictures)
        expected = measure(rank_both(texts, images, grade_split(test)))
        assert measure(done[0].findings.get(name).method.runs[0].test) == pytest.approx(expected)


def test_a_better_model_is_called_better(done):
    gain = done[0].findings.get("fine-tuned").gain
    assert gain.over == "zero-shot" and gain.points[MR].low > 0 and gain.judge() == "helped"
    assert list_verdicts(done[0].findings.summaries)[0].startswith("fine-tuned: MR ")


def test_every_difference_is_in_a_verdict(done):
    lines = " ".join(list_verdicts(done[0].findings.summaries))
    for summary in done[0].findings.summaries:
        assert summary.gain is None or summary.name in lines, f"nothing is said of {summary.name}"


def test_holm_is_over_rows_with_one_baseline(done):
    rows = [s for s in done[0].findings.summaries if s.method.baseline == "fine-tuned"]
    smallest = min(rows, key=lambda s: s.gain.p[MR])
    assert smallest.gain.p_holm[MR] == pytest.approx(min(1, len(rows) * smallest.gain.p[MR]))
    alone = done[0].findings.get("fine-tuned").gain
    assert alone.p_holm == alone.p, "fine-tuned is the only row compared with zero-shot"


def test_metrics_json_says_all(done, corpus):
    found = json.loads((done[0].folder / "metrics.json").read_text(encoding="utf-8"))
    assert found["release"]["sha256"] == corpus.release_sha256
    assert found["model"]["weights_sha256"] == "0" * 64
    assert found["seeds"] == [0, 1, 2] and found["settings"]["fine-tuning"]["epochs"] == 3
    assert found["environment"]["numpy"] == np.__version__
    row = next(m for m in found["methods"] if m["name"] == "fine-tuned")
    assert set(row["metrics"]) == set(METRICS) and len(row["runs"]) == 3
    low, high = row["intervals"][MR]
    assert low < row["metrics"][MR] < high
    mean = np.mean([run["metrics"][MR] for run in row["runs"]])
    assert row["metrics"][MR] == pytest.approx(mean)
    assert len(found["quoted"]["rows"]) == 6 and "quoted" in found["quoted"]["source"]
    assert str(done[0].folder.parent) not in json.dumps(found), "a path of this machine"


def test_ranks_parquet_gives_the_same_metrics(done, corpus):
    table = pd.read_parquet(done[0].folder / "ranks.parquet")
    some = table[(table["method"] == "LACLIP wca") & (table["seed"] == 1) & (table["split"] == "test")]
    sides = [some[some["direction"] == d] for d in ("text_to_image", "image_to_text")]
    assert sides[0]["query"].tolist() == list(corpus.splits["test"].text_ids)
    expected = measure(done[0].findings.get("LACLIP wca").method.runs[1].test)
    assert measure(Ranks(*(side["rank"].to_numpy() for side in sides))) == pytest.approx(expected)
    assert set(table["split"]) == {"test", "validation"}


def test_tables_hold_every_row_and_the_papers(done):
    markdown = (done[0].folder / "table.md").read_text(encoding="utf-8")
    latex = (done[0].folder / "table.tex").read_text(encoding="utf-8")
    for name in (*done[0].findings.names(), "LACLIP ViT-H (quoted)"):
        assert f"| {name}" in markdown and name in latex
    summary = done[0].findings.get("fine-tuned")
    assert f"{summary.metrics[RECALLS[0]]:.1f} [" in markdown
    assert latex.count("\\begin{tabular}") == 1 and "%" not in latex.replace("\\%", "")


def test_tables_survive_names_with_signs_that_mean_something(done, tmp_path):
    first, *rest = done[0].findings.summaries
    named = replace(first, method=replace(first.method, name="a_b|c^{d}~$e\\"))
    write_tables(tmp_path, replace(done[0].findings, summaries=(named, *rest)))
    rows = [r for r in (tmp_path / "table.md").read_text(encoding="utf-8").splitlines() if r.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1, "a name that breaks the table"
    latex = (tmp_path / "table.tex").read_text(encoding="utf-8")
    assert r"a\_b|c\textasciicircum{}\{d\}\textasciitilde{}\$e\textbackslash{} &" in latex


def test_quoted_numbers_within_an_interval_of_ours_have_a_star(done):
    first = done[0].findings.summaries[0]
    wide = {name: Interval(50.0, 20.0, 30.0) for name in first.intervals}
    table = tabulate(replace(done[0].findings, summaries=(replace(first, intervals=wide),)))
    row = table.set_index("model").loc["CN-CLIP ViT-H (quoted)"]
    assert list(row)[:7] == ["27.2*", "53.2", "64.5", "24.5*", "50.4", "64.0", "47.3"]


class _Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.links, self.ids, self.pictures = [], [], set(), 0

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.ids.add(known.get("id"))
        self.links += [known[name] for name in ("src", "href") if known.get(name)]
        self.pictures += tag in ("img", "image")
        if tag not in ("meta", "img", "br", "line", "rect", "circle", "polyline", "image", "use"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()


def read_page(text):
    page = _Page()
    page.feed(text)
    return page


def test_report_is_one_whole_file_without_network(done):
    text = (done[0].folder / "report.html").read_text(encoding="utf-8")
    page = read_page(text)
    assert page.open == [], f"not closed: {page.open}"
    assert all(link.startswith(("data:image/", "#")) for link in page.links)
    assert {link[1:] for link in page.links if link.startswith("#")} <= page.ids, "a link that leads nowhere"
    assert "http" not in re.sub(r'"data:[^"]*"', "", text) and "<script" not in text
    assert len(text) < 30_000_000
    for name in done[0].findings.names():
        assert name in text
    for words in ("In short", "Gain over fine-tuned", "Training loss", "What LACLIP looks at", "Moved"):
        assert words in text, f"the report has no {words}"


def test_report_shows_no_pixel_without_the_right_to(done, corpus):
    asked = []

    def read(picture):
        asked.append(picture.rights)
        return b"not a picture"

    text = render_page(done[0].findings, read)
    test = corpus.splits["test"]
    assert any(p.rights == "no-redistribution" for p in test.pictures), "nothing to hide is no test"
    assert asked and set(asked) == {"CC-BY-4.0"}
    assert "not shown: rights" in text and "for their rights say" in text


def test_report_survives_pictures_that_cannot_be_read(done):
    text = render_page(done[0].findings, lambda _: b"not a picture")
    assert read_page(text).pictures == 0 and "left out" in text


def test_progress_is_told_and_ends(done):
    steps = [step for step, _, _ in done[2]]
    assert "zero-shot: score" in steps and "fine-tuned, seed 2: encode" in steps
    last = {step: (at, total) for step, at, total in done[2]}
    assert all(at == total for at, total in last.values()), f"a bar that never fills: {last}"


def test_a_second_run_takes_what_is_there(done, settings, corpus, tmp_path):
    assert (done[1].loaded, done[1].finetuned) == (1, 3)
    again = DrawnLearner(corpus)
    out = tmp_path / "again"
    found = validate_release(replace(settings, out=out, work=settings.work_folder), again)
    assert (again.loaded, again.finetuned) == (0, 0), "all trials were there"
    for name in ("metrics.json", "table.md", "report.html", "ranks.parquet"):
        assert (out / name).read_bytes() == (done[0].folder / name).read_bytes(), name
    assert found.passed


def test_one_more_seed_costs_one(done, settings, corpus, tmp_path):
    more = DrawnLearner(corpus)
    asked = replace(settings, out=tmp_path / "more", work=settings.work_folder, seeds=4)
    validate_release(asked, more)
    assert (more.loaded, more.finetuned) == (0, 1)


@pytest.mark.parametrize("change", ["recipe", "weights", "presets"])
def test_what_a_trial_depends_on_makes_it_new(done, settings, corpus, tmp_path, change):
    learner = DrawnLearner(corpus, gain=1.0 if change == "recipe" else 1.2)
    asked = replace(settings, out=tmp_path / "new", work=settings.work_folder, seeds=1)
    if change == "weights":
        learner.weights_sha256 = "1" * 64
    if change == "presets":
        asked = replace(asked, presets=PRESETS[:1])
    validate_release(asked, learner)
    assert learner.finetuned == 1, "a trial of other settings was taken for this one"


def test_a_trial_of_other_code_is_not_taken(monkeypatch):
    parts = {"seed": 0, "recipe": {"epochs": 3}}
    before = trials.make_key(parts)
    assert before == trials.make_key(dict(reversed(parts.items())))
    monkeypatch.setattr(trials, "hash_code", lambda: "another version")
    assert trials.make_key(parts) != before


def test_a_damaged_trial_is_made_again(done, settings, tmp_path):
    kept = [load_trial(path) for path in (settings.work_folder / "trials").iterdir()]
    trial = next(t for t in kept if t.curve is not None and "LACLIP wca" in t.runs)
    save_trial(tmp_path / "trial", trial)
    copy = load_trial(tmp_path / "trial")
    assert copy.curve == trial.curve and list(copy.runs) == list(trial.runs)
    assert (copy.runs["LACLIP wca"].test.text_to_image == trial.runs["LACLIP wca"].test.text_to_image).all()
    assert copy.runs["LACLIP wca"].choices.keys() == trial.runs["LACLIP wca"].choices.keys()
    content = (tmp_path / "trial" / "arrays.npz").read_bytes()
    (tmp_path / "trial" / "arrays.npz").write_bytes(content[: len(content) // 2])
    assert load_trial(tmp_path / "trial") is None


def test_a_report_says_what_weakens_it(done, corpus):
    notes = list_notes(corpus, (), [replace(done[0].findings.curves[0], best_epoch=0.0)])
    assert any("the start was kept" in note and "seeds 0" in note for note in notes)
    assert any("chosen nearly by chance" in note for note in notes), "22 validation texts choose nothing"
    assert not any("the start was kept" in note for note in done[0].findings.notes)


def test_texts_that_are_cut_are_a_weakness_to_tell(corpus):
    said = [list_notes(corpus, (), (), {"share_of_texts_cut": s, "context": 96}) for s in (0.36, 0.0)]
    assert [sum("96 tokens" in note for note in notes) for notes in said] == [1, 0]


def test_what_is_shown_beside_the_base_is_a_row_in_which_crops_play_a_part(done):
    def give(summary, whole):
        choices = {d: Choice({"whole": whole}, 0.0) for d in DIRECTIONS}
        first, *rest = summary.method.runs
        runs = (replace(first, choices=choices), *rest)
        return replace(summary, method=replace(summary.method, runs=runs), validation={MR: 99.0})

    name = "LACLIP wca + whole image"
    for whole, chosen in ((0.9, True), (1.0, False)):
        rows = [give(s, whole) if s.name == name else s for s in done[0].findings.summaries]
        assert (choose_featured(rows, "fine-tuned", ["wca"]) == name) is chosen


def test_zero_shot_only_trains_nothing(settings, corpus, tmp_path):
    learner = DrawnLearner(corpus)
    asked = replace(settings, out=tmp_path / "zero", zero_shot_only=True, seeds=2, features=None)
    found = validate_release(asked, learner).findings
    assert learner.finetuned == 0 and found.base == "zero-shot"
    assert found.names()[:3] == ["zero-shot", "LACLIP paper-figure", "LACLIP wca"]
    assert len(found.get("LACLIP wca").method.runs) == 2, "crops are random, so LACLIP has a run a seed"
    assert found.get("LACLIP wca").gain.over == "zero-shot"
    first, second = (run.test.text_to_image for run in found.get("LACLIP wca").method.runs)
    assert (first != second).any(), "other seeds are other crops"


def test_features_alone_need_no_model(settings, tmp_path):
    found = validate_release(replace(settings, out=tmp_path / "alone", seeds=1), None).findings
    assert found.names() == ["other model", "other model, hubness correction"]
    assert found.base == "other model" and (tmp_path / "alone" / "report.html").is_file()


def write_gate(path, **bars):
    lines = [f"{name} = {json.dumps(value)}" for name, value in bars.items()]
    path.write_text("[[gate]]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "bar,passed",
    [
        ({"method": "fine-tuned", "metric": MR, "at_least": 5.0}, True),
        ({"method": "fine-tuned", "metric": MR, "at_least": 99.5}, False),
        ({"method": "fine-tuned", "metric": MR, "at_least": 0.1, "over": "zero-shot", "by": "low"}, True),
        ({"method": "zero-shot", "metric": MR, "at_least": 0.0, "over": "fine-tuned"}, False),
        ({"method": "other model", "metric": MR, "at_least": -99.0, "over": "fine-tuned"}, True),
        ({"method": "nothing such", "metric": MR, "at_least": 0.0}, False),
    ],
)
def test_gate(done, settings, corpus, tmp_path, bar, passed):
    gate = write_gate(tmp_path / "gate.toml", **bar)
    asked = replace(settings, out=tmp_path / "gated", work=settings.work_folder, gate=gate)
    found = validate_release(asked, DrawnLearner(corpus))
    assert found.passed is passed
    line = found.findings.verdicts[0].describe()
    assert line.startswith("gate passed" if passed else "gate failed") and bar["method"] in line
    assert line.replace("'", "&#39;") in (tmp_path / "gated" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text,expected",
    [
        ("", "gate"),
        ("[[gate]]\nmethod = 3", "gate.0.method"),
        ('[[gate]]\nmethod = "a"\nmetric = "R@2"\nat_least = 1', "no such metric"),
        ('[[gate]]\nmethod = "a"\nmetric = "MR"\nat_least = nan', "finite"),
        ('[[gate]]\nmethod = "a"\nmetric = "MR"\nat_least = 1\nover_ = "b"', "over_"),
        ("[[gate", "not TOML"),
    ],
)
def test_a_wrong_gate_file_is_one_line(tmp_path, text, expected):
    path = tmp_path / "gate.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GateError, match=expected) as caught:
        read_gate(path)
    assert "\n" not in str(caught.value) and str(path) in str(caught.value)


def test_a_wrong_call_begins_nothing(settings, corpus, tmp_path):
    learner = DrawnLearner(corpus)
    for wrong in ({"gate": tmp_path / "none.toml"}, {"release": tmp_path}, {"features": tmp_path}):
        with pytest.raises(BaselineError):
            validate_release(replace(settings, out=tmp_path / "out", **wrong), learner)
    assert not (tmp_path / "out").exists() and learner.loaded == 0


def test_a_release_without_test_texts_is_refused(tmp_path):
    release = write_drawn_release(tmp_path, count=1, closed=0)
    with pytest.raises(CorpusError, match="test split"):
        validate_release(ValidationSettings(release, tmp_path / "out"), None)


def test_subsets_pick_queries_by_column(corpus):
    test = corpus.splits["test"]
    subsets = {s.name: s for s in list_subsets(test, find_near_duplicates(corpus, "test"), fewest=5)}
    kind = subsets["kind: pattern"]
    assert [p.kind == "pattern" for p in test.pictures] == kind.images.tolist()
    for text, asked in enumerate(kind.texts):
        kinds = {test.pictures[i].kind for i in test.images_of_text[text]}
        assert asked == ("pattern" in kinds)
    assert "review: reviewed only" not in subsets, "no pair of this release was reviewed"
    assert "series: silk" not in subsets, "all are silk: the whole is no subset"
    ranks = Ranks(np.arange(len(test.texts), dtype=np.int32), np.arange(len(test.pictures), dtype=np.int32))
    assert kind.pick(ranks).text_to_image.tolist() == np.flatnonzero(kind.texts).tolist()


def test_near_duplicates_are_found_in_all_splits(corpus):
    near = find_near_duplicates(corpus, "test", bits=0)
    assert near is not None and not near.any(), "the drawn pHashes differ from each other"
    wide = find_near_duplicates(corpus, "test", bits=64)
    assert wide is not None and wide.all()
