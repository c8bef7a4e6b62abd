"""Trains Toybox's autoencoder: L1 and squared errors of pixels, L1 of edges, a little KL, noise on the
latents.

With --decoder-of it trains the decoder of a checkpoint further and leaves its latents as they are, so that a UNet that
was trained on them stays right.

python tools/toybox/train_autoencoder.py --out work/autoencoder.pt
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch

from muon import optimizers_of
from scenes import SceneStream, root
from workers import Average, arithmetics, autocast, average_gradients, cosine_rate, run_workers, share_weights

sys.path.insert(0, str(root / "tools" / "pytorch"))
from stable_diffusion import Autoencoder

config = {
    "_class_name": "AutoencoderKL",
    "act_fn": "silu",
    "block_out_channels": [32, 64, 96],
    "down_block_types": ["DownEncoderBlock2D"] * 3,
    "in_channels": 3,
    "latent_channels": 6,
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "out_channels": 3,
    "sample_size": 64,
    "up_block_types": ["UpDecoderBlock2D"] * 3,
}


def pictures_of(scenes):
    """[batch, 3, 64, 64] in -1 to 1."""
    pixels = torch.from_numpy(np.stack([scene.pixels for scene in scenes]))
    return (pixels.permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(
        memory_format=torch.channels_last
    )


def loss_of(model, pictures, options):
    mean, logvar = (part.float() for part in model.encode(pictures))
    # noise beyond the posterior's: the decoder must forgive what a denoiser leaves behind
    spread = (logvar.exp() + options.noise**2).sqrt()
    latents = mean + torch.randn_like(mean) * spread
    decoded = model.decode(latents).float()
    difference = decoded - pictures
    pixel = difference.abs().mean()
    edges = sum(difference.diff(dim=dim).abs().mean() for dim in (2, 3))
    # squared errors bring the colours of small things early
    squares = difference.square().mean()
    kl = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).mean()
    return pixel + 0.5 * edges + 3 * squares + options.kl * kl, pixel, kl, mean


def new_autoencoder():
    model = Autoencoder(config).to(memory_format=torch.channels_last)
    # every residual branch begins as nothing
    for name, module in model.named_modules():
        if name.endswith((".conv2", ".to_out.0")):
            torch.nn.init.zeros_(module.weight)
            torch.nn.init.zeros_(module.bias)
    return model


def train(rank, options):
    model, scale = new_autoencoder(), None
    if options.decoder_of:
        known = torch.load(options.decoder_of)
        model.load_state_dict(known["weights"])
        scale = known["scale"]
        model.encoder.requires_grad_(False)
        model.quant_conv.requires_grad_(False)
    share_weights(model)
    average = Average(model, 0.998)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizers = optimizers_of(
        model,
        options.rate,
        ("conv_in", "conv_out", "quant_conv"),
        arithmetics[options.arithmetic],
    )
    stream = SceneStream(options.seed * options.workers + rank)
    curve, start, means = [], time.time(), [0.0, 0.0]
    for step in range(options.steps):
        for optimizer in optimizers:
            optimizer.param_groups[0]["lr"] = cosine_rate(options.rate, step, options.steps, 100)
        pictures = pictures_of(stream.take(options.batch // options.workers))
        with autocast(options):
            loss, pixel, kl, mean = loss_of(model, pictures, options)
        model.zero_grad()
        loss.backward()
        average_gradients(parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        if rank > 0:
            continue
        average.update(model, step)
        share = max(0.02, 1 / (step + 1))
        means = [(1 - share) * a + share * b.item() for a, b in zip(means, (pixel, kl))]
        if (step + 1) % 50 == 0:
            speed = (step + 1) * options.batch / (time.time() - start)
            curve.append([step + 1, *(round(value, 5) for value in means)])
            spread = mean.detach().std()
            print(
                f"{step + 1} L1 {means[0]:.4f} KL {means[1]:.3f} std {spread:.3f} {speed:.1f}/s",
                flush=True,
            )
        if (step + 1) % 200 == 0 or step + 1 == options.steps:
            saved = {"weights": average.weights, "config": config, "step": step + 1, "curve": curve}
            saved["scale"] = scale or latent_scale(average.weights, options.seed)
            torch.save(saved, options.out)
    stream.close()


@torch.no_grad()
def latent_scale(weights, seed):
    """The factor that gives the latents of 256 pictures a spread of 1."""
    model = Autoencoder(config)
    model.load_state_dict(weights)
    stream = SceneStream(seed + 2_000_000)
    pictures = pictures_of(stream.take(256))
    stream.close()
    return 1 / model.encode(pictures)[0].std().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=2600)
    parser.add_argument("--batch", type=int, default=16, help="of all workers together")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--kl", type=float, default=1e-3)
    parser.add_argument(
        "--noise", type=float, default=0.05, help="on latents whose spread is about 1"
    )
    parser.add_argument("--arithmetic", choices=arithmetics, default="bfloat16")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--decoder-of", type=Path, help="trains the decoder of this checkpoint alone")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    run_workers(train, options)


if __name__ == "__main__":
    main()
