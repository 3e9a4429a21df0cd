"""Vectors are those of cn_clip, crops those of Pillow, and what is known is not made again."""

import io

import numpy as np
import pytest
import torch
from model_making import make_model
from PIL import Image
from vector_making import write_drawn_release

from baselines.chinese_clip import import_chinese_clip
from baselines.corpus import read_corpus, read_image_bytes
from baselines.crops import cut_crops, shrink_for_crops
from baselines.encoding import ClipEncoder
from baselines.errors import CorpusError
from baselines.pictures import decode, normalise, squash
from baselines.tokens import choose_context, count_tokens, tokenize


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return read_corpus(write_drawn_release(tmp_path_factory.mktemp("encoding"), 40, 4))


@pytest.fixture(scope="module")
def pictures(corpus):
    return corpus.splits["train"].pictures


def make_encoder(folder=None, seed=0, **options) -> ClipEncoder:
    return ClipEncoder(make_model(seed=seed), "cpu", 52, folder, **options)


def test_images_are_seen_as_cn_clip_sees_them(pictures):
    """Against cn_clip's own image_transform, to the bit; and through the model within rounding."""
    transform = import_chinese_clip().utils.image_transform(64)
    expected = torch.stack([transform(Image.open(io.BytesIO(read_image_bytes(p)))) for p in pictures])
    ready = [squash(decode(p, read_image_bytes(p)), 64) for p in pictures]
    assert torch.equal(normalise(torch.from_numpy(np.stack(ready))), expected)
    with torch.no_grad():
        vectors = torch.nn.functional.normalize(make_model().network.eval().encode_image(expected), dim=-1)
    np.testing.assert_allclose(make_encoder(batch=7).encode_images(pictures), vectors, atol=2e-6)


def test_texts_are_seen_as_cn_clip_sees_them(corpus):
    texts = corpus.splits["train"].texts
    tokens = import_chinese_clip().tokenize(list(texts), context_length=52)
    with torch.no_grad():
        vectors = torch.nn.functional.normalize(make_model().network.eval().encode_text(tokens), dim=-1)
    np.testing.assert_allclose(make_encoder(batch=5).encode_texts(texts), vectors, atol=2e-6)


def test_whole_image_as_a_crop_is_the_image(pictures):
    encoder = make_encoder()
    whole = np.tile(np.array([0, 0, 1, 1], np.float32), (len(pictures), 1, 1))
    crops = encoder.encode_crops(pictures, whole)
    assert crops.shape == (len(pictures), 1, 128)
    likeness = (crops[:, 0] * encoder.encode_images(pictures)).sum(axis=1)
    assert likeness.min() > 0.995, "only what Pillow rounds may lie between them"


@pytest.mark.parametrize("size", [(240, 180), (50, 300)])
def test_crops_are_those_of_pillow(size):
    """Enlarging and shrinking, at fractions of pixels: Pillow's own resize with a box is the judge."""
    random = np.random.default_rng(1)
    noise = random.integers(0, 256, (size[1] // 10, size[0] // 10, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize(size, Image.Resampling.BILINEAR)
    corners = np.sort(random.random((12, 2, 2)), axis=1)
    corners[:, 1] = np.maximum(corners[:, 1], corners[:, 0] + 0.05).clip(max=1)
    boxes = corners.reshape(12, 4).astype(np.float32)
    pixels = torch.from_numpy(np.asarray(image).transpose(2, 0, 1).copy())
    found = cut_crops(pixels, torch.from_numpy(boxes), 32).numpy()
    for box, crop in zip(boxes, found, strict=True):
        inside = tuple(float(v) for v in box * np.array([*size, *size]))
        expected = np.asarray(image.resize((32, 32), Image.Resampling.BICUBIC, box=inside), dtype=float)
        assert np.abs(crop - expected.transpose(2, 0, 1)).max() < 2.5, "of 255; Pillow rounds twice"


def test_image_is_shrunk_no_further_than_its_smallest_crop_needs():
    image = Image.new("RGB", (1000, 800))
    boxes = np.array([[0, 0, 0.5, 0.625], [0, 0, 0.8, 1]], np.float32)
    assert shrink_for_crops(image, boxes, 64).size == (256, 205)
    assert shrink_for_crops(image, boxes, 448).size == (1000, 800)


def test_known_vectors_are_not_made_again(pictures, corpus, tmp_path):
    texts = corpus.splits["train"].texts
    boxes = np.tile(np.array([0.1, 0.1, 0.8, 0.8], np.float32), (len(pictures), 2, 1))
    first = make_encoder(tmp_path)
    made = first.encode_images(pictures), first.encode_texts(texts), first.encode_crops(pictures, boxes)
    again = make_encoder(tmp_path)
    again._network = None  # whoever needs the model now fails
    found = again.encode_images(pictures), again.encode_texts(texts), again.encode_crops(pictures, boxes)
    for a, b in zip(made, found, strict=True):
        assert np.array_equal(a, b)
    with pytest.raises(AttributeError):
        again.encode_crops(pictures, boxes + 0.01)


def test_other_weights_contexts_and_precisions_find_nothing(pictures, corpus, tmp_path):
    texts = corpus.splits["train"].texts
    make_encoder(tmp_path).encode_images(pictures)
    make_encoder(tmp_path).encode_texts(texts)
    other = ClipEncoder(make_model(seed=1), "cpu", 52, tmp_path)
    assert not np.allclose(other.encode_images(pictures), make_encoder().encode_images(pictures))
    half = make_encoder(tmp_path, precision="bf16")
    half._network = None
    with pytest.raises(AttributeError):
        half.encode_images(pictures)
    short = ClipEncoder(make_model(), "cpu", 8, tmp_path)
    assert not np.allclose(short.encode_texts(texts), make_encoder().encode_texts(texts))


def test_some_new_among_known_and_twice_the_same(pictures, tmp_path):
    make_encoder(tmp_path).encode_images(pictures[3:6])
    mixed = [pictures[5], pictures[0], pictures[0], pictures[3], pictures[1]]
    np.testing.assert_allclose(
        make_encoder(tmp_path).encode_images(mixed), make_encoder().encode_images(mixed), atol=2e-6
    )


def test_vectors_have_length_one_and_progress_adds_up(pictures):
    told: list[int] = []
    vectors = make_encoder(advance=told.append, batch=4).encode_images(pictures)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert sum(told) == len(pictures)


def test_what_is_transparent_is_laid_on_white(pictures):
    image = Image.new("RGBA", (40, 20), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, 20, 20))
    content = io.BytesIO()
    image.save(content, "PNG")
    shown = np.asarray(decode(pictures[0], content.getvalue()))
    assert tuple(shown[5, 5]) == (200, 0, 0) and tuple(shown[5, 35]) == (255, 255, 255)


def test_bytes_that_are_no_image_name_the_pair(pictures):
    with pytest.raises(CorpusError, match=pictures[0].pair_id):
        decode(pictures[0], b"GIF89a and nothing")
    with pytest.raises(CorpusError, match="cannot be decoded"):
        decode(pictures[0], read_image_bytes(pictures[0])[:200])


def test_context_follows_the_texts_and_the_cut_is_counted():
    texts = ["鹤纹", "绛红地团窠对鹤纹锦袍" * 3, "龙" * 500]
    assert count_tokens(texts)[:2] == [4, 32]
    assert choose_context(texts[:2], 512).length == 32
    cut = choose_context(texts, 128)
    assert (cut.length, round(cut.cut_share, 3)) == (128, 0.333)
    assert choose_context(texts, 512, asked=16).cut_share == pytest.approx(2 / 3)
    assert tokenize(texts, cut.length).shape == (3, 128)
