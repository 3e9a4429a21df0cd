"""HTML pages in one file each: their templates, and the look that they share."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"


def load_templates(folder: Path = TEMPLATES) -> Environment:
    """The templates in `folder`, which may include `page.css`; values are escaped, none may be undefined."""
    return Environment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
