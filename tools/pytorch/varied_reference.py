"""Writes a checkpoint of unusual shape with random weights, and what diffusers and transformers compute with it.

Usage: python varied_reference.py TOKENIZER OUT, with diffusers 0.31.0, transformers 4.46.3 and the folder of a tokenizer.
OUT gets varied/ without a tokenizer and varied-golden/, in the layout that `tessera verify` reads. Everything that
published models have in common is otherwise: levels, heads, groups, channels, paddings, the order of sine and cosine,
the scaling factor, and a vocabulary with rows that no word has.
"""

import json
import math
import sys
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDPMScheduler, PNDMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from safetensors.torch import save_file
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

LATENT = (6, 9)
CHANNELS = 5
SCHEDULER = {"num_train_timesteps": 500, "beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"}
TOLERANCE = 2e-5

torch.set_num_threads(1)
generator = torch.Generator().manual_seed(7)


def normal(*shape):
    return torch.randn(shape, generator=generator)


def build(vocabulary):
    unet = UNet2DConditionModel(
        block_out_channels=[4, 8, 12],
        down_block_types=["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
        up_block_types=["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
        attention_head_dim=[1, 2, 3],
        layers_per_block=1,
        norm_num_groups=4,
        cross_attention_dim=12,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        downsample_padding=0,
        flip_sin_to_cos=False,
        freq_shift=1,
        center_input_sample=True,
        sample_size=LATENT,
    )
    unet.set_attn_processor(AttnProcessor())
    autoencoder = AutoencoderKL(
        down_block_types=["DownEncoderBlock2D"] * 2,
        up_block_types=["UpDecoderBlock2D"] * 2,
        block_out_channels=[4, 8],
        norm_num_groups=2,
        latent_channels=CHANNELS,
        scaling_factor=0.4,
    )
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=vocabulary + 9,
            hidden_size=12,
            intermediate_size=20,
            num_attention_heads=3,
            num_hidden_layers=2,
            hidden_act="gelu",
        )
    )
    for model in (unet, autoencoder, text):
        for name, parameter in model.named_parameters():
            spread(name, parameter)
    return unet.eval(), autoencoder.eval(), text.eval()


@torch.no_grad()
def spread(name, parameter):
    """Weights that keep the size of what goes through them, and norms and biases that show."""
    if "embedding" in name:
        parameter.copy_(0.3 * normal(*parameter.shape))
    elif parameter.dim() > 1:
        parameter.copy_(1.1 / math.sqrt(parameter[0].numel()) * normal(*parameter.shape))
    else:
        parameter.copy_(float(name.endswith("weight")) + 0.2 * normal(*parameter.shape))


class Golden:
    """The tensors of one file and what its index says of them."""

    def __init__(self):
        self.tensors = {}
        self.entries = {}

    def add(self, key, tensor, meaning="input", compared=False):
        self.tensors[key] = tensor.detach().clone().contiguous()
        tolerance = {"tol_rel_l2": TOLERANCE} if compared else {}
        self.entries[key] = {"shape": list(tensor.shape), "meaning": meaning, **tolerance}

    def expect(self, key, tensor, meaning="output"):
        self.add(key, tensor, meaning, compared=True)


def encode(tokenizer, prompts):
    return tokenizer(prompts, padding="max_length", truncation=True, return_tensors="pt").input_ids


@torch.no_grad()
def text_file(text, tokenizer, prompts):
    golden = Golden()
    ids = encode(tokenizer, prompts)
    golden.add("ids", ids)
    golden.expect("last_hidden_state", text(ids)[0])
    return golden


@torch.no_grad()
def autoencoder_file(autoencoder):
    golden = Golden()
    image = 2 * torch.rand(1, 3, *(2 * side for side in LATENT), generator=generator) - 1
    latent = normal(1, CHANNELS, *LATENT)
    encoded = autoencoder.encode(image).latent_dist
    golden.add("image", image)
    golden.expect("mean", encoded.mean)
    golden.expect("logvar", encoded.logvar)
    golden.add("z_raw", latent)
    golden.expect("decoded_raw", autoencoder.decode(latent).sample)
    golden.add("z_scaled", latent * autoencoder.config.scaling_factor)
    golden.expect("decoded", autoencoder.decode(latent).sample)
    return golden


@torch.no_grad()
def unet_file(unet, text, tokenizer, prompts):
    golden = Golden()
    ids = encode(tokenizer, prompts)
    hidden = text(ids)[0]
    golden.add("ids", ids)
    golden.expect("hidden", hidden)
    for name, size in {"even": LATENT, "odd": (7, 5)}.items():
        sample = normal(2, CHANNELS, *size)
        timesteps = torch.tensor([3, 321])
        golden.add(f"x.{name}", sample)
        golden.add(f"t.{name}", timesteps)
        golden.expect(f"out.{name}", unet(sample, timesteps, hidden).sample)
    return golden


def gradient_file(unet, text, tokenizer, prompts):
    """Textual inversion as the released script does it: the table ends where the tokenizer ends."""
    golden = Golden()
    scheduler = DDPMScheduler.from_config(PNDMScheduler(**SCHEDULER).config)
    latents, noise = normal(2, CHANNELS, *LATENT), normal(2, CHANNELS, *LATENT)
    timesteps, row = torch.tensor([17, 444]), 0.3 * normal(1, text.config.hidden_size)
    ids = encode(tokenizer, prompts)
    text.resize_token_embeddings(len(tokenizer))
    table = text.get_input_embeddings().weight
    table.data[len(tokenizer) - 1] = row[0]
    noisy = scheduler.add_noise(latents, noise, timesteps)
    prediction = unet(noisy, timesteps, text(ids)[0]).sample
    loss = F.mse_loss(prediction, scheduler.get_velocity(latents, noise, timesteps))
    (gradient,) = torch.autograd.grad(loss, table)
    given = {"latents": latents, "noise": noise, "timesteps": timesteps, "embedding": row, "one.ids": ids}
    for key, tensor in given.items():
        golden.add(key, tensor)
    golden.expect("noisy", noisy)
    golden.expect("one.model_pred", prediction)
    golden.expect("one.recons.loss", torch.stack([loss, loss, loss * 0]), "plain mse")
    golden.expect("one.recons.grad", gradient[-1:])
    golden.expect("one.recons.grad_table", gradient)
    return golden


def main(tokenizer_folder, out):
    tokenizer = CLIPTokenizer.from_pretrained(tokenizer_folder)
    unet, autoencoder, text = build(len(tokenizer))
    for name, model in {"unet": unet, "vae": autoencoder, "text_encoder": text}.items():
        model.save_pretrained(out / "varied" / name)
    PNDMScheduler(**SCHEDULER).save_pretrained(out / "varied" / "scheduler")
    plain = ["photo of a cat and a dog", "a red table on the beach"]
    files = {
        "text": text_file(text, tokenizer, plain),
        "vae": autoencoder_file(autoencoder),
        "unet": unet_file(unet, text, tokenizer, plain),
    }
    taught = ["photo of a <cute-cat> cat", "a bright photo of the <cute-cat> cat on the beach"]
    tokenizer.add_tokens("<cute-cat>")
    files["grad_ti"] = gradient_file(unet, text, tokenizer, taught)
    folder = out / "varied-golden"
    folder.mkdir(parents=True, exist_ok=True)
    for name, golden in files.items():
        save_file(golden.tensors, folder / f"{name}.safetensors")
    index = {
        "files": {f"{name}.safetensors": golden.entries for name, golden in files.items()},
        "text_prompts": plain,
        "unet_prompts": plain,
        "ti_prompts.one": {"prompts": taught},
        "placeholder": {"token": "<cute-cat>", "id": len(tokenizer) - 1, "initializer": "cat"},
    }
    (folder / "index.json").write_text(json.dumps(index))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
