"""Ranks and metrics: against a naive rewrite, against cn_clip's own scripts, and the rule on ties."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from baselines.metrics import METRICS, Ranks, measure, measure_chance
from baselines.ranking import Grading, list_top, rank_blocks, rank_both, rank_vectors
from baselines.statistics import TESTED


def unit(random, *shape):
    vectors = random.standard_normal(shape).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def make_grading(random, texts, images):
    """Every image has a text and the other way round; some have several."""
    links = {(t % texts, t % images) for t in range(max(texts, images))}
    links |= {(int(random.integers(texts)), int(random.integers(images))) for _ in range(texts // 3)}
    of_text = [tuple(sorted(i for t, i in links if t == n)) for n in range(texts)]
    of_image = [tuple(sorted(t for t, i in links if i == n)) for n in range(images)]
    return Grading(of_text, of_image)


def rank_naively(queries, items, relevant):
    """The rule word for word, one pair at a time."""
    ranks = []
    for query, good in zip(queries, relevant, strict=True):
        scores = [float(np.float32(query @ item)) for item in items]
        best = max(scores[n] for n in good)
        ranks.append(1 + sum(s >= best for n, s in enumerate(scores) if n not in good))
    return ranks


@pytest.mark.parametrize("seed", range(6))
def test_ranks_equal_a_naive_rewrite_in_blocks_of_any_size(seed):
    random = np.random.default_rng(seed)
    # Integers make scores exact and ties frequent.
    texts = random.integers(-2, 3, (37, 6)).astype(np.float32)
    images = random.integers(-2, 3, (29, 6)).astype(np.float32)
    grading = make_grading(random, len(texts), len(images))
    expected = rank_naively(texts, images, grading.images_of_text)
    for block_bytes in (1, 1000, 2**27):
        assert rank_vectors(texts, images, grading.images_of_text, block_bytes).tolist() == expected
    back = rank_both(texts, images, grading).image_to_text
    assert back.tolist() == rank_naively(images, texts, grading.texts_of_image)


def test_ties_count_against_and_relevant_items_never_do():
    same = np.ones((5, 3), dtype=np.float32)
    ranks = rank_vectors(same, same, [(n,) for n in range(5)])
    assert ranks.tolist() == [5] * 5, "a model that gives everything the same score must rank last"
    assert rank_vectors(same[:1], same, [(0, 1, 2)]).tolist() == [3], "three of five tied items are right"


def test_equal_vectors_tie_wherever_they_stand():
    random = np.random.default_rng(0)
    items = unit(random, 1003, 129)
    items[5] = items[1001]
    query = items[1001:1002] + 0.1 * unit(random, 1, 129)
    ranks = rank_vectors(np.repeat(query, 7, axis=0), items, [(1001,)] * 7)
    assert ranks.tolist() == [2] * 7, "the copy of the right image is an equal answer and counts against it"


def test_what_cannot_be_ranked_is_refused():
    items = np.eye(3, dtype=np.float32)
    with pytest.raises(ValueError, match="relevant"):
        rank_vectors(items, items, [(0,), (), (2,)])
    with pytest.raises(ValueError, match="finite"):
        rank_vectors(np.full((1, 3), np.nan, np.float32), items, [(0,)])


def test_memory_is_bounded_by_the_block():
    seen = []

    def score(part):
        seen.append(part.stop - part.start)
        return np.tile(np.arange(1000, dtype=np.float32), (part.stop - part.start, 1))

    ranks = rank_blocks(score, [(999,)] * 700, 1000, block_bytes=400_000)
    assert max(seen) == 100 and sum(seen) == 700, "a block has more queries than its bytes allow"
    assert (ranks == 1).all()


def test_metrics_by_hand():
    ranks = Ranks(np.array([1, 2, 6, 11], np.int32), np.array([1, 1], np.int32))
    found = measure(ranks)
    assert tuple(found) == METRICS
    assert [found[f"text_to_image_R@{k}"] for k in (1, 5, 10)] == [25.0, 50.0, 75.0]
    assert found["text_to_image_mean_recall"] == 50.0 and found["image_to_text_mean_recall"] == 100.0
    assert found["MR"] == 75.0, "MR is the mean of all six recalls"
    assert found["text_to_image_median_rank"] == 4.0
    assert found["text_to_image_MRR"] == pytest.approx((1 + 1 / 2 + 1 / 6 + 1 / 11) / 4)
    assert set(TESTED) < set(METRICS)


def test_chance():
    assert measure_chance(20, 100)["text_to_image_R@5"] == 5.0
    assert measure_chance(20, 100)["image_to_text_R@10"] == 50.0


def test_list_top_is_ordered_and_stable():
    scores = np.array([[1.0, 3.0, 3.0, 2.0]], dtype=np.float32)
    order, values = list_top(lambda part: scores[part], 0, 3)
    assert order.tolist() == [1, 2, 3] and values.tolist() == [3.0, 3.0, 2.0]


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def run_as_shipped(folder, script, id_name, list_name, queries, items, relevant):
    """The recalls that cn_clip's script prints for the ten best of plain dot products, in its own form."""
    order = np.argsort(-(queries @ items.T), axis=1, kind="stable")[:, :10]
    write_lines(
        folder / "gold.jsonl", [{id_name: n, list_name: list(found)} for n, found in enumerate(relevant)]
    )
    write_lines(
        folder / "predicted.jsonl", [{id_name: n, list_name: row.tolist()} for n, row in enumerate(order)]
    )
    # The file is run by its path: importing cn_clip would load torch.
    place = Path(find_spec("cn_clip").submodule_search_locations[0]) / "eval" / script
    files = [str(folder / name) for name in ("gold.jsonl", "predicted.jsonl", "out.json")]
    subprocess.run([sys.executable, str(place), *files], check=True, capture_output=True)
    result = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    assert result["success"], result
    return result["scoreJson"]


@pytest.mark.parametrize("seed", range(3))
def test_recalls_equal_cn_clips_own_scripts(tmp_path, seed):
    if find_spec("cn_clip") is None:
        pytest.skip("cn_clip is not installed: pip install -e '.[validate]'")
    random = np.random.default_rng(seed)
    texts, images = unit(random, 83, 24), unit(random, 71, 24)
    grading = make_grading(random, len(texts), len(images))
    for text, found in enumerate(grading.images_of_text):
        texts[text] += 0.4 * images[found[0]]
    ours = measure(rank_both(texts, images, grading))
    there = run_as_shipped(
        tmp_path, "evaluation.py", "text_id", "image_ids", texts, images, grading.images_of_text
    )
    back = run_as_shipped(
        tmp_path, "evaluation_tr.py", "image_id", "text_ids", images, texts, grading.texts_of_image
    )
    for direction, theirs in (("text_to_image", there), ("image_to_text", back)):
        assert 5 < theirs["mean_recall"] < 95, "nothing is compared where all is right or wrong"
        for k in (1, 5, 10):
            assert ours[f"{direction}_R@{k}"] == pytest.approx(theirs[f"r{k}"], abs=1e-9)
        assert ours[f"{direction}_mean_recall"] == pytest.approx(theirs["mean_recall"], abs=1e-9)
