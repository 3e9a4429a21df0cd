"""table.md and table.tex: the results as one table, quoted rows below, by pandas."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from baselines.findings import Findings
from baselines.metrics import MR, RECALLS
from baselines.quoted import PAPER, SOURCE, QuotedRow, find_contained
from baselines.statistics import Interval
from baselines.verdicts import describe_p

_HEADS = {
    **{f"text_to_image_R@{k}": f"T→I R@{k}" for k in (1, 5, 10)},
    **{f"image_to_text_R@{k}": f"I→T R@{k}" for k in (1, 5, 10)},
    MR: "MR",
}
# What LaTeX would take for orders, and what its first fonts have not.
_LATEX = str.maketrans(
    {
        **{sign: f"\\{sign}" for sign in "&%_#${}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": "$<$",
        "→": r"$\to$",
    }
)


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
    rows += [_quote(row, findings) for row in PAPER]
    return pd.DataFrame(rows).fillna("")


def _quote(row: QuotedRow, findings: Findings) -> dict[str, str]:
    """A row of the paper's, a star where an interval of ours contains the number."""
    contained = [find_contained(row, summary.intervals) for summary in findings.summaries]
    cells = {
        _HEADS[name]: f"{value:.1f}{'*' if any(c[name] for c in contained) else ''}"
        for name, value in row.metrics().items()
    }
    return {"model": f"{row.model} (quoted)", **cells}


def _cells(intervals: Mapping[str, Interval]) -> dict[str, str]:
    return {_HEADS[name]: show_interval(intervals[name]) for name in (*RECALLS, MR)}


def show_interval(interval: Interval) -> str:
    """23.4 [20.1, 26.8]"""
    return f"{interval.value:.1f} [{interval.low:.1f}, {interval.high:.1f}]"


def _show_points(interval: Interval) -> str:
    return f"{interval.value:+.1f} [{interval.low:+.1f}, {interval.high:+.1f}]"


def write_tables(folder: Path, findings: Findings) -> None:
    """Writes table.md and table.tex, which needs the LaTeX packages booktabs and graphicx."""
    table = tabulate(findings)
    caption = _describe(findings)
    named = table.assign(model=[name.replace("|", "\\|") for name in table["model"]])
    markdown = f"{named.to_markdown(index=False, disable_numparse=True)}\n\n{caption}\n"
    (folder / "table.md").write_text(markdown, encoding="utf-8", newline="\n")
    text = (
        table.map(_escape)
        .rename(columns=_escape)
        .to_latex(
            index=False,
            column_format="l" + "r" * (len(table.columns) - 1),
            caption=_escape(caption),
            label="tab:culti-validation",
        )
    )
    # Wider than a page's text, whatever the page.
    begin, end = "\\begin{tabular}", "\\end{tabular}"
    text = text.replace(begin, "\\resizebox{\\linewidth}{!}{" + begin).replace(end, f"{end}}}")
    (folder / "table.tex").write_text(text, encoding="utf-8", newline="\n")


def _describe(findings: Findings) -> str:
    corpus = findings.corpus
    test = corpus.splits["test"]
    return (
        f"{corpus.name} {corpus.version}, test split: {len(test.texts)} texts, {len(test.pictures)} images, "
        f"{len(findings.seeds)} seed{'s' if len(findings.seeds) > 1 else ''}. In brackets 95 % intervals "
        "(bootstrap over groups and seeds); p by paired randomisation, after Holm's correction. "
        f"MR is the mean of the six recalls. Quoted rows: {SOURCE}; a star: within the interval of one "
        "of our rows."
    )


def _escape(text: str) -> str:
    return text.translate(_LATEX)
