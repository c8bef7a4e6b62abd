"""What both trainings share: batches, the schedule, averaged weights, checkpoints and the record of the losses."""
import copy
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from scenes import SCENES_FOLDER

sys.path.append(str(Path(__file__).resolve().parents[1]))
from muon import optimizers_of  # noqa: E402


def add_arguments(parser, steps, batch, rate):
    parser.add_argument("--scenes", default=SCENES_FOLDER, help="folder for drawn scenes")
    parser.add_argument("--work", required=True, help="folder for checkpoints and losses; a training goes on from there")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=50000, help="scenes to train on")
    parser.add_argument("--steps", type=int, default=steps)
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate, help="highest learning rate")
    parser.add_argument("--start", help="training.pt of another training, whose averaged weights this one begins with")
    parser.add_argument("--threads", type=int, default=1)


def train(args, model, draw_loss, count, outer):
    """
    Minimises draw_loss(model, indices, generator) -> (loss, figures). Returns the averaged model and the losses.
    `outer`: parts of names of the weights that are no inner matrices.
    """
    work = Path(args.work)
    work.mkdir(parents=True, exist_ok=True)
    if args.start:
        model.load_state_dict(torch.load(args.start, weights_only=True)["averaged"])
    averaged = copy.deepcopy(model).requires_grad_(False)
    optimizers = optimizers_of(model, args.rate, outer)
    first, curve = restore(work, model, averaged, optimizers)
    sums, started = {}, time.time()
    for step in range(first, args.steps):
        # Seeded by the step: a training that goes on sees what an unbroken one would have seen.
        generator = torch.Generator().manual_seed(args.seed * 1_000_003 + step)
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] = learning_rate(step, args.steps, args.rate)
        loss, figures = draw_loss(model, batch_indices(step, args.batch, count, args.seed), generator)
        model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
        average(averaged, model, min(0.998, step / (step + 10)))
        for name, value in figures.items():
            sums[name] = sums.get(name, 0.0) + value
        if (step + 1) % 50 == 0:
            point = {"step": step + 1, **{name: round(value / 50, 4) for name, value in sums.items()}}
            curve.append(point)
            sums = {}
            print(point, f"{(step + 1 - first) * args.batch / (time.time() - started):.0f}/s", flush=True)
        if (step + 1) % 250 == 0 or step + 1 == args.steps:
            store(work, model, averaged, optimizers, step + 1, curve)
    return averaged, curve


def learning_rate(step, steps, highest):
    """A short linear warm-up, then half a cosine down to a hundredth."""
    warmup = min(200, steps // 10 + 1)
    if step < warmup:
        return highest * (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return highest * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress)))


def batch_indices(step, batch, count, seed):
    """Every scene once per round, in an order of the round's own."""
    per_round = count // batch
    order = np.random.default_rng([seed, step // per_round]).permutation(count)
    start = step % per_round * batch
    return order[start : start + batch]


@torch.no_grad()
def average(averaged, model, decay):
    for mean, value in zip(averaged.parameters(), model.parameters()):
        mean.lerp_(value, 1 - decay)


def store(work, model, averaged, optimizers, step, curve):
    state = {"model": model.state_dict(), "averaged": averaged.state_dict()}
    state["optimizers"] = [optimizer.state_dict() for optimizer in optimizers]
    torch.save({**state, "step": step}, work / "training.pt.new")
    (work / "training.pt.new").replace(work / "training.pt")
    (work / "losses.json").write_text(json.dumps(curve))


def restore(work, model, averaged, optimizers):
    if not (work / "training.pt").exists():
        return 0, []
    state = torch.load(work / "training.pt", weights_only=True)
    model.load_state_dict(state["model"])
    averaged.load_state_dict(state["averaged"])
    for optimizer, stored in zip(optimizers, state["optimizers"]):
        optimizer.load_state_dict(stored)
    return state["step"], json.loads((work / "losses.json").read_text())


def save_weights(path, weights):
    """Half precision, as the checkpoints of the field are shipped."""
    halves = {key: value.detach().to(torch.float16).contiguous() for key, value in weights.items()}
    save_file(halves, path, metadata={"format": "pt"})
    Path(path).chmod(0o644)


def write_json(path, value):
    Path(path).write_text(json.dumps(value, indent=2) + "\n")
