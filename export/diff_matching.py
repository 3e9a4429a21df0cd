"""Which row of an old release is which of a new one: by pair_id, else by the figure itself."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

# Half of the two boxes together: figures of one page that are not the same hardly overlap at all.
SAME_BOX = 0.5
# Of 64 bits, as for near-duplicates; a page that was scanned anew changes a few.
SAME_LOOK = 10

_PLACES = (
    ["image_sha256", "document", "page", "description"],
    ["image_sha256", "document", "page"],
    ["image_sha256", "description"],
    ["image_sha256"],
)


def match_rows(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """One line a row of either release: `old` and `new` are positions in the tables, -1 where there is none;
    `how` is "id", "box" (the boxes of one page overlap), "image" (the same bytes), "edition" (another file
    of the same name, where page, box and look agree), "removed" or "added".

    Each row is matched once. Of rows with one pair_id, which no sound release has, the first counts.
    """
    firsts = [
        pd.DataFrame({"pair_id": t["pair_id"], side: np.arange(len(t))}).drop_duplicates("pair_id")
        for side, t in (("old", old), ("new", new))
    ]
    merged = firsts[0].merge(firsts[1], on="pair_id", how="outer", indicator=True)
    same = merged[merged["_merge"] == "both"]
    found = [same[["old", "new"]].astype(int).assign(how="id")]
    gone = old.iloc[merged.loc[merged["_merge"] == "left_only", "old"].astype(int)]
    come = new.iloc[merged.loc[merged["_merge"] == "right_only", "new"].astype(int)]
    gone = gone.assign(position=merged.loc[merged["_merge"] == "left_only", "old"].astype(int).to_numpy())
    come = come.assign(position=merged.loc[merged["_merge"] == "right_only", "new"].astype(int).to_numpy())
    rounds = [("box", ["document_sha256", "page"]), ("image", None), ("edition", ["document", "page"])]
    for how, keys in rounds:
        matches = _match_images(gone, come) if keys is None else _match_boxes(gone, come, keys)
        found.append(matches.assign(how=how))
        gone = gone[~gone["position"].isin(matches["old"])]
        come = come[~come["position"].isin(matches["new"])]
    found.append(pd.DataFrame({"old": gone["position"], "new": -1, "how": "removed"}))
    found.append(pd.DataFrame({"old": -1, "new": come["position"], "how": "added"}))
    matched = pd.concat([f for f in found if len(f)] or found[:1], ignore_index=True)
    return matched.sort_values(["new", "old"], ignore_index=True)


def _match_boxes(gone: pd.DataFrame, come: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Figures on one page whose boxes overlap most, each once."""
    sides = []
    for table in (gone, come):
        known = table[table[[*keys, "figure_bbox"]].notna().all(axis=1)]
        sides.append(known[[*keys, "figure_bbox", "phash", "position"]])
    pairs = sides[0].merge(sides[1], on=keys, suffixes=("_old", "_new"))
    if not len(pairs):
        return _no_matches()
    pairs["iou"] = measure_overlap(_stack(pairs["figure_bbox_old"]), _stack(pairs["figure_bbox_new"]))
    pairs = pairs[pairs["iou"] >= SAME_BOX]
    if "document_sha256" not in keys:
        alike = [
            _differ(a, b) <= SAME_LOOK for a, b in zip(pairs["phash_old"], pairs["phash_new"], strict=True)
        ]
        pairs = pairs[alike]
    pairs = pairs.sort_values(["iou", "position_old", "position_new"], ascending=[False, True, True])
    return _take_once(pairs["position_old"], pairs["position_new"])


def _match_images(gone: pd.DataFrame, come: pd.DataFrame) -> pd.DataFrame:
    """Rows with the same image bytes: first those that share most of the rest; equals in their order."""
    found = []
    for keys in _PLACES:
        sides = []
        for table in (gone, come):
            keyed = table[[*keys, "position"]].copy()
            keyed[keys] = keyed[keys].astype(object).where(keyed[keys].notna(), "")
            keyed["nth"] = keyed.groupby(keys, sort=False).cumcount()
            sides.append(keyed)
        pairs = sides[0].merge(sides[1], on=[*keys, "nth"], suffixes=("_old", "_new"))
        found.append(_take_once(pairs["position_old"], pairs["position_new"]))
        gone = gone[~gone["position"].isin(found[-1]["old"])]
        come = come[~come["position"].isin(found[-1]["new"])]
    return pd.concat(found, ignore_index=True)


def _take_once(old: Iterable[int], new: Iterable[int]) -> pd.DataFrame:
    """The pairs in their order, without those of which either side is taken already."""
    seen_old: set[int] = set()
    seen_new: set[int] = set()
    taken: list[tuple[int, int]] = []
    for a, b in zip(old, new, strict=True):
        if a not in seen_old and b not in seen_new:
            seen_old.add(a)
            seen_new.add(b)
            taken.append((int(a), int(b)))
    return pd.DataFrame(taken, columns=["old", "new"]) if taken else _no_matches()


def _no_matches() -> pd.DataFrame:
    return pd.DataFrame({"old": np.array([], int), "new": np.array([], int)})


def _stack(boxes: Iterable[object]) -> npt.NDArray[np.float64]:
    return np.array(list(boxes), np.float64).reshape(-1, 4)


def measure_overlap(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Intersection over union (0–1) of boxes given as (n, 4), row by row."""
    low, high = np.maximum(a[:, :2], b[:, :2]), np.minimum(a[:, 2:], b[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=1)
    areas = [np.prod(np.clip(box[:, 2:] - box[:, :2], 0, None), axis=1) for box in (a, b)]
    union = areas[0] + areas[1] - shared
    ratio: npt.NDArray[np.float64] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return ratio


def _differ(a: str, b: str) -> int:
    """Bits in which two perceptual hashes differ; all where one is none."""
    try:
        return (int(a, 16) ^ int(b, 16)).bit_count()
    except (TypeError, ValueError):
        return 64
