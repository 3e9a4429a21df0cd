"""Run by `torchrun` (or alone) in the tests: one step's gradients, and a short run, written by rank 0.

Usage: python two_processes.py FOLDER ACCUMULATION
"""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import torch  # noqa: E402
from model_making import list_losses, make_material, make_model, run_training  # noqa: E402

from baselines.finetuning import make_accelerator  # noqa: E402
from baselines.schedule import plan_steps  # noqa: E402
from baselines.training_settings import TrainingSettings  # noqa: E402
from baselines.training_step import Share, find_gradients, make_batch, prepare_training  # noqa: E402


def main() -> None:
    folder, accumulation = Path(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(1)
    settings = TrainingSettings(batch=16, accumulation=accumulation)
    accelerator = make_accelerator("cpu", settings)
    model, data = make_model(), make_material().training
    wrapped = accelerator.prepare(model.network)
    share = Share(accelerator.process_index, accelerator.num_processes, accelerator.device)
    plan = plan_steps(len(data.pairs), 16, 3, 8)
    prepare_training(model.network, checkpointing=False)
    batch = make_batch(data, plan, settings, 0, model.side_px, share)
    loss = find_gradients(wrapped, batch, share, accelerator.backward)
    total = accelerator.reduce(torch.tensor(loss, dtype=torch.float64))
    gradients = {name: p.grad.clone() for name, p in model.network.named_parameters()}
    outcome = run_training(folder / "run", accumulation=accumulation)
    if accelerator.is_main_process:
        told = {"loss": float(total), "gradients": gradients, "losses": list_losses(outcome)}
        told["processes"] = accelerator.num_processes
        torch.save(told | {"MR": outcome.best_MR}, folder / "told.pt")


if __name__ == "__main__":
    main()
