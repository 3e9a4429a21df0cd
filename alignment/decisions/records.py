"""Decisions of curators: one line of `decisions.jsonl` each, never changed once written."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from extractors.records import Box

ActionName = Literal[
    "accept",
    "edit",
    "repair",
    "move",
    "add",
    "cut",
    "reject",
    "merge",
    "split",
    "kind",
    "defer",
    "note",
    "undo",
    "redo",
]
ACTIONS: tuple[ActionName, ...] = get_args(ActionName)
MAX_TARGET_TEXT = 200


@dataclass(frozen=True, slots=True)
class Target:
    """What a decision is about, so that it can be found again in another build.

    `bbox` is the pair's `figure_bbox` (points on the page in the file), `phash` its image's perceptual hash
    (16 hex digits, empty where there is none yet), `text` its description as seen, at most 200 characters.
    """

    pair_id: str
    document: str
    document_sha256: str
    page: int
    bbox: Box
    phash: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer decided. `id` is 32 hex digits, random; `time` ISO 8601 in UTC; `seen` the digest of
    the machine's output as the reviewer saw it (`digest_seen`).

    `payload` by action:
        accept              {"machine"?}: true where what others changed is wrong, and the machine's is right
        defer               {}
        edit                {"title"?, "caption"?, "description"?}: the new text of each
        repair              {"texts": [{"page", "bbox", "role", "text"}…]}: the regions that it has instead
        move                {"bbox"}
        add                 {"bbox", "texts": […], "kind"}: target.pair_id is `make_pair_id` of the bbox
        cut                 {"bbox", "words"}: a detail, a row of its own
        reject              {"reason"?}
        merge               {"with": [target…]}: their boxes and texts come to this one
        split               {"parts": [{"bbox", "words"?}…]}: rows instead of this one
        kind                {"kind"}
        note                {"note"}
        undo, redo          {"of": id of the decision}

    Any of them may have {"over": [ids]}: decisions of others that the reviewer saw, and which this one
    settles (`alignment.decisions.states`); and {"blind": true}: the reviewer saw nothing of what others had
    decided.
    """

    id: str
    time: str
    reviewer: str
    action: ActionName
    target: Target
    seen: str
    payload: Mapping[str, Any]


def digest_seen(pair_id: str, bbox: Box, title: str, caption: str, description: str, kind: str) -> str:
    """16 hex digits of what the machine made of a pair; boxes count to a tenth of a point, as float32 holds
    them, so that a release's row and the store's pair have the same."""
    single = struct.unpack("4f", struct.pack("4f", *bbox))
    seen = [pair_id, [round(v, 1) for v in single], title, caption, description, kind]
    canonical = json.dumps(seen, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:16]
