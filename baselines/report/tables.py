"""table.md and table.tex: the results as one table, quoted rows below, by pandas."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from baselines.findings import Findings
from baselines.metrics import MR, RECALLS
from baselines.quoted import PAPER, SOURCE
from baselines.statistics import Interval
from baselines.verdicts import describe_p

_HEADS = {
    **{f"text_to_image_R@{k}": f"T→I R@{k}" for k in (1, 5, 10)},
    **{f"image_to_text_R@{k}": f"I→T R@{k}" for k in (1, 5, 10)},
    MR: "MR",
}


def tabulate(findings: Findings) -> pd.DataFrame:
    """One row a method, then the quoted ones; numbers as text, with 95 % intervals where they are ours."""
    rows = []
    for summary in findings.summaries:
        gain = summary.gain
        rows.append(
            {
                "model": summary.name,
                **_cells(summary.intervals),
                "MR on validation": f"{summary.validation[MR]:.1f}" if summary.validation else "",
                "gain in MR": "" if gain is None else _show_points(gain.points[MR]),
                "p": ""
                if gain is None
                else describe_p(gain.p_holm[MR]).removeprefix("p").removeprefix(" = "),
            }
        )
    for row in PAPER:
        quoted = {_HEADS[name]: f"{value:.1f}" for name, value in row.metrics().items()}
        rows.append({"model": f"{row.model} (quoted)", **quoted})
    return pd.DataFrame(rows).fillna("")


def _cells(intervals: Mapping[str, Interval]) -> dict[str, str]:
    return {_HEADS[name]: show_interval(intervals[name]) for name in (*RECALLS, MR)}


def show_interval(interval: Interval) -> str:
    """23.4 [20.1, 26.8]"""
    return f"{interval.value:.1f} [{interval.low:.1f}, {interval.high:.1f}]"


def _show_points(interval: Interval) -> str:
    return f"{interval.value:+.1f} [{interval.low:+.1f}, {interval.high:+.1f}]"


def write_tables(folder: Path, findings: Findings) -> None:
    """Writes table.md and table.tex."""
    table = tabulate(findings)
    caption = _describe(findings)
    markdown = f"{table.to_markdown(index=False, disable_numparse=True)}\n\n{caption}\n"
    (folder / "table.md").write_text(markdown, encoding="utf-8", newline="\n")
    latex = table.map(lambda cell: str(cell).replace("<", "$<$")).rename(
        columns=lambda name: str(name).replace("→", "$\\to$")
    )
    latex["model"] = [_escape(name) for name in latex["model"]]
    text = latex.to_latex(
        index=False,
        column_format="l" + "r" * (len(latex.columns) - 1),
        caption=_escape(caption),
        label="tab:culti-validation",
    )
    (folder / "table.tex").write_text(text, encoding="utf-8", newline="\n")


def _describe(findings: Findings) -> str:
    corpus = findings.corpus
    test = corpus.splits["test"]
    return (
        f"{corpus.name} {corpus.version}, test split: {len(test.texts)} texts, {len(test.pictures)} images, "
        f"{len(findings.seeds)} seed{'s' if len(findings.seeds) > 1 else ''}. In brackets 95 % intervals "
        "(bootstrap over groups and seeds); p by paired randomisation, after Holm's correction. "
        f"MR is the mean of the six recalls. Quoted rows: {SOURCE}."
    )


def _escape(text: str) -> str:
    for sign in "&%_#":
        text = text.replace(sign, f"\\{sign}")
    return text
