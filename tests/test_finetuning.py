"""Fine-tuning learns, stops and resumes as it says, and is the same on one process and on two."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from model_making import list_losses, make_material, make_model, run_training
from vector_making import write_drawn_release

from baselines.chinese_clip import import_chinese_clip
from baselines.corpus import read_corpus
from baselines.errors import TrainingError
from baselines.finetuning import fine_tune, make_accelerator, train
from baselines.losses import contrast
from baselines.models import load_model
from baselines.schedule import choose_pairs, choose_views, find_rate, plan_steps
from baselines.training_run import measure_validation
from baselines.training_set import cut_views
from baselines.training_settings import TrainingSettings, choose_settings
from baselines.training_step import Share, find_gradients, make_batch, prepare_training, stop_checkpointing

HERE = Path(__file__).parent
CPU = Share(0, 1, torch.device("cpu"))


def make_vectors(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    drawn = torch.randn(2, count, 6, generator=torch.Generator().manual_seed(seed))
    images, texts = torch.nn.functional.normalize(drawn, dim=-1)
    return images, texts


def find_loss(images, texts, ids) -> float:
    own = torch.arange(len(images))
    return float(contrast(images, texts, torch.tensor(9.0), images, texts, own, torch.tensor(ids)))


def test_loss_of_distinct_pairs_is_clips():
    images, texts = make_vectors(8)
    logits = 9 * images @ texts.T
    own = torch.arange(8)
    clips = [torch.nn.functional.cross_entropy(side, own) for side in (logits, logits.T)]
    assert find_loss(images, texts, [(n, n) for n in range(8)]) == pytest.approx(
        float(sum(clips)) / 2, rel=1e-6
    )


def test_what_is_the_same_is_no_negative():
    """Naive rewrite: each query's denominator leaves out pairs of the same text or of the same image."""
    images, texts = make_vectors(6)
    ids = [(0, 0), (0, 1), (1, 2), (2, 2), (3, 3), (3, 4)]
    logits = (9 * images @ texts.T).double().numpy()
    total = 0.0
    for scores in (logits, logits.T):
        for i, (text, image) in enumerate(ids):
            rivals = [j for j, (t, m) in enumerate(ids) if j == i or (t != text and m != image)]
            total += np.log(np.exp(scores[i, rivals]).sum()) - scores[i, i]
    assert find_loss(images, texts, ids) == pytest.approx(total / 12, rel=1e-6)
    assert find_loss(images, texts, ids) < find_loss(images, texts, [(n, n) for n in range(6)])


def find_step(model, checkpointing=False, **numbers):
    """One step's loss and gradients."""
    settings = TrainingSettings(**{"batch": 16, **numbers})
    data = make_material().training
    plan = plan_steps(len(data.pairs), 16, 3, 4)
    prepare_training(model.network, checkpointing=checkpointing)
    model.network.zero_grad()
    batch = make_batch(data, plan, settings, 0, model.side_px, CPU)
    loss = find_gradients(model.network, batch, CPU, lambda part: part.backward())
    return loss, {name: p.grad.clone() for name, p in model.network.named_parameters()}


def assert_close(first, second, share=1e-4) -> None:
    """Gradients within rounding: of each tensor, to the largest gradient in it."""
    assert first.keys() == second.keys()
    for name, expected in first.items():
        largest = float(expected.abs().max())
        assert largest > 0, f"{name} has no gradient"
        assert float((second[name] - expected).abs().max()) <= share * largest + 1e-9, name


def test_accumulated_parts_give_the_gradients_of_the_whole():
    whole, parts = find_step(make_model()), find_step(make_model(), accumulation=4)
    assert parts[0] == pytest.approx(whole[0], rel=1e-6)
    assert_close(whole[1], parts[1])


def test_parts_see_the_same_dropout_both_times():
    """With dropout, the second look at a part must be the first's, or its gradients belong to nothing."""
    settings = TrainingSettings(batch=16, accumulation=2)
    model, data = make_model(), make_material().training
    model.network.bert.embeddings.dropout.p = 0.3
    prepare_training(model.network, checkpointing=False)
    batch = make_batch(data, plan_steps(len(data.pairs), 16, 3, 2), settings, 0, 64, CPU)
    seen = []
    model.network.bert.embeddings.register_forward_hook(lambda _m, _i, out: seen.append(out.detach()))
    find_gradients(model.network, batch, CPU, lambda part: part.backward())
    assert len(seen) == 4 and torch.equal(seen[0], seen[2]) and torch.equal(seen[1], seen[3])
    assert (seen[0] == 0).any(), "nothing was dropped"


def test_checkpointing_gives_the_same_gradients_and_can_be_undone():
    model = make_model()
    whole, lean = find_step(make_model()), find_step(model, checkpointing=True)
    assert_close(whole[1], lean[1], 1e-6)
    assert "forward" in model.network.bert.encoder.layer[0].__dict__
    stop_checkpointing(model.network)
    assert "forward" not in model.network.bert.encoder.layer[0].__dict__


def run_processes(folder: Path, count: int, accumulation: int) -> dict:
    folder.mkdir()
    call = [sys.executable]
    if count > 1:
        call += ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(count)]
    call += [str(HERE / "two_processes.py"), str(folder), str(accumulation)]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(call, capture_output=True, text=True, check=False, env=env, timeout=400)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return torch.load(folder / "told.pt", weights_only=True)


def test_two_processes_give_the_gradients_and_the_run_of_one(tmp_path):
    """By torchrun over gloo: negatives are those of both processes, and so are the duplicates."""
    one = run_processes(tmp_path / "one", 1, 1)
    two = run_processes(tmp_path / "two", 2, 2)
    assert (one["processes"], two["processes"]) == (1, 2)
    assert two["loss"] == pytest.approx(one["loss"], rel=1e-6)
    assert_close(one["gradients"], two["gradients"])
    np.testing.assert_allclose(two["losses"], one["losses"], rtol=2e-3)
    assert len(one["losses"]) == 12


def test_it_learns(tmp_path):
    outcome = run_training(tmp_path, epochs=12, augment=False, patience=12)
    losses = list_losses(outcome)
    assert np.mean(losses[-3:]) < 0.7 * np.mean(losses[:3])
    assert outcome.history[0].epoch == 0 and not outcome.history[0].losses, "the start is measured too"
    assert outcome.best_MR > outcome.history[0].validation["MR"] + 20


def test_resumed_run_has_the_same_losses_to_the_bit(tmp_path):
    whole = run_training(tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run_training(tmp_path / "cut", stop_after=6, save_every=1)
    resumed = run_training(tmp_path / "cut", save_every=1)
    assert list_losses(resumed) == list_losses(whole)
    assert [e.validation for e in resumed.history] == [e.validation for e in whole.history]
    one, other = (load_model("tiny", run.weights).network.state_dict() for run in (whole, resumed))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_killed_process_goes_on_to_the_same_losses(tmp_path):
    """A real SIGKILL in the middle of a run, wherever it falls."""
    script = f"import sys; sys.path[:0] = [{str(HERE)!r}, {str(HERE.parent)!r}]\n" + (
        "from pathlib import Path\nfrom model_making import run_training\n"
        f"run_training(Path({str(tmp_path / 'killed')!r}), epochs=400, patience=400, save_every=2)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script])
    state = tmp_path / "killed" / "state.pt"
    ended = time.monotonic() + 120
    while not state.is_file() and process.poll() is None and time.monotonic() < ended:
        time.sleep(0.05)
    assert state.is_file() and process.poll() is None, "it was to be killed while it runs"
    time.sleep(0.5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reached = torch.load(state, weights_only=True)["step"]
    numbers = {"epochs": 400, "patience": 400, "save_every": 2}
    seen = [[], []]
    for losses, folder in zip(seen, ("killed", "whole"), strict=True):
        with pytest.raises(KeyboardInterrupt):
            run_training(tmp_path / folder, stop_after=reached + 3, losses=losses, **numbers)
    assert len(seen[0]) == 3 and len(seen[1]) == reached + 3
    assert seen[0] == seen[1][reached:]


def test_finished_run_is_not_run_again(tmp_path):
    first = run_training(tmp_path)
    told = []
    again = run_training(tmp_path, losses=told)
    assert told == [] and list_losses(again) == list_losses(first) and again.best_epoch == first.best_epoch


def test_state_of_another_run_or_a_damaged_one_is_refused(tmp_path):
    run_training(tmp_path, epochs=1)
    for other in ({"learning_rate": 2e-3}, {"seed": 1}, {"model": make_model(seed=1)}):
        with pytest.raises(TrainingError, match="of another run"):
            run_training(tmp_path, **{"epochs": 1, **other})
    state = tmp_path / "state.pt"
    state.write_bytes(state.read_bytes()[:1000])
    with pytest.raises(TrainingError, match="damaged training state"):
        run_training(tmp_path, epochs=1)


def test_weights_that_are_lost_beside_their_state_are_one_line(tmp_path):
    run_training(tmp_path, epochs=1)
    (tmp_path / "best.pt").write_bytes(b"")
    with pytest.raises(TrainingError, match="to train anew") as caught:
        run_training(tmp_path, epochs=1)
    assert "\n" not in str(caught.value)


def test_best_epoch_is_kept_and_reloads_to_its_own_measure(tmp_path):
    """A rate that ruins the model: the best is an early epoch, and that is what is written and given back."""
    model = make_model()
    outcome = run_training(tmp_path, model, learning_rate=3e-2, epochs=6, patience=2, warm_up=0.9)
    measured = [epoch.validation["MR"] for epoch in outcome.history]
    assert outcome.best_MR == max(measured) and measured[outcome.best_epoch] == max(measured)
    assert outcome.stopped_early and len(measured) - 1 == outcome.best_epoch + 2 < 6
    data, accelerator = make_material().validation, make_accelerator("cpu", TrainingSettings())
    for network in (load_model("tiny", outcome.weights), model):
        network.network.to("cpu")
        assert measure_validation(network, data, accelerator)["MR"] == outcome.best_MR


def test_averaging_with_the_start_never_loses_on_validation_and_is_written(tmp_path):
    start = {n: v.clone() for n, v in make_model().network.state_dict().items()}
    plain = run_training(tmp_path / "plain", epochs=6)
    mixed = run_training(tmp_path / "mixed", epochs=6, start_shares=(0.02, 0.3))
    assert mixed.best_MR >= plain.best_MR
    weights = load_model("tiny", mixed.weights).network.state_dict()
    trained = load_model("tiny", plain.weights).network.state_dict()
    share = mixed.start_share
    for name in ("visual.proj", "logit_scale"):
        expected = share * start[name] + (1 - share) * trained[name]
        torch.testing.assert_close(weights[name], expected)
    again = run_training(tmp_path / "mixed", epochs=6, start_shares=(0.02, 0.3))
    assert (again.start_share, again.best_MR) == (share, mixed.best_MR)


def test_bf16_trains_and_is_said_to_where_the_loss_is_lost(tmp_path):
    outcome = run_training(tmp_path / "half", epochs=4, mixed="bf16")
    losses = list_losses(outcome)
    assert np.isfinite(losses).all() and losses[-1] < losses[0]
    whole = list_losses(run_training(tmp_path / "whole", epochs=4))
    assert losses != whole and losses[0] == pytest.approx(whole[0], rel=0.02)
    broken = make_model()
    broken.network.visual.proj.data[0, 0] = float("nan")
    with pytest.raises((TrainingError, ValueError)):
        run_training(tmp_path / "broken", broken)


def test_real_architecture_is_saved_so_that_cn_clip_loads_it(tmp_path):
    """RN50, one step: cn_clip's own `load_from_name` reads what was written."""
    model = make_model("RN50")
    before = model.network.visual.conv1.weight.detach().clone()
    statistics = model.network.visual.bn1.running_mean.clone()
    material = make_material(8, 4)
    shades = np.zeros((8, 3, 252, 252), np.uint8) + np.arange(8, dtype=np.uint8)[:, None, None, None] * 30
    training = type(material.training)(shades, material.training.tokens, material.training.pairs[:8])
    held = type(material.validation)(
        shades[:4, :, :224, :224], material.validation.tokens, material.validation.grading
    )
    material = type(material)(training, held, material.context, "drawn")
    settings = TrainingSettings(epochs=1, batch=4, learning_rate=1e-3)
    outcome = train(model, material, tmp_path, settings, make_accelerator("cpu", settings))
    assert torch.equal(model.network.visual.bn1.running_mean, statistics), "its statistics are to stay"
    loaded, _ = import_chinese_clip().load_from_name(
        str(outcome.weights),
        device="cpu",
        vision_model_name="RN50",
        text_model_name="RBT3-chinese",
        input_resolution=224,
    )
    for (name, ours), theirs in zip(
        model.network.state_dict().items(), loaded.state_dict().values(), strict=True
    ):
        torch.testing.assert_close(ours.half().float(), theirs.half().float(), msg=name)
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    assert not torch.equal(state["network"]["visual.conv1.weight"], before), "nothing was trained"


def test_release_is_fine_tuned_and_pixels_are_decoded_once(tmp_path):
    corpus = read_corpus(write_drawn_release(tmp_path / "drawn", 60, 4))
    decoded = []
    settings = TrainingSettings(learning_rate=1e-3, epochs=2, batch=16)
    first = fine_tune(make_model(), corpus, tmp_path / "work/seed-0", settings, "cpu", advance=decoded.append)
    pictures = sum(len(corpus.splits[name].pictures) for name in ("train", "validation"))
    assert sum(decoded) == pictures
    fine_tune(make_model(), corpus, tmp_path / "work/seed-1", settings, "cpu", advance=decoded.append)
    assert sum(decoded) == pictures
    assert first.weights.is_file() and first.context >= 20 and first.cut_share == 0
    assert len(first.history) == 3


def test_release_without_training_texts_is_refused(tmp_path):
    corpus = read_corpus(write_drawn_release(tmp_path, 40, 4))
    nothing = replace(corpus.splits["train"], texts=())
    empty = replace(corpus, splits={**corpus.splits, "train": nothing})
    with pytest.raises(TrainingError, match="training split has no texts"):
        fine_tune(make_model(), empty, tmp_path / "run", TrainingSettings(), "cpu")


def test_every_pair_comes_up_once_an_epoch_whatever_the_processes():
    plan = plan_steps(103, 16, 4, 4)
    assert plan.batch % 4 == 0 and plan.steps_per_epoch * plan.batch > 103 - plan.batch
    for epoch in (0, 3):
        steps = range(epoch * plan.steps_per_epoch, (epoch + 1) * plan.steps_per_epoch)
        chosen = np.concatenate([choose_pairs(plan, step, seed=5) for step in steps])
        assert len(set(chosen.tolist())) == len(chosen)
    assert not np.array_equal(choose_pairs(plan, 0, 5), choose_pairs(plan, plan.steps_per_epoch, 5))
    assert not np.array_equal(choose_pairs(plan, 0, 5), choose_pairs(plan, 0, 6))
    with pytest.raises(ValueError, match="3 pairs cannot be shared among 4"):
        plan_steps(3, 16, 1, 4)


def test_views_are_large_unmirrored_and_cut_where_they_say():
    plan = plan_steps(400, 16, 2, 1)
    views = choose_views(plan, 0, 0)
    sides = views[:, 2:4] - views[:, :2]
    assert views[:, :4].min() >= 0 and views[:, :4].max() <= 1 + 1e-6 and not views[:, 4].any()
    assert 0.8 < sides.prod(axis=1).min() < sides.prod(axis=1).max() <= 1 + 1e-6
    assert 0.4 < choose_views(plan, 0, 0, flip=0.5)[:, 4].mean() < 0.6
    ramp = torch.arange(72.0).expand(1, 3, 72, 72)
    part = cut_views(ramp, np.array([[0.25, 0, 0.75, 1, 0]], np.float32), 36)
    np.testing.assert_allclose(part[0, 0, 0], np.arange(36) + 18, atol=1e-3)
    mirrored = cut_views(ramp, np.array([[0.25, 0, 0.75, 1, 1]], np.float32), 36)
    torch.testing.assert_close(mirrored, part.flip(-1), atol=1e-3, rtol=0)


def test_rate_warms_up_and_falls_as_cn_clips_scheduler():
    from cn_clip.training.scheduler import cosine_lr

    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1)
    theirs = cosine_lr(optimizer, 0.5, 7, 50)
    for step in range(50):
        theirs(step)
        assert find_rate(step, 50, 7, 0.5) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-9)


def test_settings_out_of_range_are_refused_and_models_have_their_own():
    for wrong in (
        {"mixed": "fp8"},
        {"epochs": 0},
        {"start_shares": (1.0,)},
        {"learning_rate": float("nan")},
        {"learning_rate": 0.0},
        {"weight_decay": -1.0},
        {"warm_up": 1.5},
        {"betas": (0.9,)},
        {"context": 2},
    ):
        with pytest.raises(ValueError):
            TrainingSettings(**wrong)
    assert choose_settings("ViT-H-14").learning_rate < choose_settings("ViT-B-16").learning_rate
    assert choose_settings("RN50").betas == (0.9, 0.999) and choose_settings("tiny", 3).seed == 3
