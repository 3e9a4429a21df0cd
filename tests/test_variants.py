"""Variants: each scores as its words say, validation chooses, and nothing chosen worsens validation."""

import numpy as np
import pytest

from baselines.clause_scores import score_clauses
from baselines.clauses import Clauses, list_clauses, split_clauses
from baselines.hubness import find_hubness
from baselines.laclip import GRID, GRID_CROPS, LaclipSettings, pool_images, softmax, weigh_crops
from baselines.metrics import DIRECTIONS, find_mean_recall
from baselines.ranking import Grading
from baselines.scenes import Bank, CropVectors, Scene
from baselines.text_weighted import score_text_weighted
from baselines.variants import (
    PLAIN,
    choose_settings,
    list_scores,
    list_variants,
    rank_direction,
    rank_variant,
)

PRESET = LaclipSettings("some", crops=6)


def unit(random, *shape):
    vectors = random.standard_normal(shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def make_scene(seed, n=40, noise=1.5):
    """Texts and images about a concept each; crops off by their own noise; two clauses a text."""
    random = np.random.default_rng(seed)
    concepts = unit(random, n, 24)

    def near(some, amount):
        found = some + amount * unit(random, *some.shape)
        return (found / np.linalg.norm(found, axis=-1, keepdims=True)).astype(np.float32)

    texts, images = near(concepts, noise), near(concepts, noise)
    crops = {}
    for preset in (PRESET, GRID_CROPS):
        cut = near(np.repeat(concepts[:, None], preset.crops, axis=1), noise)
        weights = weigh_crops(images, cut, preset)
        crops[preset.name] = CropVectors(preset, weights, pool_images(images, cut, preset), cut)
    clauses = Clauses(near(np.repeat(concepts, 2, axis=0), noise), np.arange(0, 2 * n, 2))
    return Scene(texts, images, crops, clauses, Bank(near(concepts, noise), near(concepts, noise)))


GRADING = Grading([(n,) for n in range(40)], [(n,) for n in range(40)])
VARIANTS = (PLAIN, *list_variants(["some"]))


def test_all_kinds_of_variants_are_listed():
    names = [v.name for v in VARIANTS]
    assert names == [
        "plain",
        "LACLIP some",
        "LACLIP some + whole image",
        "grid crops + whole image",
        "text-weighted crops + whole image",
        "clauses + whole text",
        "hubness correction",
        "LACLIP some + whole image + hubness",
    ]


@pytest.mark.parametrize("variant", [v for v in VARIANTS if len(v.settings) > 1], ids=lambda v: v.name)
def test_the_first_setting_is_the_plain_score(variant):
    scene = make_scene(0)
    for direction in DIRECTIONS:
        plain = list_scores(PLAIN, {}, scene, direction)(slice(0, 40))
        first = list_scores(variant, variant.settings[0], scene, direction)(slice(0, 40))
        assert first == pytest.approx(plain, abs=1e-6), "nothing added is to be among the choices"


@pytest.mark.parametrize("variant", [v for v in VARIANTS if len(v.settings) > 1], ids=lambda v: v.name)
def test_validation_chooses_the_best_and_never_worse_than_plain(variant):
    scene = make_scene(1)
    choices = choose_settings(variant, scene, GRADING)
    for direction in DIRECTIONS:
        all_of_them = [
            find_mean_recall(rank_direction(variant, s, scene, GRADING, direction)) for s in variant.settings
        ]
        assert choices[direction].mean_recall == pytest.approx(max(all_of_them))
        assert choices[direction].mean_recall >= all_of_them[0]
    ranks = rank_variant(variant, choices, scene, GRADING)
    assert find_mean_recall(ranks.text_to_image) == pytest.approx(choices["text_to_image"].mean_recall)


def test_of_equal_settings_the_plainest_is_taken():
    scene = make_scene(2, noise=0.05)
    for variant in VARIANTS:
        choices = choose_settings(variant, scene, GRADING)
        assert choices["text_to_image"].setting == variant.settings[0], variant.name


def test_ranks_and_scores_agree_for_every_variant():
    scene = make_scene(3)
    for variant in VARIANTS:
        for direction in DIRECTIONS:
            setting = variant.settings[len(variant.settings) // 2]
            scores = list_scores(variant, setting, scene, direction)(slice(0, 40))
            own = scores[np.arange(40), np.arange(40)]
            expected = (scores >= own[:, None] - 1e-6).sum(axis=1)
            found = rank_direction(variant, setting, scene, GRADING, direction)
            assert (found == expected).mean() > 0.97, f"{variant.name} {direction}"


def test_variants_ask_for_what_they_need():
    bare = Scene(*(make_scene(4).texts, make_scene(4).images))
    assert [v.name for v in VARIANTS if v.fits(bare)] == ["plain"]
    full = make_scene(4)
    assert all(v.fits(full) for v in VARIANTS)
    many = {n: CropVectors(c.settings, c.weights, c.pooled, None) for n, c in full.crops.items()}
    pooled_only = Scene(full.texts, full.images, many, full.clauses, full.bank)
    left = [v.name for v in VARIANTS if not v.fits(pooled_only)]
    assert left == ["text-weighted crops + whole image"], "too many crops to keep take this one away alone"


def test_text_weighted_scores_are_the_double_sum():
    scene = make_scene(5, n=7)
    crops = scene.crops["some"].crops
    for sharpness in (5.0, float("inf")):
        for direction in DIRECTIONS:
            score = score_text_weighted(scene.texts, scene.images, crops, direction, 0.3, sharpness)
            found = np.concatenate([score(slice(0, 3)), score(slice(3, 7))])
            found = found if direction == "text_to_image" else found.T
            for t in range(7):
                for i in range(7):
                    likeness = crops[i] @ scene.texts[t]
                    weights = softmax(sharpness * likeness) if sharpness < 9 else likeness == likeness.max()
                    expected = 0.3 * scene.texts[t] @ scene.images[i] + 0.7 * (weights * likeness).sum()
                    assert found[t, i] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("best", [False, True])
def test_clause_scores_are_the_mean_or_the_best(best):
    random = np.random.default_rng(6)
    texts, images, pieces = unit(random, 3, 8), unit(random, 4, 8), unit(random, 6, 8)
    clauses = Clauses(pieces, np.array([0, 1, 4]))
    for direction, queries in zip(DIRECTIONS, (3, 4), strict=True):
        score = score_clauses(clauses, texts, images, direction, 0.25, best=best)
        found = np.concatenate([score(slice(0, 2)), score(slice(2, queries))])
        found = found if direction == "text_to_image" else found.T
        for t, part in enumerate((slice(0, 1), slice(1, 4), slice(4, 6))):
            likeness = pieces[part] @ images.T
            local = likeness.max(axis=0) if best else likeness.mean(axis=0)
            assert found[t] == pytest.approx(0.25 * texts[t] @ images.T + 0.75 * local, abs=1e-6)


@pytest.mark.parametrize(
    "text,clauses",
    [
        ("地色明黄，四合如意云间饰杂宝。", ("地色明黄，四合如意云间饰杂宝",)),
        (
            "裙为月白地，通体饰联珠团窠，上接豆绿裙腰。",
            ("裙为月白地", "通体饰联珠团窠", "上接豆绿裙腰"),
        ),
        ("明代，织金妆花缎，清", ("明代，织金妆花缎，清",)),
        ("折枝牡丹", ("折枝牡丹",)),
        ("，。", ("，。",)),
    ],
)
def test_clauses(text, clauses):
    assert split_clauses(text) == clauses


def test_clauses_of_many_texts_keep_their_places():
    pieces, starts = list_clauses(["甲乙丙丁戊，己庚辛壬癸", "折枝牡丹", "一二三四五；六七八九十"])
    assert pieces == ("甲乙丙丁戊", "己庚辛壬癸", "折枝牡丹", "一二三四五", "六七八九十")
    assert starts.tolist() == [0, 2, 3]


def test_hubness_finds_the_hub_and_its_correction_helps():
    random = np.random.default_rng(7)
    n = 200
    texts, images, bank = (unit(random, n, 16) for _ in range(3))
    common = unit(random, 1, 16)
    queries = texts + common
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    items = texts + 0.3 * images
    items[0] = common[0]
    items /= np.linalg.norm(items, axis=1, keepdims=True)
    asked = bank + common
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    assert find_hubness(items, asked).argmax() == 0
    scene = Scene(queries, items, bank=Bank(asked, asked))
    grading = Grading([(k,) for k in range(n)], [(k,) for k in range(n)])
    variant = next(v for v in VARIANTS if v.name == "hubness correction")
    plain, corrected = (
        find_mean_recall(rank_direction(variant, {"strength": strength}, scene, grading, "text_to_image"))
        for strength in (0.0, 1.0)
    )
    assert corrected > plain, "a hub that is near to all queries is to lose by its correction"


def test_grid_is_a_preset_of_its_own():
    assert GRID_CROPS.name == GRID and make_scene(0).crops[GRID].weights.shape == (40, 13)
