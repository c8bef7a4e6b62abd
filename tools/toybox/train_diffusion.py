"""Trains Toybox's UNet and text encoder together from scratch on scenes that are drawn while it runs.

    python tools/toybox/train_diffusion.py --autoencoder work/autoencoder.pt --out work/diffusion.pt

Stopped, it goes on from --out with --resume. With --of it starts from the weights of a diffusers folder, autoencoder
included.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import torch

from muon import optimizers_of
from preview import write_sheet
from sample import alphas_cumprod, sample
from scenes import SceneStream, root
from train_autoencoder import pictures_of
from workers import Average, arithmetics, autocast, average_gradients, cosine_rate, run_workers, share_weights

sys.path.insert(0, str(root / "tools" / "pytorch"))
from stable_diffusion import (
    Attention,
    Autoencoder,
    CLIPText,
    UNet,
    load_autoencoder,
    load_text_encoder,
    load_unet,
)

tokens = 32

unet_config = {
    "_class_name": "UNet2DConditionModel",
    "act_fn": "silu",
    "attention_head_dim": [2, 4, 4],
    "block_out_channels": [80, 160, 240],
    "center_input_sample": False,
    "cross_attention_dim": 128,
    "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
    "downsample_padding": 1,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "in_channels": 6,
    "layers_per_block": 1,
    "mid_block_scale_factor": 1,
    "norm_eps": 1e-05,
    "norm_num_groups": 16,
    "out_channels": 6,
    "sample_size": 16,
    "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"],
}

text_config = {
    "architectures": ["CLIPTextModel"],
    "model_type": "clip_text_model",
    "hidden_act": "quick_gelu",
    "hidden_size": 128,
    "intermediate_size": 512,
    "layer_norm_eps": 1e-05,
    "max_position_embeddings": tokens,
    "num_attention_heads": 4,
    "num_hidden_layers": 4,
}


def new_models(vocabulary_size):
    text = CLIPText(text_config | {"vocab_size": vocabulary_size})
    unet = UNet(unet_config).to(memory_format=torch.channels_last)
    torch.nn.init.normal_(text.token_embedding.weight, std=0.02)
    torch.nn.init.normal_(text.position_embedding.weight, std=0.01)
    # every residual branch begins as nothing
    for name, module in unet.named_modules():
        if name.endswith((".conv2", ".proj_out")) or name == "conv_out":
            torch.nn.init.zeros_(module.weight)
            torch.nn.init.zeros_(module.bias)
    return torch.nn.ModuleDict({"text": text, "unet": unet})


class LatentPool:
    """The latest pictures as latents, so that each is seen at several noise levels for one encoding."""

    def __init__(self, stream, autoencoder, scale, capacity, options):
        self.stream, self.autoencoder, self.scale = stream, autoencoder, scale
        self.capacity, self.reuse, self.options = capacity, options.reuse, options
        self.entries = []

    @torch.no_grad()
    def _encode(self, count):
        scenes = self.stream.take(count)
        with autocast(self.options):
            mean, logvar = self.autoencoder.encode(pictures_of(scenes))
        spread = (0.5 * logvar.float()).exp()
        for scene, own, noise in zip(scenes, mean.float(), spread):
            self.entries.append((own * self.scale, noise * self.scale, scene))
        del self.entries[: -self.capacity]

    def batch(self, count):
        """Latents [count, 6, 16, 16] and their scenes."""
        fresh = max(1, count // self.reuse)
        while len(self.entries) < count:
            self._encode(count)
        self._encode(fresh)
        picked = torch.randperm(len(self.entries))[:count].tolist()
        means, spreads, scenes = zip(*(self.entries[index] for index in picked))
        means, spreads = torch.stack(means), torch.stack(spreads)
        return means + spreads * torch.randn_like(means), scenes


def caption_ids(scenes, empty, dropout):
    """[batch, tokens]; some captions are left out, for classifier-free guidance."""
    dropped = torch.rand(len(scenes)) < dropout
    ids = [empty if drop else scene.token_ids for scene, drop in zip(scenes, dropped)]
    return torch.tensor(ids), dropped


def words_in_boxes(scenes, dropped, class_ids):
    """(picture, token position, box) of every thing whose word stands once in the caption."""
    found = []
    for index, (scene, drop) in enumerate(zip(scenes, dropped)):
        if drop:
            continue
        for name, box in scene.things:
            if scene.token_ids.count(class_ids[name]) == 1:
                found.append((index, scene.token_ids.index(class_ids[name]), box))
    return found


def layout_loss(maps, words, weights):
    """Share of each word's cross-attention outside the thing it names (the layout loss of compositional inversion,
    Zhang et al. 2024, with the true boxes), weighted by how much of the picture the noise leaves."""
    if not words or maps is None:
        return torch.zeros(())
    pictures = torch.tensor([picture for picture, _, _ in words])
    positions = torch.tensor([position for _, position, _ in words])
    boxes = torch.tensor([box for _, _, box in words])
    losses = []
    for probabilities in maps:
        side = round(probabilities.shape[2] ** 0.5)
        if side < 8:
            continue
        columns = probabilities.float().mean(1)[pictures, :, positions]  # [words, pixels]
        centres = (torch.arange(side) + 0.5) / side
        across = (centres >= boxes[:, :1]) & (centres <= boxes[:, 2:3])
        down = (centres >= boxes[:, 1:2]) & (centres <= boxes[:, 3:])
        inside = (down[:, :, None] & across[:, None, :]).flatten(1)
        outside = 1 - (columns * inside).sum(1) / columns.sum(1)
        losses.append((outside * weights[pictures]).mean())
    return sum(losses) / len(losses)


def noise_levels(count):
    """One timestep from each of `count` equal parts of 0 to 999."""
    return ((torch.arange(count) + torch.rand(count)) * 1000 / count).long()


def step_loss(models, latents, ids, words, options):
    timesteps = noise_levels(len(latents))
    kept = alphas_cumprod[timesteps]
    shaped = kept[:, None, None, None]
    noise = torch.randn_like(latents)
    noisy = shaped.sqrt() * latents + (1 - shaped).sqrt() * noise
    maps = [] if options.layout > 0 else None
    with autocast(options):
        text = models["text"](ids)
        predicted = models["unet"](noisy, timesteps, text, maps).float()
    errors = (predicted - noise).square().mean((1, 2, 3))
    # min-SNR weighting (Hang et al. 2023, arXiv 2303.09556), gamma 5
    ratio = kept / (1 - kept)
    weighted = (errors * ratio.clamp(max=5) / ratio).mean()
    layout = layout_loss(maps, words, kept)
    return weighted + options.layout * layout, errors.mean(), layout


def known_autoencoder(options):
    """The autoencoder and the factor that its latents are scaled by."""
    if options.of:
        config = json.loads((options.of / "vae/config.json").read_text())
        autoencoder, scale = load_autoencoder(options.of), config["scaling_factor"]
    else:
        saved = torch.load(options.autoencoder)
        autoencoder, scale = Autoencoder(saved["config"]), saved["scale"]
        autoencoder.load_state_dict(saved["weights"])
    autoencoder.to(memory_format=torch.channels_last).eval().requires_grad_(False)
    return autoencoder, scale


def train(rank, options):
    # the fused kernel's backward pass is quick in float32 alone
    Attention.fused = options.arithmetic == "float32"
    autoencoder, scale = known_autoencoder(options)
    previews = SceneStream(options.seed + 1_000_000)
    shown = previews.take(16)
    previews.close()
    vocabulary_size, empty = shown[0].token_ids[-1] + 1, empty_ids(shown[0].token_ids)
    models = new_models(vocabulary_size)
    if options.of:
        models["text"].load_state_dict(load_text_encoder(options.of).state_dict())
        models["unet"].load_state_dict(load_unet(options.of).state_dict())
    share_weights(models)
    average = Average(models, options.average)
    parameters = list(models.parameters())
    outer = ("token_embedding", "position_embedding", "unet.conv_in", "unet.conv_out")
    optimizers = optimizers_of(models, options.rate, outer, arithmetics[options.arithmetic])
    first, curve, means = 0, [], [1.0, 1.0]
    if options.resume:
        state = torch.load(options.out)
        models.load_state_dict(state["weights"])
        average.weights = state["average"]
        for optimizer, values in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(values)
        first, curve, means = state["step"], state["curve"], state["means"]
    # scenes and noise of its own for every worker and every time it is resumed
    torch.manual_seed(options.seed * 1_000_000 + first * options.workers + rank)
    stream = SceneStream(options.seed * 1_000_000 + first * options.workers + rank + 1)
    pool = LatentPool(stream, autoencoder, scale, 4096, options)
    class_ids = word_ids()
    start = time.time()
    for step in range(first, options.steps):
        rate = cosine_rate(options.rate, step, options.steps, options.warmup)
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = rate
        latents, scenes = pool.batch(options.batch // options.workers)
        ids, dropped = caption_ids(scenes, empty, 0.1)
        words = words_in_boxes(scenes, dropped, class_ids)
        loss, error, layout = step_loss(models, latents, ids, words, options)
        for parameter in parameters:
            parameter.grad = None
        loss.backward()
        average_gradients(parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        average.update(models, step)
        share = max(0.005, 1 / (step - first + 1))
        means = [(1 - share) * a + share * b.item() for a, b in zip(means, (error, layout))]
        if rank > 0:
            continue
        if (step + 1) % 50 == 0:
            speed = (step + 1 - first) * options.batch / (time.time() - start)
            print(
                f"{step + 1} error {means[0]:.4f} layout {means[1]:.3f} {speed:.1f}/s", flush=True
            )
        if (step + 1) % options.save == 0 or step + 1 == options.steps:
            curve.append([step + 1, *(round(value, 5) for value in means)])
            state = {"weights": models.state_dict(), "average": average.weights}
            state |= {"optimizers": [optimizer.state_dict() for optimizer in optimizers]}
            state |= {"step": step + 1, "curve": curve, "means": means}
            state |= {"configs": {"unet": unet_config, "text": text_config}}
            partial = options.out.with_suffix(".part")
            torch.save(state, partial)
            partial.rename(options.out)
        if (step + 1) % options.preview == 0 or step + 1 == options.steps:
            averaged = new_models(vocabulary_size)
            averaged.load_state_dict(average.weights)
            with autocast(options):
                pictures = sample(averaged, autoencoder, scale, shown, empty)
            write_sheet(options.out.with_name(f"preview-{step + 1:06d}.png"), pictures)
    stream.close()


def word_ids():
    """Ids of the words that are one token."""
    vocabulary = json.loads((root / "assets/toybox/tokenizer/vocab.json").read_text())
    ending = "</w>"
    return {
        key.removesuffix(ending): index for key, index in vocabulary.items() if key.endswith(ending)
    }


def empty_ids(example):
    """The padded ids of the empty prompt, from those of any other."""
    return [example[0], *([example[-1]] * (len(example) - 1))]


def main():
    parser = argparse.ArgumentParser()
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--autoencoder", type=Path, help="trains from scratch on its latents")
    start.add_argument("--of", type=Path, help="trains the networks of this diffusers folder on")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=8000)
    parser.add_argument("--batch", type=int, default=64, help="of all workers together")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--warmup", type=int, default=300, help="steps until the full rate")
    parser.add_argument("--save", type=int, default=100, help="steps between checkpoints")
    parser.add_argument("--average", type=float, default=0.999)
    parser.add_argument("--reuse", type=int, default=4, help="how often a picture is seen")
    parser.add_argument("--layout", type=float, default=0.02, help="weight of the layout loss")
    parser.add_argument("--preview", type=int, default=1000)
    parser.add_argument("--arithmetic", choices=arithmetics, default="bfloat16")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    run_workers(train, options)


if __name__ == "__main__":
    main()
