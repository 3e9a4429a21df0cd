"""report.html: one file that shows a validation, for people; needs no network and obeys the books' rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from baselines.corpus import read_image_bytes
from baselines.findings import Findings
from baselines.metrics import DIRECTIONS, MR, RECALLS, measure_chance
from baselines.quoted import PAPER, SOURCE, find_contained
from baselines.report.charts import Line, Series, draw_bars, draw_gains, draw_lines
from baselines.report.pictures import Pictures, ReadBytes
from baselines.report.queries import Query, list_galleries
from baselines.results import SIGNIFICANT, Summary
from baselines.scenes import list_boxes
from baselines.verdicts import describe_p, list_verdicts
from export.pages import load_templates

REPORT = "report.html"
# At most 30 MB, like the release's own report; a small part of it is tables.
PICTURE_BYTES = 12_000_000
_ANSWERS = 3
_CROPPED = 6
_THUMBNAIL_PX, _CROPPED_PX = 150, 340
_GAINED = (MR, "text_to_image_mean_recall", "image_to_text_mean_recall")
_GAINED_NAMES = ("MR, points", "text to image, mean recall", "image to text, mean recall")
_LABELS = tuple(f"{way} R@{k}" for way in ("text→image", "image→text") for k in (1, 5, 10))
# The style sheet has so many colours: bars are no more, lines begin again.
TONES = 6


def write_page(path: Path, findings: Findings, read: ReadBytes = read_image_bytes) -> None:
    """Writes the page."""
    path.write_text(render_page(findings, read), encoding="utf-8", newline="\n")


def render_page(findings: Findings, read: ReadBytes = read_image_bytes) -> str:
    """The page as HTML. `read` gives the bytes of a picture that may be shown."""
    environment = load_templates(Path(__file__).parent / "templates")
    environment.filters["p"] = describe_p
    environment.filters["setting"] = describe_setting
    pictures = Pictures(read, PICTURE_BYTES)
    test = findings.corpus.splits["test"]
    parts: dict[str, Any] = {
        "findings": findings,
        "corpus": findings.corpus,
        "test": test,
        "base": findings.get(findings.base),
        "verdicts": list_verdicts(findings.summaries),
        "recalls": RECALLS,
        "best": _find_best(findings.summaries),
        "bars": _draw_bars(findings),
        "bar_names": [(s.name, n) for n, s in enumerate(_pick_bars(findings))],
        "gains": _draw_gains(findings.summaries),
        "curves": _draw_curves(findings),
        "tones": TONES,
        "chosen": _list_choices(findings),
        "crops": _draw_crops(findings, pictures),
        "galleries": [
            (gallery, [_draw_query(findings, query, pictures) for query in gallery.queries])
            for gallery in list_galleries(findings)
        ],
        "quoted": [(row, row.metrics(), _list_within(findings, row.model)) for row in PAPER],
        "quoted_source": SOURCE,
        "significant": SIGNIFICANT,
        "directions": DIRECTIONS,
    }
    return environment.get_template("validation.html.j2").render(parts, hidden=len(pictures.hidden))


def describe_setting(setting: Mapping[str, float]) -> str:
    """whole 0.4, strength 0.5"""
    return ", ".join(f"{name} {value:g}" for name, value in setting.items()) or "–"


def _find_best(summaries: Sequence[Summary]) -> dict[str, float]:
    """The best mean of each metric among our rows, to be set in bold."""
    return {name: max(s.metrics[name] for s in summaries) for name in (*RECALLS, MR)}


def _pick_bars(findings: Findings) -> list[Summary]:
    """The rows that stand alone, and the variant that validation likes best."""
    alone = [s for s in findings.summaries if not s.method.baseline or s.name == findings.base]
    featured = [s for s in findings.summaries if s.name == findings.featured and s not in alone]
    return (alone + featured)[:TONES]


def _draw_bars(findings: Findings) -> Markup:
    test = findings.corpus.splits["test"]
    chance = measure_chance(len(test.texts), len(test.pictures))
    series = [
        Series(s.name, n, [s.intervals[name] for name in RECALLS]) for n, s in enumerate(_pick_bars(findings))
    ]
    return draw_bars(_LABELS, series, [chance[name] for name in RECALLS])


def _draw_gains(summaries: Sequence[Summary]) -> list[tuple[str, Markup]]:
    """A plot for each row that others are compared with."""
    found = []
    for over in dict.fromkeys(s.gain.over for s in summaries if s.gain is not None):
        rows = [
            (
                s.name,
                [s.gain.points[metric] for metric in _GAINED],
                [s.gain.judge(metric) for metric in _GAINED],
            )
            for s in summaries
            if s.gain is not None and s.gain.over == over
        ]
        found.append((over, draw_gains(rows, _GAINED_NAMES)))
    return found


def _draw_curves(findings: Findings) -> list[Markup]:
    toned = [(n % TONES, curve) for n, curve in enumerate(findings.curves)]
    losses = [Line(f"seed {c.seed}", tone, c.steps, c.losses) for tone, c in toned]
    recalls = [Line(f"seed {c.seed}", tone, c.epochs, c.recalls, c.best_epoch) for tone, c in toned]
    plots = [
        draw_lines("Training loss", "optimizer step", losses, from_zero=True),
        draw_lines("MR on validation; ring: kept", "epoch", recalls),
    ]
    return [plot for plot in plots if plot]


def _list_choices(findings: Findings) -> list[tuple[str, str, list[tuple[int, str, str]]]]:
    """(method, what it does, (seed, setting there, setting back)) of the methods that had a choice."""
    found = []
    for summary in findings.summaries:
        runs = [run for run in summary.method.runs if any(c.setting for c in run.choices.values())]
        lines = []
        for run in runs:
            there, back = (describe_setting(run.choices[d].setting) for d in DIRECTIONS)
            lines.append((run.seed, there, back))
        if lines:
            found.append((summary.name, summary.method.about, lines))
    return found


def _draw_crops(findings: Findings, pictures: Pictures) -> list[tuple[Markup, str]]:
    """Pictures of different groups with their crops, and their text."""
    if findings.crops is None:
        return []
    test = findings.corpus.splits["test"]
    firsts = {picture.group_id: n for n, picture in reversed(list(enumerate(test.pictures)))}
    places = sorted(firsts.values())
    places = places[:: max(1, len(places) // _CROPPED)][:_CROPPED]
    found = []
    for place in places:
        picture = test.pictures[place]
        boxes = list_boxes([picture], findings.crops.settings)[0]
        drawn = pictures.draw_crops(picture, boxes, findings.crops.weights[place], _CROPPED_PX)
        found.append((drawn, test.texts[test.texts_of_image[place][0]]))
    return found


def _draw_query(findings: Findings, query: Query, pictures: Pictures) -> dict[str, Any]:
    """What the template shows of one query: what was asked, what was right, what was answered."""
    test = findings.corpus.splits["test"]
    by_text = query.direction == "text_to_image"

    def show(item: int) -> Markup | str:
        return pictures.draw(test.pictures[item], _THUMBNAIL_PX) if by_text else test.texts[item]

    rows = [(findings.base, query.rank, query.answers)]
    if query.other_rank is not None:
        rows.append((findings.featured, query.other_rank, query.other_answers))
    return {
        "by_text": by_text,
        "asked": test.texts[query.place]
        if by_text
        else pictures.draw(test.pictures[query.place], _THUMBNAIL_PX),
        "right": show(query.right),
        "rows": [
            (name, rank, [(show(a.item), a.right) for a in answers[:_ANSWERS]])
            for name, rank, answers in rows
        ],
    }


def _list_within(findings: Findings, model: str) -> dict[str, list[str]]:
    """Metric → our rows whose interval contains the quoted number."""
    row = next(r for r in PAPER if r.model == model)
    found: dict[str, list[str]] = {}
    for summary in findings.summaries:
        for name, within in find_contained(row, summary.intervals).items():
            if within:
                found.setdefault(name, []).append(summary.name)
    return found
