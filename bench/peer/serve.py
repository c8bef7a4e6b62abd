"""Runs the peer's side of a comparison: one JSON command a line on stdin, one JSON answer a line on stdout.

{"do": "load", "model": folder, "threads": 2}
  -> {"torch": version, "threads": 2}
{"do": one of `jobs` below, "batch": 1, "height": 16, "width": 16, "steps": 20, "checkpointing": false}
  -> {"milliseconds": [...], "check": number, "peakBytes": number}

With checkpointing, each resnet and each transformer block is computed once more in the backward pass. The peak is that
of the process during the steps, on Linux; elsewhere it is 0. A job loads the networks that it needs and no others.
"""

import gc
import json
import math
import re
import sys
import time
from functools import cached_property
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools" / "pytorch"))
from stable_diffusion import (  # noqa: E402
    Attention,
    ResnetBlock,
    SpatialTransformer,
    load_autoencoder,
    load_text_encoder,
    load_unet,
)

guidance_scale = 7.5
picture_steps = 25
lora_rank = 4


class Models:
    def __init__(self, folder):
        self.folder = Path(folder)

    @cached_property
    def text_encoder(self):
        return load_text_encoder(self.folder)

    @cached_property
    def unet(self):
        return load_unet(self.folder)

    @cached_property
    def autoencoder(self):
        return load_autoencoder(self.folder)

    @property
    def latent_channels(self):
        return json.loads((self.folder / "unet" / "config.json").read_text())["in_channels"]

    @property
    def scaling_factor(self):
        config = json.loads((self.folder / "vae" / "config.json").read_text())
        return config.get("scaling_factor", 0.18215)


def sequence(function, *shape):
    # double precision, as JavaScript computes it, so that both sides see the same numbers
    index = torch.arange(math.prod(shape), dtype=torch.float64)
    return function(index).float().reshape(shape)


def latents(command, models):
    return command["batch"], models.latent_channels, command["height"], command["width"]


def prompts(batch, text_encoder):
    """Ids [batch, 77] with the three rows of a concept, and the table [words + 3, width] that has them."""
    vocabulary, width = text_encoder.token_embedding.weight.shape
    ids = torch.full((batch, 77), vocabulary - 1)
    ids[:, 1:4] = torch.tensor([vocabulary, vocabulary + 1, vocabulary + 2])
    return ids, torch.cat([text_encoder.token_embedding.weight, 0.1 * sequence(torch.sin, 3, width)])


@torch.no_grad()
def denoising_inputs(command, models):
    """Latents, timesteps and hidden states; the text encoder is released, as ours is."""
    ids, table = prompts(command["batch"], models.text_encoder)
    text = models.text_encoder(ids, table)
    del models.text_encoder
    timesteps = torch.full((command["batch"],), 500.0)
    return sequence(torch.sin, *latents(command, models)), timesteps, text


def text_encoder_forward(command, models):
    ids, table = prompts(command["batch"], models.text_encoder)

    @torch.no_grad()
    def step():
        return models.text_encoder(ids, table).norm().item()

    return step


def decoding(command, models):
    latent = sequence(torch.sin, *latents(command, models)) / models.scaling_factor

    @torch.no_grad()
    def step():
        return models.autoencoder.decode(latent).norm().item()

    return step


def unet_forward(command, models):
    sample, timesteps, text = denoising_inputs(command, models)

    @torch.no_grad()
    def step():
        return models.unet(sample, timesteps, text).norm().item()

    return step


def spatial_guidance(command, models):
    """The whole UNet runs, as in the released code; the gradient goes back from the maps it taps."""
    sample, timesteps, text = denoising_inputs(command, models)

    def step():
        latent = sample.clone().requires_grad_(True)
        maps = []
        models.unet(latent, timesteps, text, maps, models.unet.guidance_taps)
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


def training(command, models, trained):
    """Steps that train the rows of a concept and what `trained` is given besides."""
    sample = sequence(torch.sin, *latents(command, models))
    noise = sequence(torch.cos, *sample.shape)
    timesteps = torch.full((command["batch"],), 500.0)
    ids, table = prompts(command["batch"], models.text_encoder)
    table.requires_grad_(True)
    # a rate of 0 does all the work and keeps every step the same
    optimizer = torch.optim.AdamW([table, *trained], lr=0.0)

    def step():
        optimizer.zero_grad()
        text = models.text_encoder(ids, table)
        F.mse_loss(models.unet(sample, timesteps, text), noise).backward()
        optimizer.step()
        gradients = [table.grad[-3:], *(parameter.grad for parameter in trained)]
        return math.hypot(*(gradient.norm().item() for gradient in gradients))

    return step


def textual_inversion(command, models):
    return training(command, models, [])


def custom_diffusion(command, models):
    """Keys and values of all cross-attentions, as in Custom Diffusion (arXiv 2212.04488)."""
    blocks = [module for module in models.unet.modules() if isinstance(module, SpatialTransformer)]
    crossings = [layer.attn2 for block in blocks for layer in block.transformer_blocks]
    weights = [project.weight for layer in crossings for project in (layer.to_k, layer.to_v)]
    return training(command, models, [weight.requires_grad_(True) for weight in weights])


class LoraLinear(nn.Module):
    def __init__(self, linear):
        super().__init__()
        outer, inner = linear.weight.shape
        self.linear = linear
        self.down = nn.Parameter(0.01 * sequence(torch.sin, lora_rank, inner))
        self.up = nn.Parameter(0.01 * sequence(torch.cos, outer, lora_rank))

    def forward(self, x):
        return self.linear(x) + F.linear(F.linear(x, self.down), self.up)


def lora(command, models):
    """Query, key, value and output of all attentions, as in LoRA-DreamBooth."""
    trained = []
    for module in [module for module in models.unet.modules() if isinstance(module, Attention)]:
        for name in ("to_q", "to_k", "to_v"):
            setattr(module, name, LoraLinear(getattr(module, name)))
        module.to_out[0] = LoraLinear(module.to_out[0])
        for layer in (module.to_q, module.to_k, module.to_v, module.to_out[0]):
            trained += [layer.down, layer.up]
    return training(command, models, trained)


def both_prompts(models):
    """Ids and table as `prompts` gives them, of the empty prompt and of one with a concept."""
    ids, table = prompts(2, models.text_encoder)
    ids[0, 1:] = ids[0, -1]
    return ids, table


def predict_both(models, latent, timestep, text):
    """One latent for both prompts, as diffusers calls the UNet for classifier-free guidance."""
    return models.unet(latent.repeat(2, 1, 1, 1), torch.full((2,), float(timestep)), text)


def guided_prediction(command, models):
    latent = sequence(torch.sin, *latents(command, models))

    @torch.no_grad()
    def encode():
        return models.text_encoder(*both_prompts(models))

    text = encode()
    del models.text_encoder

    @torch.no_grad()
    def step():
        return predict_both(models, latent, 500, text).norm().item()

    return step


def picture(command, models):
    """A whole picture by DDIM (arXiv 2010.02502, eta 0) with classifier-free guidance, as diffusers samples it."""
    config = json.loads((models.folder / "scheduler" / "scheduler_config.json").read_text())
    betas = torch.linspace(config["beta_start"] ** 0.5, config["beta_end"] ** 0.5, 1000) ** 2
    kept = (1 - betas).cumprod(0)
    stride = 1000 // picture_steps
    timesteps = [index * stride + config["steps_offset"] for index in reversed(range(picture_steps))]
    ids, table = both_prompts(models)

    @torch.no_grad()
    def step():
        text = models.text_encoder(ids, table)
        latent = sequence(torch.sin, *latents(command, models))
        for timestep in timesteps:
            both = predict_both(models, latent, timestep, text)
            noise = both[:1] + guidance_scale * (both[1:] - both[:1])
            now, before = kept[timestep], kept[max(timestep - stride, 0)]
            clean = (latent - (1 - now).sqrt() * noise) / now.sqrt()
            latent = before.sqrt() * clean + (1 - before).sqrt() * noise
        return models.autoencoder.decode(latent / models.scaling_factor).norm().item()

    return step


jobs = {
    "text-encoder": text_encoder_forward,
    "decoding": decoding,
    "unet": unet_forward,
    "guided-prediction": guided_prediction,
    "spatial-guidance": spatial_guidance,
    "textual-inversion": textual_inversion,
    "custom-diffusion": custom_diffusion,
    "lora": lora,
    "picture": picture,
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
    models, checkpointing, steps = None, None, {}
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "load":
            torch.set_num_threads(command["threads"])
            models = Models(command["model"])
            answer = {"torch": torch.__version__, "threads": torch.get_num_threads()}
        else:
            key = (command["do"], command["batch"], command["height"], command["width"])
            if key not in steps:
                steps[key] = jobs[command["do"]](command, models)
            if "checkpointing" in command:
                checkpointing = checkpointing or Checkpointing(models.unet)
                checkpointing.on = command["checkpointing"]
            forget_peak()
            milliseconds = []
            for _ in range(command["steps"]):
                start = time.perf_counter()
                check = steps[key]()
                milliseconds.append(1000 * (time.perf_counter() - start))
            answer = {"milliseconds": milliseconds, "check": check, "peakBytes": peak_bytes()}
        print(json.dumps(answer), flush=True)


main()
