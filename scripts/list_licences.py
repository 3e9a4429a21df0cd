"""The licences of all installed packages, as they state them: a table in Markdown.

    python scripts/list_licences.py [--out FILE]

What asks more of users than attribution is listed first, with what culti needs it for.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import re
import sys
from pathlib import Path

# A copyleft licence asks something of who passes the program on; so does the lack of any.
_STRICT = re.compile(
    r"\b(A|L)?GPL|affero|general public|mozilla|MPL|EUPL|CC-BY-NC|non-?commercial|unknown", re.I
)
_LONG = 60
_KNOWN = {
    "pymupdf": "the default reader; `--reader pdfplumber` works without it",
    "certifi": "certificates, unchanged; brought by HTTP clients",
    "tqdm": "progress bars; brought by Hugging Face's packages",
}


def find_licence(package: importlib.metadata.Distribution) -> str:
    """What a package says of its licence: SPDX expression, classifiers, or the first line of a text."""
    about = package.metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    classifiers = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or []
        if line.startswith("License ::") and not line.endswith("OSI Approved")
    ]
    if classifiers:
        return "; ".join(classifiers)
    lines = str(about.get("License") or "").strip().splitlines()
    return lines[0][:_LONG] if lines else "unknown"


def list_licences() -> list[tuple[str, str, str]]:
    """(name, version, licence) of each installed package, by name."""
    found = {
        package.metadata["Name"].lower(): (package.metadata["Name"], package.version, find_licence(package))
        for package in importlib.metadata.distributions()
        if package.metadata["Name"]
    }
    return [found[name] for name in sorted(found)]


def write_table(rows: list[tuple[str, str, str]]) -> str:
    """The report."""
    strict = [row for row in rows if _STRICT.search(row[2])]
    lines = [
        "# Licences of the installed packages",
        "",
        f"{len(rows)} packages, as they state it themselves.",
        "",
    ]
    lines += [
        "## Copyleft, or none stated",
        "",
        "| package | version | licence | note |",
        "|---|---|---|---|",
    ]
    lines += [f"| {n} | {v} | {_cell(li)} | {_KNOWN.get(n.lower(), '')} |" for n, v, li in strict]
    lines += ["", "## All", "", "| package | version | licence |", "|---|---|---|"]
    lines += [f"| {name} | {version} | {_cell(licence)} |" for name, version, licence in rows]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    text = write_table(list_licences())
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
