"""What `culti doctor` looks at beside the packages: bad combinations, models, fonts, disk, GPU, Prefect.

Each check gives its findings: a line, and the command that cures it where something is wrong.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from extractors.downloads import VARIABLE, may_download

FindVersion = Callable[[str], str]
# Room for a store, overlays and a release of some books.
_LITTLE_ROOM = 5 * 2**30
_OPENCV = ("opencv-python", "opencv-python-headless", "opencv-contrib-python")
_SECONDS_TO_ANSWER = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """A line of the doctor's. `is_bad` where a job would fail for it; a `cure` may be worth it without."""

    line: str
    cure: str = ""
    is_bad: bool = False

    def describe(self) -> str:
        """The line, and the cure behind an arrow."""
        return f"{self.line}  →  {self.cure}" if self.cure else self.line


def describe_machine() -> str:
    """Python, system, CPUs and memory."""
    cpus = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    try:
        memory = f", {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GB of memory"
    except (AttributeError, ValueError, OSError):
        memory = ""
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {cpus} CPUs{memory}"
    )


def check_versions(requirements: Sequence[Requirement], find: FindVersion) -> Iterator[Finding]:
    """Packages that are installed in a version that culti was not made for."""
    for requirement in requirements:
        version = find(requirement.name)
        if version and not requirement.specifier.contains(version, prereleases=True):
            wanted = f"{requirement.name}{requirement.specifier}"
            yield Finding(
                f"{requirement.name} {version} is not one that works here", f"pip install '{wanted}'", True
            )


def check_combinations(find: FindVersion) -> Iterator[Finding]:
    """Packages that are each right and wrong together; those that were met, and what they did."""
    versions = {name: find(name) for name in _OPENCV}
    if len({version for version in versions.values() if version}) > 1:
        listed = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
        wanted = " ".join(f"{name}==4.10.0.84" for name in _OPENCV)
        yield Finding(
            f"OpenCV packages differ and overwrite each other: {listed}", f"pip install {wanted}", True
        )
    fastapi = find("fastapi")
    if fastapi and SpecifierSet(">=0.155").contains(fastapi):
        yield Finding(
            f"fastapi {fastapi}: Prefect's server does not import",
            "pip install 'fastapi>=0.139,<0.151'",
            True,
        )
    if find("paddlex") and SpecifierSet(">=2.4").contains(find("numpy") or "0"):
        yield Finding(
            f"numpy {find('numpy')}: PaddleOCR does not work", "pip install 'numpy>=1.26,<2.4'", True
        )
    torch, vision = find("torch"), find("torchvision")
    if torch and vision and _minor(vision) != _minor(torch) + 15:
        wanted = f"pip install 'torchvision==0.{_minor(torch) + 15}.*'"
        yield Finding(f"torchvision {vision} was not built for torch {torch}", wanted)


def _minor(version: str) -> int:
    """2.13.0 → 13; torchvision 0.28 belongs to torch 2.13, and so on upwards."""
    found = re.match(r"\d+\.(\d+)", version)
    return int(found[1]) if found else 0


def check_models() -> Iterator[Finding]:
    """The models that come with the packages, by their hashes."""
    from extractors.model_hashes import judge_model
    from extractors.ocr_models import DETECTION_MODEL, RECOGNITION_MODEL, find_bundled_model

    again = "pip install --force-reinstall --no-deps rapidocr"
    for model in (DETECTION_MODEL, RECOGNITION_MODEL):
        try:
            state = judge_model(find_bundled_model(model))
        except Exception as error:  # whatever it is, scans cannot be read
            yield Finding(f"OCR models: {error}", again, True)
            continue
        if state == "damaged":
            yield Finding(f"OCR models: {model} is damaged, by its sha256", again, True)
        elif state == "unknown":
            yield Finding(f"OCR models: {model} is whole, but not the one that culti was tried with")
        else:
            yield Finding(f"OCR models: {model}, sha256 as known")
    yield from _check_tiny()
    if may_download():
        yield Finding(f"downloads: models asked for by name are fetched ({VARIABLE} is set)")
    else:
        yield Finding(f"downloads: none; {VARIABLE}=1 allows models that are asked for by name")


def _check_tiny() -> Iterator[Finding]:
    from baselines.architectures import TINY_WEIGHTS
    from baselines.errors import BaselineError
    from baselines.weights import is_whole

    try:
        whole = is_whole(TINY_WEIGHTS)
    except (BaselineError, OSError):
        whole = False
    if whole:
        yield Finding("validation model: tiny, sha256 as known")
    else:
        yield Finding("validation model: tiny is missing or damaged", "install culti again", True)


def check_fonts() -> Iterator[Finding]:
    """The font of the sample books, and those that a browser here would show Chinese with."""
    if importlib.util.find_spec("pymupdf") is None:
        yield Finding("fonts: none to typeset sample books with", "pip install pymupdf")
    else:
        yield Finding("fonts: Droid Sans Fallback, in PyMuPDF, for sample books")
    listed = _ask("fc-list", ":lang=zh", "family")
    if listed is not None:
        families = len(set(listed.split("\n")) - {""})
        cure = "" if families else "install a Chinese font, such as Debian's fonts-noto-cjk"
        yield Finding(f"fonts: {families} of this system have Chinese, for reports in a browser", cure)


def check_room(folder: Path) -> Iterator[Finding]:
    """Free disk space where the command is given, and where temporary files go."""
    for place, what in ((folder, "here"), (Path(tempfile.gettempdir()), "for temporary files")):
        free = shutil.disk_usage(place).free
        little = "; little for books of many plates" if free < _LITTLE_ROOM else ""
        yield Finding(f"disk: {free / 2**30:.0f} GB free {what}{little}")


def check_gpu(find: FindVersion) -> Iterator[Finding]:
    """An NVIDIA GPU, and whether torch is built for one; torch is not loaded for it, which takes seconds."""
    listed = _ask("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
    cards = [line.strip() for line in (listed or "").splitlines() if line.strip()]
    torch = find("torch")
    if not cards:
        apple = platform.system() == "Darwin" and platform.machine() == "arm64"
        yield Finding("GPU: Apple's, --device mps" if apple else "GPU: none; validation runs on the CPU")
    elif torch and _is_for_cpu():
        cure = "install torch for CUDA, as pytorch.org says"
        yield Finding(f"GPU: {', '.join(cards)}, but torch {torch} is built for the CPU alone", cure)
    else:
        yield Finding(f"GPU: {', '.join(cards)}" + ("" if torch else "; no torch to use it"))


def _is_for_cpu() -> bool:
    spec = importlib.util.find_spec("torch")
    try:
        text = (Path(spec.origin).parent / "version.py").read_text() if spec and spec.origin else ""
    except OSError:
        return False
    return bool(re.search(r"^cuda[^=]*= None", text, re.MULTILINE))


def check_tools(find: FindVersion) -> Iterator[Finding]:
    """A C compiler where the validate extra is still to be built, and Prefect's server."""
    if not find("cn_clip") and not any(shutil.which(name) for name in ("cc", "gcc", "clang")):
        yield Finding("no C compiler, which the validate extra needs", "install gcc, or Xcode's tools")
    if url := os.environ.get("PREFECT_API_URL"):
        yield check_server(url)
    else:
        yield Finding("Prefect: a server within each build; PREFECT_API_URL names another. Telemetry is off")


def check_server(url: str) -> Finding:
    """Whether Prefect's server answers."""
    import httpx

    try:
        httpx.get(f"{url.rstrip('/')}/health", timeout=_SECONDS_TO_ANSWER).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = " ".join(str(error).split())[:120] or type(error).__name__
        cure = "start it, or unset PREFECT_API_URL"
        return Finding(f"Prefect: the server at {url} does not answer ({why})", cure, True)
    return Finding(f"Prefect: the server at {url} answers")


def _ask(*command: str) -> str | None:
    """What a program says; None where there is none, or it fails."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=_SECONDS_TO_ANSWER, errors="replace"
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
