"""What helped, in sentences: by how much, with its interval, and what the data cannot tell."""

from __future__ import annotations

from collections.abc import Sequence

from baselines.metrics import MR
from baselines.results import SIGNIFICANT, Gain, Summary

_ARROWS = {"text_to_image_mean_recall": "text to image", "image_to_text_mean_recall": "image to text"}


def describe_gain(summary: Summary, gain: Gain, metric: str = MR) -> str:
    """One sentence on a method against its baseline."""
    points = gain.points[metric]
    before = summary.metrics[metric] - points.value
    return (
        f"{summary.name}: {metric} {before:.1f} → {summary.metrics[metric]:.1f}, "
        f"{describe_points(gain, metric)} over {gain.over}"
    )


def describe_points(gain: Gain, metric: str = MR) -> str:
    """+1.2 points (95 % interval 0.3 to 2.2, p = 0.012 after Holm's correction)"""
    points = gain.points[metric]
    return (
        f"{points.value:+.1f} points (95 % interval {points.low:+.1f} to {points.high:+.1f}, "
        f"{describe_p(gain.p_holm[metric])})"
    )


def describe_p(p: float) -> str:
    """p = 0.012, or p < 0.001"""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def list_verdicts(summaries: Sequence[Summary]) -> tuple[str, ...]:
    """The report's first words: fine-tuning, then what helped, what hurt, what cannot be told."""
    compared = [(s, s.gain) for s in summaries if s.gain is not None]
    main = [(s, g) for s, g in compared if s.name == "fine-tuned"]
    rest = [(s, g) for s, g in compared if s.name != "fine-tuned"]
    lines = [describe_gain(s, g) + "." for s, g in main]
    for word in ("helped", "hurt"):
        lines += [
            f"{s.name} {word}: MR {describe_points(g)}; {_by_direction(g)}."
            for s, g in rest
            if g.judge() == word
        ]
    unclear = [f"{s.name} ({g.points[MR].value:+.1f})" for s, g in rest if not g.judge()]
    if unclear:
        lines.append(
            f"No difference in MR that these queries can show (p ≥ {SIGNIFICANT} after Holm's correction): "
            + ", ".join(unclear)
            + "."
        )
    one_way = [
        f"{s.name}, {way}: mean recall {describe_points(g, metric)}"
        for s, g in rest
        if not g.judge()
        for metric, way in _ARROWS.items()
        if g.judge(metric)
    ]
    lines += [line + "." for line in one_way]
    return tuple(lines)


def _by_direction(gain: Gain) -> str:
    return ", ".join(f"{way} {gain.points[metric].value:+.1f}" for metric, way in _ARROWS.items())
