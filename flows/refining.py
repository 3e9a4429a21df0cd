"""The stage that lets a language model correct descriptions: `[refine]` in the sources file, off without it.

What is in the answers' cache is not asked. What cannot be had leaves the rules' text, is said and ends the
build with status 1; it is not kept, so the next build asks for it again.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from alignment.records import BookAlignment, MachinePair
from alignment.text.asking import Endpoint, MissingClient, NoReply, Reply, ask_all, check_client
from alignment.text.refining import (
    Question,
    Refinement,
    apply_refinement,
    is_asked,
    judge_answer,
)
from flows.answer_cache import AnswerCache
from flows.configuration import ConfigurationError, RefineEntry
from flows.progress import current_progress
from flows.stages import load, save
from flows.store import Store, make_key, open_store
from flows.workspace import Workspace

NO_KEY = "no_key"
_MILLION = 1_000_000


@dataclass(frozen=True)
class RefineJob:
    """Refining the texts of all books, whose alignments are the records `align_keys`. `exported` is the
    curator's cache, beside that of the work directory."""

    workspace: Workspace
    align_keys: tuple[str, ...]
    entry: RefineEntry
    exported: Path | None = None


@dataclass(slots=True)
class RefineTally:
    """What this build did: distinct texts by how their answers were had, why some were not, the tokens of
    those that were asked and, where the sources file has prices, the cost of these. `unreadable` are lines
    of the caches."""

    texts: int = 0
    from_cache: int = 0
    asked: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    unreadable: int = 0

    def describe(self) -> str:
        """In one line."""
        failed = ", ".join(f"{n} {cause}" for cause, n in sorted(self.failed.items()))
        tokens = f"{self.prompt_tokens} + {self.completion_tokens} tokens"
        parts = [f"{self.texts} texts for the model: {self.from_cache} answers from the cache"]
        parts += [f"{self.asked} asked ({tokens}" + (f", cost {self.cost:.4f})" if self.cost else ")")]
        parts += [f"not had: {failed}"] if failed else []
        parts += [f"{self.unreadable} lines of its answers could not be read"] if self.unreadable else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Refined:
    """Keys of the alignments with refined texts, parallel to those of the job."""

    keys: tuple[str, ...]
    tally: RefineTally
    trouble: str = ""


def check_refine(entry: RefineEntry, caches: Sequence[Path]) -> None:
    """ConfigurationError, before anything begins, where there is no client, where a cache is no file, or
    where there is no key and nothing that was answered before."""
    try:
        check_client()
    except MissingClient as error:
        raise ConfigurationError(str(error)) from error
    for path in caches:
        if path.exists() and not path.is_file():
            raise ConfigurationError(f"[refine] {path} is no file; choose another 'cache'")
    if _find_key(entry) is None and not any(path.exists() for path in caches):
        raise ConfigurationError(
            f"[refine] the environment has no {entry.api_key_env}; put the model's key there, or write "
            'api_key_env = "" for a server that asks for none'
        )


def make_question(entry: RefineEntry) -> Question:
    """How the model is asked."""
    return Question(entry.model, entry.summary, entry.response_format)


def describe_refinements(pairs: Iterable[MachinePair]) -> tuple[list[str], str]:
    """A book's notes on what came of its descriptions, and its error where some could not be had."""
    states = Counter(pair.refinement for pair in pairs if pair.refinement)
    failed = sum(n for state, n in states.items() if state.startswith("failed"))
    listed = ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
    notes = [f"descriptions by the language model: {listed}"] if listed else []
    error = f"the language model gave no answer for some descriptions ({failed}); those of the rules stand"
    return notes, error if failed else ""


def refine_job(job: RefineJob) -> Refined:
    """Asks for what the caches do not have, judges all answers, and keeps the alignments with what came of
    it. OSError where a cache cannot be read or the work directory's not written."""
    store, question = open_store(job.workspace.store), make_question(job.entry)
    cache = AnswerCache(job.workspace.answers, job.exported).load()
    bases = {question.make_key(base): base for base in _list_bases(store, job.align_keys)}
    tally = RefineTally(texts=len(bases), unreadable=cache.unreadable)
    missing = {key: question.make_body(base) for key, base in bases.items() if key not in cache.answers}
    tally.from_cache = len(bases) - len(missing)
    failures = _ask_missing(job, missing, cache, tally) if missing else {}
    trouble = _export(cache, [key for key in bases if key in cache.answers])
    keys = tuple(_refine_book(store, key, question, cache.answers, failures) for key in job.align_keys)
    return Refined(keys, tally, trouble)


def _list_bases(store: Store, align_keys: Sequence[str]) -> Iterator[str]:
    for key in align_keys:
        yield from (pair.description for pair in load(store, key, BookAlignment).pairs if is_asked(pair))


def _find_key(entry: RefineEntry) -> str | None:
    """The key; None where the environment has none. A client sends one in any case."""
    return os.environ.get(entry.api_key_env) or None if entry.api_key_env else "none"


def _ask_missing(
    job: RefineJob, missing: Mapping[str, Mapping[str, Any]], cache: AnswerCache, tally: RefineTally
) -> dict[str, str]:
    """Fills the cache; why what is still missing is missing, by key."""
    entry, api_key = job.entry, _find_key(job.entry)
    if api_key is None:
        tally.failed[NO_KEY] = len(missing)
        return dict.fromkeys(missing, NO_KEY)
    endpoint = Endpoint(entry.base_url, api_key, entry.concurrency, entry.timeout, entry.retries)
    failures: dict[str, str] = {}
    causes: Counter[str] = Counter()
    done = 0
    tell = current_progress().tell
    job.workspace.logs.mkdir(parents=True, exist_ok=True)
    with job.workspace.refine_log.open("a", encoding="utf-8", errors="replace") as log:

        def note(event: Mapping[str, Any]) -> None:
            log.write(json.dumps({"time": _tell_time(), **event}, ensure_ascii=False) + "\n")
            log.flush()

        def take(key: str, reply: Reply | NoReply, seconds: float) -> None:
            nonlocal done
            done += 1
            event: dict[str, Any] = {"key": key, "seconds": round(seconds, 3)}
            if isinstance(reply, Reply):
                cache.add(key, reply)
                _count(tally, reply, entry)
                counts = {"prompt_tokens": reply.prompt_tokens, "completion_tokens": reply.completion_tokens}
                note({**event, **counts, "cost": round(_price(reply, entry), 6)})
            else:
                failures[key] = reply.cause
                causes[reply.cause] += 1
                note({**event, "failed": reply.cause, "said": reply.said})
            tell("refine", done, len(missing))

        tell("refine", 0, len(missing))
        ask_all(endpoint, missing, take)
        tally.failed = dict(sorted(causes.items()))
        note({"model": entry.model, **asdict(tally)})
    return failures


def _tell_time() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")


def _count(tally: RefineTally, reply: Reply, entry: RefineEntry) -> None:
    tally.asked += 1
    tally.prompt_tokens += reply.prompt_tokens
    tally.completion_tokens += reply.completion_tokens
    tally.cost += _price(reply, entry)


def _price(reply: Reply, entry: RefineEntry) -> float:
    paid = reply.prompt_tokens * entry.input_price + reply.completion_tokens * entry.output_price
    return paid / _MILLION


def _export(cache: AnswerCache, keys: Sequence[str]) -> str:
    """What kept the curator's file from being written; the answers are in the work directory all the same."""
    try:
        cache.export(keys)
    except OSError as error:
        return f"{cache.exported}: cannot be written ({error.strerror}); the answers are in {cache.own}"
    return ""


def _refine_book(
    store: Store,
    align_key: str,
    question: Question,
    answers: Mapping[str, Reply],
    failures: Mapping[str, str],
) -> str:
    """Keeps a book's alignment with refined texts; its key."""
    aligned = load(store, align_key, BookAlignment)
    pairs = []
    states: list[tuple[str, str]] = []
    for pair in aligned.pairs:
        if is_asked(pair):
            key = question.make_key(pair.description)
            if key in answers:
                refinement = judge_answer(question, pair.description, pair.text_raw, answers[key].content)
            else:
                refinement = Refinement(f"failed:{failures[key]}", pair.description)
            pair = apply_refinement(pair, refinement, question.model)  # noqa: PLW2901
            states.append((pair.pair_id, json.dumps(asdict(refinement))))
        pairs.append(pair)
    refined = replace(aligned, pairs=tuple(pairs))
    key = make_key("refine", align_key, question.label, states)
    save(store, key, BookAlignment, refined)
    return key
