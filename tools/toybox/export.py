"""Writes what was trained as a diffusers folder, in half precision.

python tools/toybox/export.py --autoencoder work/autoencoder.pt --diffusion work/diffusion.pt [--out assets/toybox]

What is not given stays as it is.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from scenes import root

scheduler_config = {
    "_class_name": "DDIMScheduler",
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "clip_sample": False,
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "set_alpha_to_one": False,
    "skip_prk_steps": True,
    "steps_offset": 1,
    "trained_betas": None,
}

model_index = {
    "_class_name": "StableDiffusionPipeline",
    "_name_or_path": "toybox",
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderKL"],
}


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def write_weights(path, weights):
    path.parent.mkdir(parents=True, exist_ok=True)
    halves = {key: value.half().contiguous() for key, value in sorted(weights.items())}
    worst = max(value.abs().max().item() for value in weights.values())
    assert worst < 65504, f"a weight of {worst} does not fit half precision"
    save_file(halves, path, {"format": "pt"})


def text_key(key):
    """The published name of a text encoder's weight."""
    group = "embeddings." if "embedding" in key else "encoder." if key.startswith("layers") else ""
    return f"text_model.{group}{key}"


def part_of(weights, name):
    prefix = name + "."
    return {
        key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)
    }


def write_autoencoder(out, saved):
    write_json(out / "vae/config.json", saved["config"] | {"scaling_factor": saved["scale"]})
    write_weights(out / "vae/diffusion_pytorch_model.safetensors", saved["weights"])


def write_diffusion(out, saved):
    average, configs = saved["average"], saved["configs"]
    vocabulary = json.loads((out / "tokenizer/vocab.json").read_text())
    ends = {
        "bos_token_id": vocabulary["<|startoftext|>"],
        "eos_token_id": vocabulary["<|endoftext|>"],
    }
    text_config = configs["text"] | ends | {"vocab_size": len(vocabulary)}
    write_json(out / "model_index.json", model_index)
    write_json(out / "scheduler/scheduler_config.json", scheduler_config)
    write_json(out / "unet/config.json", configs["unet"])
    write_json(out / "text_encoder/config.json", text_config)
    text = {text_key(key): value for key, value in part_of(average, "text").items()}
    write_weights(out / "text_encoder/model.safetensors", text)
    write_weights(out / "unet/diffusion_pytorch_model.safetensors", part_of(average, "unet"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--autoencoder", type=Path)
    parser.add_argument("--diffusion", type=Path)
    parser.add_argument("--out", type=Path, default=root / "assets/toybox")
    options = parser.parse_args()
    if options.autoencoder:
        write_autoencoder(options.out, torch.load(options.autoencoder))
    if options.diffusion:
        write_diffusion(options.out, torch.load(options.diffusion))


main()
