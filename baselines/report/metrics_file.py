"""metrics.json: every number, with the release, weights, seeds, settings and environment it comes from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from baselines.findings import Findings
from baselines.metrics import measure, measure_chance
from baselines.quoted import PAPER, SOURCE, find_contained
from baselines.results import Summary
from baselines.verdicts import list_verdicts

FORMAT, FORMAT_VERSION = "culti-validation", 1


def describe_findings(findings: Findings) -> dict[str, Any]:
    """The file as Python values; numbers that are none (a spread over one seed) are null."""
    corpus = findings.corpus
    test = corpus.splits["test"]
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "release": {
            "name": corpus.name,
            "version": corpus.version,
            "sha256": corpus.release_sha256,
            "rows_without_text": corpus.left_out,
            "splits": {
                name: {"texts": len(split.texts), "images": len(split.pictures)}
                for name, split in corpus.splits.items()
            },
        },
        "model": dict(findings.model),
        "settings": dict(findings.settings),
        "seeds": list(findings.seeds),
        "environment": dict(findings.environment),
        "definitions": {
            "rank": "1 + irrelevant items that score at least as high as the best relevant one",
            "recall": "per cent of queries",
            "MR": "mean of the six recalls",
            "mean_recall": "mean of R@1, R@5, R@10 of one direction",
            "interval": "95 %, percentile bootstrap over groups and seeds, 5000 resamples",
            "p": "two-sided, paired randomisation by group; p_holm: Holm over the rows with one baseline",
        },
        "chance": dict(measure_chance(len(test.texts), len(test.pictures))),
        "base": findings.base,
        "featured": findings.featured,
        "methods": [_describe_method(summary) for summary in findings.summaries],
        "verdicts": list(list_verdicts(findings.summaries)),
        "curves": [asdict(curve) for curve in findings.curves],
        "quoted": {"source": SOURCE, "rows": _describe_quoted(findings)},
        "gate": [{**v.bar.model_dump(), "found": v.found, "passed": v.passed} for v in findings.verdicts],
        "notes": list(findings.notes),
    }


def write_metrics(path: Path, findings: Findings) -> None:
    """Writes the file, valid JSON that any reader takes."""
    text = json.dumps(_clean(describe_findings(findings)), ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _describe_method(summary: Summary) -> dict[str, Any]:
    gain = summary.gain
    return {
        "name": summary.name,
        "about": summary.method.about,
        "metrics": dict(summary.metrics),
        "intervals": {name: [i.low, i.high] for name, i in summary.intervals.items()},
        "spread": {name: asdict(spread) for name, spread in summary.spread.items()},
        "validation": dict(summary.validation),
        "subsets": {name: dict(values) for name, values in summary.subsets.items()},
        "runs": [
            {
                "seed": run.seed,
                "metrics": measure(run.test),
                "chosen": {
                    d: {**c.setting, "validation_mean_recall": c.mean_recall} for d, c in run.choices.items()
                },
            }
            for run in summary.method.runs
        ],
        "gain": None
        if gain is None
        else {
            "over": gain.over,
            "points": {name: asdict(points) for name, points in gain.points.items()},
            "p": dict(gain.p),
            "p_holm": dict(gain.p_holm),
        },
    }


def _describe_quoted(findings: Findings) -> list[dict[str, Any]]:
    return [
        {
            "model": row.model,
            "metrics": row.metrics(),
            "within_our_interval": {
                summary.name: find_contained(row, summary.intervals) for summary in findings.summaries
            },
        }
        for row in PAPER
    ]


def _clean(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else (None if math.isnan(value) else str(value))
    if isinstance(value, Mapping):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
