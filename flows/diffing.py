"""`culti diff`: two releases compared; a table on the terminal, JSON and HTML where asked for."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from extractors.whole_files import write_atomically
from flows.configuration import ConfigurationError
from flows.console import say, show_path

if TYPE_CHECKING:
    from rich.text import Text

    from export.diff import ReleaseDiff

_EXAMPLES = 4
# Where nobody watches, as in a file; pictures of characters take two columns each.
_WIDTH = 110
_WORDS = ("description", "title", "caption")


def run_diff(options: argparse.Namespace) -> int:
    """The command; 0 whatever differs, 2 where one of the two is no release."""
    from export.diff import compare_releases
    from export.reading import ReleaseError
    from export.release_table import read_release

    for path in (options.json, options.html):
        if path is not None and (path.is_dir() or not path.resolve().parent.is_dir()):
            raise ConfigurationError(f"{path} cannot be written; give a file in a folder that exists")
    try:
        old, new = read_release(options.old), read_release(options.new)
    except ReleaseError as error:
        raise ConfigurationError(str(error)) from error
    diff = compare_releases(old, new)
    if options.json is not None:
        from export.diff_json import describe_diff

        _write(options.json, json.dumps(describe_diff(diff), ensure_ascii=False, indent=1) + "\n")
    if options.html is not None:
        from export.diff_page import render_diff

        _write(options.html, render_diff(diff))
    show_diff(diff)
    for path in (options.json, options.html):
        if path is not None:
            say(f"written   {show_path(path)}")
    return 0


def _write(path: Path, text: str) -> None:
    # A text of a damaged release may hold half a character, which no file can.
    write_atomically(path, text.encode("utf-8", "replace"))


def show_diff(diff: ReleaseDiff) -> None:
    """A table of how many pairs changed how, with some examples of each."""
    from rich.console import Console
    from rich.table import Table

    from export.diff import CATEGORIES

    old, new = diff.old, diff.new
    console = Console(file=sys.stdout, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH
    table = Table(title=f"{old.name} {old.version} → {new.name} {new.version}", title_justify="left")
    for heading, justify in (
        ("change", "left"),
        ("pairs", "right"),
        ("for example", "left"),
        ("what", "left"),
    ):
        table.add_column(heading, justify="right" if justify == "right" else "left", overflow="fold")
    table.add_row("unchanged", str(diff.unchanged), end_section=True)
    for name, title in CATEGORIES.items():
        places = diff.changes[name]
        for nth, place in enumerate(places[:_EXAMPLES]):
            head = (title.partition(":")[0], str(len(places))) if nth == 0 else ("", "")
            last = nth + 1 == min(len(places), _EXAMPLES)
            table.add_row(*head, _name_figure(diff, place), _show_change(diff, name, place), end_section=last)
    if diff.merges:
        table.add_row("groups merged", str(sum(m.pairs for m in diff.merges)), f"{len(diff.merges)} now")
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        say(line.rstrip())
    say(f"{len(old.rows)} pairs before, {len(new.rows)} now")
    for release in (old, new):
        if release.lacking:
            say(f"note: {release.name} {release.version} has no column {', '.join(release.lacking)}")


def _name_figure(diff: ReleaseDiff, place: int) -> str:
    row = diff.row(place, "new") or diff.row(place, "old") or {}
    page = f" p. {row['page']}" if row["page"] else ""
    return _make_printable(f"{row['document']}{page}")


def _show_change(diff: ReleaseDiff, name: str, place: int) -> Text:
    """What changed, in a few words."""
    from rich.text import Text

    from export.diff_text import diff_characters, shorten_pieces

    old, new = diff.row(place, "old"), diff.row(place, "new")
    row = new or old or {}
    line = Text()
    if old is None or new is None:
        return line.append(
            f"{_shorten(row['title'] or row['caption'] or row['description'])} {row['pair_id']}"
        )
    if name in _WORDS:
        for tag, text in shorten_pieces(diff_characters(old[name] or "", new[name] or "")):
            shown = _make_printable(text)
            style = {"-": "red strike", "+": "green"}.get(tag, "")
            line.append({"-": f"[-{shown}-]", "+": f"{{+{shown}+}}"}.get(tag, shown), style=style)
    elif name == "re-paired":
        line.append(f"{_shorten(old['caption'])} → {_shorten(new['caption'])}")
    elif name == "moved":
        line.append(
            f"{old['pair_id']} → {new['pair_id']}" if old["pair_id"] != new["pair_id"] else "same pair_id"
        )
    elif name == "image":
        line.append(f"{old['width']}×{old['height']} → {new['width']}×{new['height']}")
    else:
        column = "review_status" if name == "review" else name
        why = f" ({diff.reasons[place]})" if name == "split" else ""
        line.append(_make_printable(f"{old[column]} → {new[column]}{why}"))
    return line


def _make_printable(text: str) -> str:
    """What a PDF calls text may hold signs that a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)


def _shorten(text: str | None, limit: int = 24) -> str:
    words = _make_printable(" ".join((text or "no text").split()))
    return words if len(words) <= limit else words[: limit - 1] + "…"
