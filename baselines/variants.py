"""Ways to score: plain, LACLIP, and what may do better; settings chosen on validation, used once on test.

Each variant lists its settings, the plainest first; a direction takes the one with the best mean recall on
validation, and of equal ones the first, so that nothing is added for nothing. Sources: LACLIP and WCA see
`baselines.laclip`; hubness: CSLS (Conneau et al., ICLR 2018) in the form of a bank of training queries as in
QB-Norm (Bogolin et al., CVPR 2022).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from baselines.clause_scores import score_clauses
from baselines.hubness import find_hubness
from baselines.laclip import GRID
from baselines.metrics import DIRECTIONS, Direction, Ranks, find_mean_recall
from baselines.ranking import BlockScores, Grading, rank_blocks, rank_vectors
from baselines.scenes import Scene
from baselines.text_weighted import score_text_weighted

Floats = NDArray[np.float32]
Setting = Mapping[str, float]
# Either vectors, ranked by dot products, or scores of their own.
Scored = tuple[Floats, Floats] | BlockScores
Scoring = Callable[[Scene, Direction, Setting], Scored]
_SHARES = tuple(round(1 - n / 10, 1) for n in range(11))
_MIXES: tuple[Setting, ...] = tuple({"whole": share} for share in _SHARES)
_STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
# Sharpness of the softmax over crops by their likeness to the text; infinity takes the best crop.
_SHARPNESS = (20.0, 50.0, float("inf"))


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to score. `needs` names the crop sets, "clauses", "bank" or "crop vectors" it uses."""

    name: str
    about: str
    score: Scoring
    settings: tuple[Setting, ...] = ({},)
    needs: frozenset[str] = frozenset()

    def fits(self, scene: Scene) -> bool:
        """Whether the scene has what is needed."""
        present = set(scene.crops)
        present |= {f"vectors of {name}" for name, crops in scene.crops.items() if crops.crops is not None}
        present |= {"clauses"} if scene.clauses is not None else set()
        present |= {"bank"} if scene.bank is not None else set()
        return self.needs <= present


@dataclass(frozen=True, slots=True)
class Choice:
    """What validation chose for one direction: the setting, and its mean recall there (NaN: no choice)."""

    setting: Setting
    mean_recall: float


def list_variants(presets: Sequence[str]) -> tuple[Variant, ...]:
    """All variants beside the plain one, for LACLIP presets by name; the last of these serves the rest."""
    found = [_make_laclip(name) for name in presets]
    found += [_make_mix(name) for name in presets]
    found.append(_make_mix(GRID))
    if presets:
        found.append(_make_conditioned(presets[-1]))
    found += [_CLAUSES, _HUBNESS]
    if presets:
        found.append(_make_mixed_hubness(presets[-1]))
    return tuple(found)


def choose_settings(variant: Variant, scene: Scene, grading: Grading) -> dict[Direction, Choice]:
    """The best setting for each direction on (validation) vectors; the first where there is no choice."""
    found: dict[Direction, Choice] = {}
    for direction in DIRECTIONS:
        if len(variant.settings) == 1 or not len(scene.queries(direction)):
            found[direction] = Choice(variant.settings[0], float("nan"))
            continue
        recalls = [
            find_mean_recall(rank_direction(variant, setting, scene, grading, direction))
            for setting in variant.settings
        ]
        best = int(np.argmax(np.round(recalls, 9)))
        found[direction] = Choice(variant.settings[best], recalls[best])
    return found


def rank_variant(
    variant: Variant, choices: Mapping[Direction, Choice], scene: Scene, grading: Grading
) -> Ranks:
    """Ranks both ways under the settings chosen."""
    there, back = (rank_direction(variant, choices[d].setting, scene, grading, d) for d in DIRECTIONS)
    return Ranks(there, back)


def rank_direction(
    variant: Variant, setting: Setting, scene: Scene, grading: Grading, direction: Direction
) -> NDArray[np.int32]:
    """Ranks of one direction under one setting."""
    relevant = grading.images_of_text if direction == "text_to_image" else grading.texts_of_image
    scored = variant.score(scene, direction, setting)
    if isinstance(scored, tuple):
        return rank_vectors(*scored, relevant)
    return rank_blocks(scored, relevant, len(scene.items(direction)))


def list_scores(variant: Variant, setting: Setting, scene: Scene, direction: Direction) -> BlockScores:
    """Scores by blocks of queries, whatever the variant ranks by."""
    scored = variant.score(scene, direction, setting)
    if not isinstance(scored, tuple):
        return scored
    queries, items = scored
    return lambda part: queries[part] @ items.T


def _aim(direction: Direction, texts: Floats, images: Floats) -> tuple[Floats, Floats]:
    """(queries, items) of the direction."""
    return (texts, images) if direction == "text_to_image" else (images, texts)


def _score_plain(scene: Scene, direction: Direction, _: Setting) -> Scored:
    return _aim(direction, scene.texts, scene.images)


PLAIN = Variant("plain", "one vector an image: Chinese-CLIP as it is", _score_plain)


def _make_laclip(preset: str) -> Variant:
    def score(scene: Scene, direction: Direction, _: Setting) -> Scored:
        return _aim(direction, scene.texts, scene.crops[preset].pooled)

    about = f"LACLIP, preset {preset}: weighted crops in place of the whole image"
    return Variant(f"LACLIP {preset}", about, score, needs=frozenset({preset}))


def _mix(scene: Scene, preset: str, whole: float) -> Floats:
    return np.asarray(whole * scene.images + (1 - whole) * scene.crops[preset].pooled, dtype=np.float32)


def _make_mix(preset: str) -> Variant:
    def score(scene: Scene, direction: Direction, setting: Setting) -> Scored:
        return _aim(direction, scene.texts, _mix(scene, preset, setting["whole"]))

    name = "grid crops + whole image" if preset == GRID else f"LACLIP {preset} + whole image"
    about = f"crops of {preset} and the whole image, which has the share `whole`"
    return Variant(name, about, score, _MIXES, frozenset({preset}))


def _make_conditioned(preset: str) -> Variant:
    def score(scene: Scene, direction: Direction, setting: Setting) -> Scored:
        crops = scene.crops[preset].crops
        assert crops is not None
        return score_text_weighted(
            scene.texts, scene.images, crops, direction, setting["whole"], setting["sharpness"]
        )

    settings: list[Setting] = [{"whole": 1.0, "sharpness": _SHARPNESS[0]}]
    settings += [{"whole": w, "sharpness": s} for w, s in product((0.75, 0.5, 0.25, 0.0), _SHARPNESS)]
    about = f"crops of {preset} weighted by their likeness to the text, and the whole image"
    needs = frozenset({preset, f"vectors of {preset}"})
    return Variant("text-weighted crops + whole image", about, score, tuple(settings), needs)


def _score_clauses(scene: Scene, direction: Direction, setting: Setting) -> Scored:
    assert scene.clauses is not None
    return score_clauses(
        scene.clauses, scene.texts, scene.images, direction, setting["whole"], best=bool(setting["best"])
    )


_CLAUSES = Variant(
    "clauses + whole text",
    "texts cut into clauses (mean, or the best where `best` is 1), and the whole text with the share `whole`",
    _score_clauses,
    (
        {"whole": 1.0, "best": 0.0},
        *({"whole": w, "best": b} for b, w in product((0.0, 1.0), (0.75, 0.5, 0.25, 0.0))),
    ),
    frozenset({"clauses"}),
)


def _correct(scene: Scene, direction: Direction, images: Floats, strength: float) -> Scored:
    """Scores less `strength` times the items' hubness, as one more dimension of the vectors."""
    assert scene.bank is not None
    queries, items = _aim(direction, scene.texts, images)
    bank = scene.bank.texts if direction == "text_to_image" else scene.bank.images
    if strength == 0 or not len(bank):
        return queries, items
    penalty = -strength * find_hubness(items, bank)
    ones = np.ones((len(queries), 1), dtype=np.float32)
    return np.hstack([queries, ones]), np.hstack([items, penalty[:, None]]).astype(np.float32)


def _score_hubness(scene: Scene, direction: Direction, setting: Setting) -> Scored:
    return _correct(scene, direction, scene.images, setting["strength"])


_HUBNESS = Variant(
    "hubness correction",
    "scores less `strength` times the item's mean likeness to its 10 nearest training queries",
    _score_hubness,
    tuple({"strength": s} for s in _STRENGTHS),
    frozenset({"bank"}),
)


def _make_mixed_hubness(preset: str) -> Variant:
    def score(scene: Scene, direction: Direction, setting: Setting) -> Scored:
        return _correct(scene, direction, _mix(scene, preset, setting["whole"]), setting["strength"])

    shares = (1.0, 0.75, 0.5, 0.25)
    return Variant(
        f"LACLIP {preset} + whole image + hubness",
        f"crops of {preset} and the whole image, corrected for hubness",
        score,
        tuple({"whole": w, "strength": s} for w, s in product(shares, _STRENGTHS)),
        frozenset({preset, "bank"}),
    )
