"""Checkpoints of every kind are read to the same model, and what is none is said in one line."""

import gc
import json
import pickle
import shutil

import numpy as np
import pytest
import torch
from model_making import make_model, save_published

from baselines.architectures import (
    MODELS,
    TINY_WEIGHTS,
    find_architecture,
    guess_architecture,
    sign_architecture,
)
from baselines.chinese_clip import import_chinese_clip
from baselines.errors import WeightsError
from baselines.hub import find_published
from baselines.models import load_model
from baselines.tokens import tokenize


@pytest.fixture(scope="module")
def model():
    return make_model()


def see(network, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """What a network makes of one picture and one text."""
    side = 64 if network.visual.input_resolution == 64 else network.visual.input_resolution
    pixels = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return network.eval().encode_image(pixels).numpy(), network.encode_text(
            tokenize(["绛红地鹤纹"], 12)
        ).numpy()


def assert_same(first, second) -> None:
    for a, b in zip(see(first), see(second), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


@pytest.mark.parametrize("prefix", ["module.", ""])
def test_published_form_is_loaded_with_and_without_prefix(model, tmp_path, prefix):
    path = save_published(model, tmp_path / "clip.pt", prefix)
    loaded = load_model("tiny", path)
    model.network.load_state_dict({n: v.half().float() for n, v in model.network.state_dict().items()})
    assert_same(loaded.network, model.network)
    assert {p.dtype for p in loaded.network.parameters()} == {torch.float32}
    assert all(p.requires_grad for p in loaded.network.parameters()), "it could not be trained"
    assert not loaded.network.training


def test_pooler_of_the_trainers_checkpoints_is_left_out(model, tmp_path):
    state = {f"module.{n}": v for n, v in model.network.state_dict().items()}
    state["module.bert.pooler.dense.weight"] = torch.zeros(128, 128)
    torch.save({"state_dict": state}, tmp_path / "epoch3.pt")
    assert_same(load_model("tiny", tmp_path / "epoch3.pt").network, model.network)


def test_folder_bare_state_and_safetensors_give_the_same(model, tmp_path):
    import safetensors.torch

    state = {n: v.contiguous() for n, v in model.network.state_dict().items()}
    for name, save in (("a", torch.save), ("b", safetensors.torch.save_file)):
        folder = tmp_path / name
        folder.mkdir()
        save(state, folder / ("weights.pt" if name == "a" else "weights.safetensors"))
        assert_same(load_model(None, folder).network, model.network)


def test_architecture_is_told_from_the_weights(model, tmp_path):
    assert load_model(None, save_published(model, tmp_path / "clip.pt")).name == "tiny"


def test_signatures_tell_all_architectures_apart():
    assert len({sign_architecture(find_architecture(name)) for name in MODELS}) == len(MODELS)


def test_hash_is_that_of_the_file(model, tmp_path):
    import hashlib

    path = save_published(model, tmp_path / "clip.pt")
    assert load_model("tiny", path).weights_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", ["RN50", "ViT-B-16"])
def test_full_size_checkpoints_load_as_cn_clip_loads_them(name, tmp_path):
    """The published form at its real size; cn_clip's own loader is the judge."""
    made = make_model(name)
    path = save_published(made, tmp_path / "clip.pt")
    del made
    gc.collect()
    loaded = load_model(None, path)
    assert loaded.name == name
    found = see(loaded.network)
    architecture = loaded.architecture
    del loaded
    gc.collect()
    theirs, _ = import_chinese_clip().load_from_name(
        str(path),
        device="cpu",
        vision_model_name=architecture.vision,
        text_model_name=architecture.text,
        input_resolution=architecture.side_px,
    )
    for ours, expected in zip(found, see(theirs), strict=True):
        np.testing.assert_allclose(ours, expected, atol=2e-3 * np.abs(expected).max())


def test_transformers_layout_gives_what_transformers_gives(tmp_path):
    """A model that transformers made and saved; only the sizes are tiny's."""
    from baselines.chinese_clip import import_network

    # Before transformers, which imports torchvision: `baselines/torchvision_ops.py`.
    import_network()
    from transformers import ChineseCLIPConfig, ChineseCLIPModel

    layers = {"hidden_size": 128, "intermediate_size": 512, "num_attention_heads": 4}
    text = {
        "vocab_size": 21128,
        "num_hidden_layers": 2,
        "max_position_embeddings": 96,
        "initializer_range": 0.3,
    }
    vision = {"num_hidden_layers": 4, "image_size": 64, "patch_size": 8}
    config = ChineseCLIPConfig(text_config=layers | text, vision_config=layers | vision, projection_dim=128)
    torch.manual_seed(0)
    theirs = ChineseCLIPModel(config).eval()
    theirs.save_pretrained(tmp_path)
    ours = load_model(None, tmp_path)
    pixels, tokens = torch.rand(2, 3, 64, 64), tokenize(["绛红地鹤纹", "石青"], 10)
    with torch.no_grad():
        image = theirs.get_image_features(pixel_values=pixels).pooler_output
        words = theirs.get_text_features(input_ids=tokens, attention_mask=(tokens != 0).long()).pooler_output
        np.testing.assert_allclose(ours.network.encode_image(pixels), image, atol=1e-4 * image.abs().max())
        np.testing.assert_allclose(ours.network.encode_text(tokens), words, atol=1e-4 * words.abs().max())


def fail(call) -> str:
    with pytest.raises(WeightsError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message and len(message) < 300, message
    return message


def test_wrong_architecture_names_the_right_one(model, tmp_path):
    path = save_published(model, tmp_path / "clip.pt")
    assert "weights of tiny, not of ViT-B-16; say --model tiny" in fail(lambda: load_model("ViT-B-16", path))


def test_unknown_architecture_lists_those_there_are():
    assert "ViT-H-14" in fail(lambda: load_model("ViT-G"))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_truncated_file_is_said_to_be(model, tmp_path, share):
    path = save_published(model, tmp_path / "clip.pt")
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    message = fail(lambda: load_model("tiny", path))
    assert str(path) in message and ("cut short" in message or "empty" in message)


class Trap:
    """Runs code where it is unpickled."""

    def __reduce__(self):
        return (open, ("/nowhere/at/all", "w"))


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_pickle_that_is_not_weights_is_refused_unopened(tmp_path, protocol):
    path = tmp_path / "clip.pt"
    path.write_bytes(pickle.dumps({"state_dict": Trap()}, protocol=protocol))
    assert str(path) in fail(lambda: load_model("tiny", path))
    torch.save({"state_dict": Trap()}, path)
    assert "not a checkpoint of tensors alone" in fail(lambda: load_model("tiny", path))


def test_other_contents_are_named(model, tmp_path):
    path = tmp_path / "clip.pt"
    torch.save([1, 2], path)
    assert "a list, not weights by name" in fail(lambda: load_model("tiny", path))
    torch.save({"step": 3, "loss": 0.1}, path)
    assert "something else than weights" in fail(lambda: load_model("tiny", path))
    torch.save({"state_dict": {"fc.weight": torch.zeros(2)}}, path)
    assert "not weights of a Chinese-CLIP" in fail(lambda: load_model("tiny", path))
    path.write_bytes(b"<!DOCTYPE html><html>Not found</html>")
    assert str(path) in fail(lambda: load_model("tiny", path))


def test_missing_and_misshapen_tensors_are_named(model, tmp_path):
    state = dict(model.network.state_dict())
    del state["visual.ln_post.bias"]
    torch.save({"state_dict": state}, tmp_path / "clip.pt")
    assert "without visual.ln_post.bias" in fail(lambda: load_model("tiny", tmp_path / "clip.pt"))
    state["visual.ln_post.bias"] = torch.zeros(7)
    torch.save({"state_dict": state}, tmp_path / "clip.pt")
    assert "visual.ln_post.bias has the shape (7,), not (128,)" in fail(
        lambda: load_model("tiny", tmp_path / "clip.pt")
    )


def test_folders_without_one_checkpoint_are_named(model, tmp_path):
    assert "no such file" in fail(lambda: load_model("tiny", tmp_path / "none.pt"))
    assert "holds no checkpoint" in fail(lambda: load_model("tiny", tmp_path))
    for name in ("a.pt", "b.pt"):
        save_published(model, tmp_path / name)
    assert "holds 2 checkpoints" in fail(lambda: load_model("tiny", tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "clip"}), encoding="utf-8")
    assert "model_type is 'clip'" in fail(lambda: load_model("tiny", tmp_path))


def test_without_a_hub_the_file_to_get_is_named_at_once(monkeypatch, tmp_path):
    monkeypatch.setenv("CULTI_DOWNLOAD", "1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    message = fail(lambda: find_published(find_architecture("ViT-B-16")))
    assert "no hub in reach" in message and "clip_cn_vit-b-16.pt" in message and "--weights" in message


def test_nothing_is_downloaded_unless_the_user_allows_it(monkeypatch, tmp_path):
    monkeypatch.delenv("CULTI_DOWNLOAD", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("socket.create_connection", lambda *_, **__: pytest.fail("a host was asked"))
    message = fail(lambda: find_published(find_architecture("ViT-B-16")))
    assert "CULTI_DOWNLOAD=1" in message and "clip_cn_vit-b-16.pt" in message and "--weights" in message


def test_a_damaged_tiny_model_is_told_by_its_hash(monkeypatch, tmp_path):
    copy = tmp_path / "tiny.pt"
    copy.write_bytes(TINY_WEIGHTS.read_bytes()[:-1] + b"x")
    shutil.copy(TINY_WEIGHTS.with_name("tiny.pt.sha256"), tmp_path)
    monkeypatch.setattr("baselines.models.TINY_WEIGHTS", copy)
    assert "damaged" in fail(lambda: load_model("tiny"))
    monkeypatch.setattr("baselines.models.TINY_WEIGHTS", TINY_WEIGHTS)
    assert load_model("tiny").name == "tiny"


def test_weights_of_none_are_guessed_as_none():
    assert guess_architecture({"visual.conv1.weight": (3, 3, 3, 3)}) is None
