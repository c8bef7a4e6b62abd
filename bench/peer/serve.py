"""Runs the peer's side of a comparison: one JSON command a line on stdin, one JSON answer a line on stdout.

{"do": "load", "model": folder, "threads": 2}
{"do": "textual-inversion" | "spatial-guidance" | "unet", "batch": 1, "height": 16, "width": 16, "steps": 20,
 "checkpointing": false}
  -> {"milliseconds": [...], "check": number, "peakBytes": number}

With checkpointing, each resnet and each transformer block is computed once more in the backward pass. The peak is that
of the process during the steps, on Linux; elsewhere it is 0.
"""

import gc
import json
import re
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "pytorch"))
from stable_diffusion import (  # noqa: E402
    ResnetBlock,
    SpatialTransformer,
    load_text_encoder,
    load_unet,
)


def inputs(command, text_encoder, unet):
    batch, height, width = command["batch"], command["height"], command["width"]
    count = batch * unet.conv_in.in_channels * height * width
    shape = (batch, unet.conv_in.in_channels, height, width)
    # double precision, as JavaScript computes it, so that both sides see the same numbers
    index = torch.arange(count, dtype=torch.float64)
    sample = torch.sin(index).float().reshape(shape)
    noise = torch.cos(index).float().reshape(shape)
    vocabulary = text_encoder.token_embedding.num_embeddings
    ids = torch.full((batch, 77), vocabulary - 1)
    ids[:, 1:4] = torch.tensor([vocabulary, vocabulary + 1, vocabulary + 2])
    return sample, noise, ids, torch.full((batch,), 500.0)


def initial_rows(text_encoder):
    width = text_encoder.token_embedding.embedding_dim
    index = torch.arange(3 * width, dtype=torch.float64)
    return (0.1 * torch.sin(index)).float().reshape(3, width)


def textual_inversion(command, text_encoder, unet):
    sample, noise, ids, timesteps = inputs(command, text_encoder, unet)
    table = torch.cat([text_encoder.token_embedding.weight, initial_rows(text_encoder)])
    table.requires_grad_(True)
    optimizer = torch.optim.AdamW([table], lr=0.0)

    def step():
        optimizer.zero_grad()
        loss = F.mse_loss(unet(sample, timesteps, text_encoder(ids, table)), noise)
        loss.backward()
        optimizer.step()
        return table.grad[-3:].norm().item()

    return step


def spatial_guidance(command, text_encoder, unet):
    """The whole UNet runs, as in the released code; the gradient goes back from the maps it taps."""
    sample, _, ids, timesteps = inputs(command, text_encoder, unet)
    table = torch.cat([text_encoder.token_embedding.weight, initial_rows(text_encoder)])
    with torch.no_grad():
        text = text_encoder(ids, table)

    def step():
        latent = sample.clone().requires_grad_(True)
        maps = []
        unet(latent, timesteps, text, maps, unet.guidance_taps)
        losses = []
        for probabilities in maps:
            pixels = probabilities.shape[2]
            inside = torch.zeros(pixels)
            inside[: pixels // 2] = 1
            for position in (1, 3):
                column = probabilities[0, :, :, position]
                losses.append(((1 - (column * inside).sum(-1) / column.sum(-1)) ** 2).mean())
        loss = 30 * sum(losses) / len(losses)
        return torch.autograd.grad(loss, latent)[0].norm().item()

    return step


def unet_forward(command, text_encoder, unet):
    sample, _, ids, timesteps = inputs(command, text_encoder, unet)
    table = torch.cat([text_encoder.token_embedding.weight, initial_rows(text_encoder)])

    @torch.no_grad()
    def step():
        return unet(sample, timesteps, text_encoder(ids, table)).norm().item()

    return step


jobs = {
    "textual-inversion": textual_inversion,
    "spatial-guidance": spatial_guidance,
    "unet": unet_forward,
}


class Checkpointing:
    """Gradient checkpointing of the UNet's blocks, which can be turned on and off."""

    def __init__(self, unet):
        self.on = False
        for module in unet.modules():
            if isinstance(module, (ResnetBlock, SpatialTransformer)):
                module.forward = self.wrap(module.forward)

    def wrap(self, forward):
        def run(*arguments):
            if not self.on:
                return forward(*arguments)
            return checkpoint(forward, *arguments, use_reentrant=False)

        return run


def forget_peak():
    gc.collect()
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def peak_bytes():
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return 1024 * int(re.search(r"VmHWM:\s+(\d+)", status).group(1))


def main():
    models, steps = None, {}
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "load":
            torch.set_num_threads(command["threads"])
            models = load_text_encoder(command["model"]), load_unet(command["model"])
            checkpointing = Checkpointing(models[1])
            answer = {"torch": torch.__version__, "threads": torch.get_num_threads()}
        else:
            key = (command["do"], command["batch"], command["height"], command["width"])
            if key not in steps:
                steps[key] = jobs[command["do"]](command, *models)
            checkpointing.on = command.get("checkpointing", False)
            forget_peak()
            milliseconds = []
            for _ in range(command["steps"]):
                start = time.perf_counter()
                check = steps[key]()
                milliseconds.append(1000 * (time.perf_counter() - start))
            answer = {"milliseconds": milliseconds, "check": check, "peakBytes": peak_bytes()}
        print(json.dumps(answer), flush=True)


main()
