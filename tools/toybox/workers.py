"""Training in several single-threaded processes: on a processor that does other work too, threads that wait for each
other after every operation lose most of their time; processes meet once a step."""

import math
import tempfile
from pathlib import Path

import torch
import torch.distributed as dist
from torch import multiprocessing


# bfloat16 is quick only on processors that have instructions for it; on others it takes ten times as long
arithmetics = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def autocast(options):
    arithmetic = arithmetics[options.arithmetic]
    return torch.autocast("cpu", torch.bfloat16, enabled=arithmetic == torch.bfloat16)


def run_workers(work, options):
    """Calls work(rank, options) in `options.workers` processes."""
    with tempfile.TemporaryDirectory() as folder:
        store = f"file://{Path(folder) / 'store'}"
        arguments = (work, options, store)
        multiprocessing.spawn(_start, arguments, nprocs=options.workers)


def _start(rank, work, options, store):
    torch.set_num_threads(1)
    torch.manual_seed(options.seed * 1000 + rank)
    dist.init_process_group("gloo", init_method=store, rank=rank, world_size=options.workers)
    work(rank, options)
    dist.destroy_process_group()


def share_weights(model):
    """Every worker starts from the first one's weights."""
    for value in model.state_dict().values():
        dist.broadcast(value, 0)


def average_gradients(parameters):
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    start = 0
    for gradient in gradients:
        gradient.copy_(flat[start : start + gradient.numel()].view_as(gradient))
        start += gradient.numel()


def cosine_rate(peak, step, steps, warmup):
    """Linear warm-up, then half a cosine down to a hundredth of the peak."""
    decay = 0.5 * (1 + math.cos(math.pi * step / steps))
    return peak * min(1, (step + 1) / warmup) * (0.01 + 0.99 * decay)


class Average:
    """Weights averaged over the steps (EMA), warming up so that the first steps are forgotten."""

    def __init__(self, model, decay):
        self.decay = decay
        self.weights = {key: value.clone() for key, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model, step):
        share = 1 - min(self.decay, (1 + step) / (10 + step))
        for key, value in model.state_dict().items():
            self.weights[key].lerp_(value, share)
