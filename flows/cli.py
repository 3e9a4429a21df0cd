"""The `culti` command: its options, and where each command's work is. Imports nothing heavy."""

from __future__ import annotations

import argparse
import importlib
import signal
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from export.convert import FORMATS
from export.publish.address import is_s3
from flows.collecting import collect_less
from flows.console import PROGRAM, complain
from flows.events import is_logging, tell_event, write_events
from flows.versions import find_version

EXIT_DONE, EXIT_FAILED, EXIT_WRONG_CALL, EXIT_INTERRUPTED = 0, 1, 2, 130

_UNITS = {"d": 86400, "h": 3600, "m": 60}

_EPILOG = """\
exit status: 0 all done; 1 something in the job failed, said and in the build report, the rest is done;
2 the call or the sources file was wrong, nothing begun."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status."""
    collect_less()
    options = make_parser().parse_args(arguments)
    started = time.monotonic()
    # Who asks the process to end gets the same clean end as who presses Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with write_events(options.log_json):
        tell_event("start", command=options.command_name, version=find_version(PROGRAM))
        status = _run(options)
        tell_event("end", status=status, seconds=round(time.monotonic() - started, 3))
    return status


def _run(options: argparse.Namespace) -> int:
    module, _, function = options.command.partition(":")
    try:
        status: int = getattr(importlib.import_module(module), function)(options)
    except KeyboardInterrupt:
        complain("interrupted; run the same command again to go on from here")
        return EXIT_INTERRUPTED
    except Exception as error:
        return _explain(error)
    return status


def _explain(error: Exception) -> int:
    from extractors.errors import CultiError
    from flows.configuration import ConfigurationError

    if isinstance(error, ConfigurationError):
        complain(str(error))
        return EXIT_WRONG_CALL
    if isinstance(error, CultiError):
        complain(str(error))
        return EXIT_FAILED
    if isinstance(error, ImportError):
        complain(f"{error}; `{PROGRAM} doctor` says what is missing")
        return EXIT_FAILED
    if isinstance(error, OSError) and error.strerror:
        complain(f"{error.filename or 'a file'}: {error.strerror}")
        return EXIT_FAILED
    if is_logging():
        # Not foreseen, so all of it is wanted; a traceback as it is would be no JSON.
        lines = traceback.format_exception(error)
        tell_event("trouble", message=f"{type(error).__name__}: {error}", traceback="".join(lines))
        return EXIT_FAILED
    raise error


def make_parser() -> argparse.ArgumentParser:
    """The parser of all commands; `command` is `module:function` of the one chosen."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="From a curator's PDF books to a data set of figures and their descriptions.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_init(commands)
    _add_demo(commands)
    _add_build(commands)
    _add_inspect(commands)
    _add_review(commands)
    _add_import(commands)
    _add_validate(commands)
    _add_encode(commands)
    _add_crop(commands)
    _add_verify(commands)
    _add_diff(commands)
    _add_convert(commands)
    _add_rehydrate(commands)
    _add_publish(commands)
    _add_gc(commands)
    doctor = commands.add_parser("doctor", help="say what is installed and what is missing")
    doctor.set_defaults(command="flows.doctor:run_doctor")
    for name, command in commands.choices.items():
        command.add_argument(
            "--log-json", action="store_true", help="events as JSON, an object a line, on standard error"
        )
        command.set_defaults(command_name=name)
    return parser


_Commands = argparse._SubParsersAction  # argparse has no public name for it


def _add_init(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("init", help="write a sources file to start from")
    parser.add_argument("pdf", nargs="+", type=_place, metavar="PDF", help="also s3://BUCKET/… or a prefix/")
    parser.add_argument("--out", type=Path, default=Path("sources.toml"), help="default: %(default)s")
    parser.set_defaults(command="flows.init_sources:run_init")


def _add_demo(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("demo", help="typeset sample books and build a release from them")
    parser.add_argument("--out", type=Path, default=Path("demo"), help="default: %(default)s")
    parser.add_argument("--workers", type=_count, metavar="N")
    parser.set_defaults(command="flows.demo:run_demo")


def _add_build(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("build", help="build a release from PDFs or from a sources file")
    parser.add_argument(
        "source",
        nargs="+",
        type=_place,
        metavar="PDF_OR_TOML",
        help="PDFs also as s3://…, or a prefix/ of them",
    )
    parser.add_argument(
        "--out", type=_place, required=True, help="the release directory, or s3://BUCKET/PREFIX to publish to"
    )
    parser.add_argument("--work", type=Path, help="store, overlays, logs; default: <out>.work")
    parser.add_argument(
        "--store", default="", metavar="URL", help="s3://…: keep results there, for others too"
    )
    parser.add_argument("--series", choices=("silk", "dunhuang", "other"), help="of PDFs given by name")
    parser.add_argument("--pages", default="", metavar="1-20", help="of PDFs given by name")
    parser.add_argument(
        "--previous", type=Path, metavar="RELEASE", help="the release before: its pairs keep their splits"
    )
    parser.add_argument("--name", help="of the release; default: as in the sources file")
    parser.add_argument("--version", help="of the release; default: as in the sources file")
    _add_reader(parser)
    parser.add_argument("--ocr", default="bundled", help="bundled, a PaddleOCR name, or a folder of models")
    _add_runner(parser)
    published = parser.add_argument_group("--out s3://…, as `publish` does it")
    _add_publishing(published)
    parser.add_argument("--explain", action="store_true", help="say why what was done was done again")
    ends = parser.add_argument_group("validation of the release, as `validate` does it")
    ends.add_argument("--validate", action="store_true", help="go on to fine-tuning, LACLIP and a report")
    _add_gate(ends)
    _add_model(ends, "", device=None)
    ends.add_argument("--seeds", type=_count, metavar="N", help="default: 3")
    parser.set_defaults(command="flows.building:run_build")


def _add_inspect(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("inspect", help="draw what is seen on the pages of a book, as PNG")
    parser.add_argument("pdf", type=Path, metavar="PDF")
    parser.add_argument("--out", type=Path, required=True, help="the folder for the pictures")
    parser.add_argument("--pages", default="", metavar="3-5")
    parser.add_argument("--series", choices=("silk", "dunhuang", "other"), default="other")
    parser.add_argument("--profile", default="", help="silk, mural, general, or a .toml file of your own")
    parser.add_argument("--password", default="")
    _add_reader(parser)
    parser.add_argument("--ocr", default="bundled", help="bundled, a PaddleOCR name, or a folder of models")
    parser.set_defaults(command="flows.inspect_book:run_inspect")


def _add_review(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "review", help="look at the pairs of a release on a local page, and put them right"
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument("--work", type=Path, help="of the build; default: <RELEASE>.work")
    parser.add_argument("--port", type=_port, default=8765, metavar="N", help="0: any; default: %(default)s")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="H", help="others than loopback need CULTI_REVIEW_PASSWORD"
    )
    parser.add_argument("--reviewer", default="", metavar="NAME", help="default: who is logged in")
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh", help="of the page; default: %(default)s"
    )
    parser.add_argument("--no-open", action="store_true", help="print the address only")
    parser.set_defaults(command="flows.reviewing:run_review")


def _add_import(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("import-culti", help="make a release of the official CulTi files")
    parser.add_argument("folder", type=Path, metavar="DIR", help="has *_texts.jsonl; images in it or below")
    parser.add_argument("--out", type=Path, required=True, help="the release directory")
    parser.add_argument("--work", type=Path, help="what was left out, logs; default: <out>.work")
    parser.add_argument(
        "--series", choices=("silk", "dunhuang", "other"), default="other", help="of all rows"
    )
    # Their licence lets pictures be passed on unchanged, so reports may show them.
    parser.add_argument("--rights", default="CC BY-NC-ND 4.0", help="of all rows; default: %(default)s")
    parser.add_argument("--name", default="culti-official", help="of the release; default: %(default)s")
    parser.add_argument("--version", default="1.0.0", help="of the release; default: %(default)s")
    parser.set_defaults(command="flows.import_culti:run_import")


def _add_validate(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("validate", help="fine-tune Chinese-CLIP on a release, score it and LACLIP")
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument("--out", type=Path, help="the folder for the report; default: <RELEASE>.validation")
    parser.add_argument("--work", type=Path, help="checkpoints, vectors, trials; default: <out>.work")
    _add_model(parser, "; none: only --features")
    parser.add_argument("--seeds", type=_count, default=3, metavar="N", help="default: %(default)s")
    parser.add_argument("--zero-shot-only", action="store_true", help="score the model as it comes")
    parser.add_argument("--features", type=Path, metavar="DIR", help="vectors of other models")
    _add_gate(parser)
    parser.add_argument(
        "--crops", type=_count, metavar="N", help="an image, for every LACLIP; default: 60 or 30, with tiny 8"
    )
    parser.add_argument(
        "--train", nargs="+", default=(), metavar="NAME=VALUE", help="numbers of fine-tuning, as epochs=5"
    )
    parser.add_argument(
        "--laclip", nargs="+", default=(), metavar="NAME=VALUE", help="one more LACLIP, as crops=30"
    )
    parser.set_defaults(command="flows.validating:run_validate")


def _add_encode(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "encode", help="write a model's vectors of a release, as --features reads them"
    )
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument("--out", type=Path, required=True, help="the folder for the vectors")
    parser.add_argument("--work", type=Path, help="vectors known already; default: <out>.work")
    _add_model(parser, "")
    parser.set_defaults(command="flows.encoding:run_encode")


def _add_crop(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("crop", help="suggest details: the repeating units of a release's patterns")
    parser.add_argument("release", type=Path, metavar="RELEASE")
    parser.add_argument(
        "--out", type=Path, required=True, help="a new folder: for each book suggestions and pictures of them"
    )
    parser.set_defaults(command="flows.proposing:run_crop")


def _add_verify(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("verify", help="check a release: hashes, rows, images, card, Croissant")
    parser.add_argument("release", type=Path, metavar="DIR")
    parser.add_argument("--fast", action="store_true", help="do not decode the images")
    parser.set_defaults(command="flows.verifying:run_verify")


def _add_diff(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("diff", help="what changed from one release to another, pair by pair")
    parser.add_argument("old", type=Path, metavar="OLD")
    parser.add_argument("new", type=Path, metavar="NEW")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all changes as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with pictures")
    parser.set_defaults(command="flows.diffing:run_diff")


def _add_convert(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("convert", help="write a release in the form that other programs read")
    parser.add_argument("release", type=Path, metavar="DIR")
    parser.add_argument("--to", choices=FORMATS, required=True, help="recipe: everything but the pixels")
    parser.add_argument("--out", type=Path, required=True, help="a new folder, or an older conversion")
    parser.set_defaults(command="flows.converting:run_convert")


def _add_rehydrate(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("rehydrate", help="make a release again from its recipe and your own books")
    parser.add_argument("recipe", type=Path, metavar="RECIPE")
    parser.add_argument(
        "--books", type=_place, required=True, metavar="DIR", help="has the PDFs, in it or below; or s3://…"
    )
    parser.add_argument("--out", type=Path, required=True, help="the release directory")
    parser.add_argument("--work", type=Path, help="store, logs; default: <out>.work")
    parser.add_argument("--sources", type=Path, metavar="TOML", help="a sources file: passwords of the books")
    _add_runner(parser)
    parser.set_defaults(command="flows.rehydrating:run_rehydrate")


def _add_publish(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "publish", help="copy a release to a folder, to S3 or to the Hugging Face Hub"
    )
    parser.add_argument("release", type=Path, metavar="DIR")
    parser.add_argument("url", metavar="URL", help="a folder, file://, s3://BUCKET/PREFIX or hf://OWNER/NAME")
    parser.add_argument("--dry-run", action="store_true", help="say what would go; write nothing")
    _add_publishing(parser)
    parser.add_argument("--private", action="store_true", help="hf://: for the owner alone")
    parser.add_argument("--gated", choices=("auto", "manual"), help="hf://: readers ask first")
    parser.set_defaults(command="flows.publishing:run_publish")


def _add_publishing(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--include-restricted", action="store_true", help="pixels too whose rights say no-redistribution"
    )
    parser.add_argument("--replace", action="store_true", help="other content under the same version goes")


def _add_gc(commands: _Commands[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("gc", help="clear a work directory's store of what no release there uses")
    parser.add_argument("work", type=Path, metavar="WORK", help="a build's work directory")
    parser.add_argument(
        "--older-than", type=_age, default="30d", metavar="AGE", help="30d, 12h, 0; default: %(default)s"
    )
    parser.add_argument("--yes", action="store_true", help="remove it; without, only say what would go")
    parser.set_defaults(command="flows.tidying:run_gc")


def _add_gate(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--gate", type=Path, metavar="FILE", help="numbers that must be reached, as TOML")


def _add_model(parser: argparse._ActionsContainer, more: str, device: str | None = "auto") -> None:
    names = "tiny, RN50, ViT-B-16, ViT-L-14, ViT-L-14-336, ViT-H-14"
    parser.add_argument("--model", metavar="M", help=f"{names}{more}; default: told from --weights, or tiny")
    parser.add_argument("--weights", type=Path, metavar="FILE", help="a .pt file or a folder of weights")
    parser.add_argument("--device", default=device, metavar="D", help="cpu, cuda, cuda:1, mps; default: auto")


def _add_runner(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--runner",
        choices=("processes", "threads", "dask", "ray"),
        default="processes",
        help="who does the work; dask and ray: a cluster on this machine, or the one at --runner-address",
    )
    parser.add_argument(
        "--runner-address",
        default="",
        metavar="URL",
        help="of a Dask scheduler (tcp://HOST:8786) or a Ray cluster (ray://HOST:10001)",
    )
    parser.add_argument("--workers", type=_count, metavar="N", help="default: one for each CPU, at most 8")


def _add_reader(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reader",
        choices=("pymupdf", "pdfplumber"),
        default="pymupdf",
        help="of PDFs; the other stands in where it fails; default: %(default)s",
    )


def _place(text: str) -> Path | str:
    """A path, or an address on S3 as it was typed: a path would take a slash off."""
    return text if is_s3(text) else Path(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text}: a number from 0 to 65535")
    return int(text)


def _age(text: str) -> float:
    """Seconds, of days, hours or minutes."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in _UNITS else (text, "d")
    if not number.isdecimal():
        raise argparse.ArgumentTypeError(f"{text}: an age like 30d, 12h or 90m")
    return float(int(number) * _UNITS[unit])


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: a number from 1 on")
    return int(text)
