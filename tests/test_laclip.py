"""LACLIP: where crops lie, that one pooled vector is the double sum, and what each number does."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from baselines.laclip import (
    GRID_CROPS,
    PRESETS,
    LaclipSettings,
    draw_boxes,
    draw_grid,
    pool_images,
    weigh_crops,
)

FIRST_BOX = [0.17622018, 0.05693979, 0.67446250, 0.80430323]


def unit(random, *shape):
    vectors = random.standard_normal(shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def name_image(n):
    return hashlib.sha256(bytes([n])).hexdigest()


@pytest.mark.parametrize("preset", [*PRESETS.values(), GRID_CROPS], ids=lambda s: s.name)
def test_one_pooled_vector_is_the_double_sum(preset):
    random = np.random.default_rng(0)
    images, texts = unit(random, 5, 16), unit(random, 7, 16)
    crops = unit(random, 5, preset.crops, 16) + images[:, None]
    crops /= np.linalg.norm(crops, axis=-1, keepdims=True)
    weights = weigh_crops(images, crops, preset)
    scores = texts @ pool_images(images, crops, preset).T
    for text in range(7):
        for image in range(5):
            expected = sum(
                w * float(u @ texts[text]) for w, u in zip(weights[image], crops[image], strict=True)
            )
            if preset.norm == "unit":
                expected /= np.linalg.norm((weights[image, :, None] * crops[image]).sum(axis=0))
            assert scores[text, image] == pytest.approx(expected, abs=1e-5)


def test_weights_are_what_each_name_says():
    random = np.random.default_rng(1)
    images, crops = unit(random, 3, 8), unit(random, 3, 4, 8)
    cosines = np.array([[crops[i, j] @ images[i] for j in range(4)] for i in range(3)])
    settings = LaclipSettings("x", crops=4, weighting="cosine")
    assert weigh_crops(images, crops, settings) == pytest.approx(cosines, abs=1e-6)
    soft = np.exp(3 * cosines) / np.exp(3 * cosines).sum(axis=1, keepdims=True)
    found = weigh_crops(images, crops, replace(settings, weighting="softmax", sharpness=3.0))
    assert found == pytest.approx(soft, abs=1e-6)
    assert weigh_crops(images, crops, replace(settings, weighting="uniform")) == pytest.approx(0.25)


def test_presets_are_named_for_their_sources():
    paper, wca = PRESETS["paper-figure"], PRESETS["wca"]
    assert (paper.weighting, paper.norm) == ("cosine", "none"), "the figure shows no softmax"
    assert (wca.crops, wca.side_min, wca.side_max) == (60, 0.1, 0.9)
    assert wca.weighting == "softmax" and wca.sharpness == pytest.approx(np.exp(4))


@pytest.mark.parametrize("width,height", [(300, 200), (50, 300), (64, 64)])
def test_boxes_are_squares_inside_the_image(width, height):
    settings = LaclipSettings("x", crops=400, side_min=0.3, side_max=0.6)
    boxes = draw_boxes(name_image(1), width, height, settings)
    assert boxes.shape == (400, 4) and boxes.min() >= 0 and boxes.max() <= 1
    wide, high = (boxes[:, 2] - boxes[:, 0]) * width, (boxes[:, 3] - boxes[:, 1]) * height
    assert wide == pytest.approx(high, abs=1e-3)
    sides = wide / min(width, height)
    assert sides.min() >= 0.299 and sides.max() <= 0.601
    assert sides.max() - sides.min() > 0.25, "sides are to vary over all that is allowed"
    spare = boxes[:, 0] / np.maximum(1 - (boxes[:, 2] - boxes[:, 0]), 1e-9)
    assert spare.min() < 0.05 and spare.max() > 0.95, "crops are to reach every edge"


def test_boxes_follow_from_seed_and_hash_alone():
    settings = LaclipSettings("x", crops=5)
    first = draw_boxes(name_image(1), 90, 60, settings)
    assert (first == draw_boxes(name_image(1), 90, 60, settings)).all()
    assert (first != draw_boxes(name_image(2), 90, 60, settings)).any()
    assert (first != draw_boxes(name_image(1), 90, 60, replace(settings, seed=1))).any()
    # Written down once, so that another numpy cannot move the crops of a published number.
    assert first[0] == pytest.approx(FIRST_BOX, abs=1e-6)


def test_grid_covers_the_image_without_overlap():
    boxes = draw_grid((2, 3))
    assert len(boxes) == GRID_CROPS.crops == 13
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    assert areas[:4].sum() == pytest.approx(1) and areas[4:].sum() == pytest.approx(1)
    assert {tuple(box) for box in boxes[:4]} == {
        (0, 0, 0.5, 0.5), (0.5, 0, 1, 0.5), (0, 0.5, 0.5, 1), (0.5, 0.5, 1, 1)
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"crops": 0},
        {"side_min": 0.0},
        {"side_min": 0.9, "side_max": 0.5},
        {"sharpness": float("inf")},
        # Taken for another, it would give that one's numbers under this one's name.
        {"weighting": "cosines"},
        {"norm": "length"},
    ],
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError):
        LaclipSettings("x", **wrong)
