"""Stable Diffusion's text encoder, UNet and autoencoder in plain PyTorch: the peer that Tessera is measured against, and
the definition that Toybox is trained with. SD 1.x and 2.x.

Module paths are the keys of a diffusers folder's .safetensors files. Only torch is needed.
"""

import json
import math
import struct
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

float_types = {"F32": torch.float32, "F16": torch.float16}


def load_safetensors(path):
    """Floating-point tensors of a file, in float32."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for key, entry in header.items():
        if entry["dtype"] not in float_types:
            continue
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = torch.frombuffer(bytearray(data[begin:end]), dtype=float_types[entry["dtype"]])
        tensors[key] = values.reshape(entry["shape"]).float()
    return tensors


class CLIPTextLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.heads = config["num_attention_heads"]
        self.layer_norm1 = nn.LayerNorm(width, epsilon)
        self.layer_norm2 = nn.LayerNorm(width, epsilon)
        self.self_attn = nn.ModuleDict(
            {name: nn.Linear(width, width) for name in ("q_proj", "k_proj", "v_proj", "out_proj")}
        )
        self.mlp = nn.ModuleDict(
            {
                "fc1": nn.Linear(width, config["intermediate_size"]),
                "fc2": nn.Linear(config["intermediate_size"], width),
            }
        )
        quick = config["hidden_act"] == "quick_gelu"
        self.activation = (lambda x: x * torch.sigmoid(1.702 * x)) if quick else F.gelu

    def forward(self, x):
        normed = self.layer_norm1(x)
        query, key, value = (
            split_heads(self.self_attn[name](normed), self.heads)
            for name in ("q_proj", "k_proj", "v_proj")
        )
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.self_attn["out_proj"](join_heads(mixed))
        return x + self.mlp["fc2"](self.activation(self.mlp["fc1"](self.layer_norm2(x))))


class CLIPText(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.token_embedding = nn.Embedding(config["vocab_size"], width)
        self.position_embedding = nn.Embedding(config["max_position_embeddings"], width)
        self.layers = nn.ModuleList(
            CLIPTextLayer(config) for _ in range(config["num_hidden_layers"])
        )
        self.final_layer_norm = nn.LayerNorm(width, config["layer_norm_eps"])

    def forward(self, ids, table=None):
        table = self.token_embedding.weight if table is None else table
        x = F.embedding(ids, table) + self.position_embedding.weight[: ids.shape[1]]
        for layer in self.layers:
            x = layer(x)
        return self.final_layer_norm(x)


def split_heads(x, heads):
    batch, tokens, channels = x.shape
    return x.view(batch, tokens, heads, channels // heads).transpose(1, 2)


def join_heads(x):
    batch, heads, tokens, width = x.shape
    return x.transpose(1, 2).reshape(batch, tokens, heads * width)


class ResnetBlock(nn.Module):
    def __init__(self, inner, outer, time_width, groups, epsilon):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inner, epsilon)
        self.conv1 = nn.Conv2d(inner, outer, 3, padding=1)
        self.time_emb_proj = nn.Linear(time_width, outer)
        self.norm2 = nn.GroupNorm(groups, outer, epsilon)
        self.conv2 = nn.Conv2d(outer, outer, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(inner, outer, 1) if inner != outer else nn.Identity()

    def forward(self, x, time):
        hidden = self.conv1(F.silu(self.norm1(x)))
        hidden = hidden + self.time_emb_proj(F.silu(time))[:, :, None, None]
        hidden = self.conv2(F.silu(self.norm2(hidden)))
        return self.conv_shortcut(x) + hidden


class Attention(nn.Module):
    # the fused kernel's backward pass is slow in bfloat16 on processors
    fused = True

    def __init__(self, channels, context, heads):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(channels, channels, bias=False)
        self.to_k = nn.Linear(context, channels, bias=False)
        self.to_v = nn.Linear(context, channels, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x, context, maps=None):
        query, key, value = (
            split_heads(project(source), self.heads)
            for project, source in ((self.to_q, x), (self.to_k, context), (self.to_v, context))
        )
        if maps is None and self.fused:
            mixed = F.scaled_dot_product_attention(query, key, value)
        else:
            scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
            probabilities = scores.softmax(-1)
            if maps is not None:
                maps.append(probabilities)
            mixed = probabilities.to(value.dtype) @ value
        return self.to_out[0](join_heads(mixed))


class GEGLU(nn.Module):
    def __init__(self, channels, inner):
        super().__init__()
        self.proj = nn.Linear(channels, 2 * inner)

    def forward(self, x):
        value, gate = self.proj(x).chunk(2, dim=-1)
        return value * F.gelu(gate)


class TransformerBlock(nn.Module):
    def __init__(self, channels, context, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attn1 = Attention(channels, channels, heads)
        self.norm2 = nn.LayerNorm(channels)
        self.attn2 = Attention(channels, context, heads)
        self.norm3 = nn.LayerNorm(channels)
        net = [GEGLU(channels, 4 * channels), nn.Identity(), nn.Linear(4 * channels, channels)]
        self.ff = nn.ModuleDict({"net": nn.Sequential(*net)})

    def forward(self, x, text, maps):
        normed = self.norm1(x)
        x = self.attn1(normed, normed) + x
        x = self.attn2(self.norm2(x), text, maps) + x
        return self.ff["net"](self.norm3(x)) + x


class SpatialTransformer(nn.Module):
    def __init__(self, channels, context, heads, groups, linear):
        super().__init__()
        self.linear = linear
        make = (
            (lambda: nn.Linear(channels, channels))
            if linear
            else (lambda: nn.Conv2d(channels, channels, 1))
        )
        self.norm = nn.GroupNorm(groups, channels, 1e-6)
        self.proj_in, self.proj_out = make(), make()
        self.transformer_blocks = nn.ModuleList([TransformerBlock(channels, context, heads)])

    def forward(self, x, text, maps):
        batch, channels, height, width = x.shape
        hidden = self.norm(x)
        if not self.linear:
            hidden = self.proj_in(hidden)
        hidden = hidden.permute(0, 2, 3, 1).reshape(batch, height * width, channels)
        if self.linear:
            hidden = self.proj_in(hidden)
        hidden = self.transformer_blocks[0](hidden, text, maps)
        if self.linear:
            hidden = self.proj_out(hidden)
        hidden = hidden.reshape(batch, height, width, channels).permute(0, 3, 1, 2)
        if not self.linear:
            hidden = self.proj_out(hidden.contiguous())
        return hidden + x


class UNet(nn.Module):
    def __init__(self, config):
        super().__init__()
        channels = config["block_out_channels"]
        heads = config["attention_head_dim"]
        heads = heads if isinstance(heads, list) else [heads] * len(channels)
        groups, epsilon = config["norm_num_groups"], config["norm_eps"]
        layers, time_width = config["layers_per_block"], 4 * channels[0]
        linear = config.get("use_linear_projection", False)
        context = config["cross_attention_dim"]
        self.width = channels[0]

        def resnet(inner, outer):
            return ResnetBlock(inner, outer, time_width, groups, epsilon)

        def transformer(level):
            return SpatialTransformer(channels[level], context, heads[level], groups, linear)

        self.time_embedding = nn.ModuleDict(
            {
                "linear_1": nn.Linear(channels[0], time_width),
                "linear_2": nn.Linear(time_width, time_width),
            }
        )
        self.conv_in = nn.Conv2d(config["in_channels"], channels[0], 3, padding=1)
        skips = [channels[0]]
        self.down_blocks = nn.ModuleList()
        for level, kind in enumerate(config["down_block_types"]):
            block = nn.ModuleDict({"resnets": nn.ModuleList()})
            for _ in range(layers):
                block["resnets"].append(resnet(skips[-1], channels[level]))
                skips.append(channels[level])
            if kind.startswith("CrossAttn"):
                block["attentions"] = nn.ModuleList(transformer(level) for _ in range(layers))
            if level < len(channels) - 1:
                size = channels[level]
                conv = nn.ModuleDict({"conv": nn.Conv2d(size, size, 3, stride=2, padding=1)})
                block["downsamplers"] = nn.ModuleList([conv])
                skips.append(size)
            self.down_blocks.append(block)
        last = len(channels) - 1
        first_attending = next(
            index for index, kind in enumerate(config["up_block_types"]) if kind.startswith("Cross")
        )
        self.guidance_taps = ("mid", f"up.{first_attending}")
        self.mid_block = nn.ModuleDict(
            {
                "resnets": nn.ModuleList(resnet(channels[-1], channels[-1]) for _ in range(2)),
                "attentions": nn.ModuleList([transformer(last)]),
            }
        )
        self.up_blocks = nn.ModuleList()
        inner = channels[-1]
        for index, kind in enumerate(config["up_block_types"]):
            level = last - index
            block = nn.ModuleDict({"resnets": nn.ModuleList()})
            for _ in range(layers + 1):
                block["resnets"].append(resnet(inner + skips.pop(), channels[level]))
                inner = channels[level]
            if kind.startswith("CrossAttn"):
                block["attentions"] = nn.ModuleList(transformer(level) for _ in range(layers + 1))
            if level > 0:
                conv = nn.ModuleDict({"conv": nn.Conv2d(inner, inner, 3, padding=1)})
                block["upsamplers"] = nn.ModuleList([conv])
            self.up_blocks.append(block)
        self.conv_norm_out = nn.GroupNorm(groups, channels[0], epsilon)
        self.conv_out = nn.Conv2d(channels[0], config["out_channels"], 3, padding=1)

    def embed_time(self, timesteps):
        half = self.width // 2
        frequencies = torch.exp(-math.log(10000) * torch.arange(half) / half)
        angles = timesteps[:, None].float() * frequencies
        hidden = torch.cat([angles.cos(), angles.sin()], dim=-1)
        hidden = F.silu(self.time_embedding["linear_1"](hidden))
        return self.time_embedding["linear_2"](hidden)

    def forward(self, x, timesteps, text, maps=None, taps=None):
        """Noise [batch, channels, height, width] of a noisy latent of the same shape.

        `maps`, a list, receives the cross-attention [batch, heads, pixels, tokens] of the blocks named in `taps`
        ("down.0", "mid", "up.1"), or of all.
        """

        def tapped(name):
            return maps if taps is None or name in taps else None

        time = self.embed_time(timesteps)
        x = self.conv_in(x)
        skips = [x]
        for index, block in enumerate(self.down_blocks):
            for layer, resnet in enumerate(block["resnets"]):
                x = resnet(x, time)
                if "attentions" in block:
                    x = block["attentions"][layer](x, text, tapped(f"down.{index}"))
                skips.append(x)
            if "downsamplers" in block:
                x = block["downsamplers"][0]["conv"](x)
                skips.append(x)
        x = self.mid_block["resnets"][0](x, time)
        x = self.mid_block["attentions"][0](x, text, tapped("mid"))
        x = self.mid_block["resnets"][1](x, time)
        for index, block in enumerate(self.up_blocks):
            for layer, resnet in enumerate(block["resnets"]):
                x = resnet(torch.cat([x, skips.pop()], dim=1), time)
                if "attentions" in block:
                    x = block["attentions"][layer](x, text, tapped(f"up.{index}"))
            if "upsamplers" in block:
                x = F.interpolate(x, size=skips[-1].shape[-2:], mode="nearest")
                x = block["upsamplers"][0]["conv"](x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class AutoencoderResnet(nn.Module):
    def __init__(self, inner, outer, groups):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inner, 1e-6)
        self.conv1 = nn.Conv2d(inner, outer, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, outer, 1e-6)
        self.conv2 = nn.Conv2d(outer, outer, 3, padding=1)
        if inner != outer:
            self.conv_shortcut = nn.Conv2d(inner, outer, 1)

    def forward(self, x):
        hidden = self.conv2(F.silu(self.norm2(self.conv1(F.silu(self.norm1(x))))))
        return (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x) + hidden


class AutoencoderAttention(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.group_norm = nn.GroupNorm(groups, channels, 1e-6)
        self.to_q, self.to_k, self.to_v = (nn.Linear(channels, channels) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(channels, channels)])

    def forward(self, x):
        tokens = self.group_norm(x).flatten(2).transpose(1, 2)
        query, key, value = (project(tokens) for project in (self.to_q, self.to_k, self.to_v))
        scores = query @ key.transpose(1, 2) / math.sqrt(query.shape[-1])
        mixed = self.to_out[0](scores.softmax(-1).to(value.dtype) @ value)
        return x + mixed.transpose(1, 2).reshape(x.shape)


def autoencoder_mid(channels, groups):
    resnets = [AutoencoderResnet(channels, channels, groups) for _ in range(2)]
    attention = AutoencoderAttention(channels, groups)
    return nn.ModuleDict(
        {"attentions": nn.ModuleList([attention]), "resnets": nn.ModuleList(resnets)}
    )


def run_mid(block, x):
    return block["resnets"][1](block["attentions"][0](block["resnets"][0](x)))


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        channels, groups = config["block_out_channels"], config["norm_num_groups"]
        self.conv_in = nn.Conv2d(config["in_channels"], channels[0], 3, padding=1)
        self.down_blocks = nn.ModuleList()
        inner = channels[0]
        for level, outer in enumerate(channels):
            resnets = nn.ModuleList()
            for _ in range(config["layers_per_block"]):
                resnets.append(AutoencoderResnet(inner, outer, groups))
                inner = outer
            block = nn.ModuleDict({"resnets": resnets})
            if level < len(channels) - 1:
                conv = nn.ModuleDict({"conv": nn.Conv2d(outer, outer, 3, stride=2)})
                block["downsamplers"] = nn.ModuleList([conv])
            self.down_blocks.append(block)
        self.mid_block = autoencoder_mid(inner, groups)
        self.conv_norm_out = nn.GroupNorm(groups, inner, 1e-6)
        self.conv_out = nn.Conv2d(inner, 2 * config["latent_channels"], 3, padding=1)

    def forward(self, x):
        x = self.conv_in(x)
        for block in self.down_blocks:
            for resnet in block["resnets"]:
                x = resnet(x)
            if "downsamplers" in block:
                x = block["downsamplers"][0]["conv"](F.pad(x, (0, 1, 0, 1)))
        return self.conv_out(F.silu(self.conv_norm_out(run_mid(self.mid_block, x))))


class Decoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        channels, groups = config["block_out_channels"][::-1], config["norm_num_groups"]
        self.conv_in = nn.Conv2d(config["latent_channels"], channels[0], 3, padding=1)
        self.mid_block = autoencoder_mid(channels[0], groups)
        self.up_blocks = nn.ModuleList()
        inner = channels[0]
        for level, outer in enumerate(channels):
            resnets = nn.ModuleList()
            for _ in range(config["layers_per_block"] + 1):
                resnets.append(AutoencoderResnet(inner, outer, groups))
                inner = outer
            block = nn.ModuleDict({"resnets": resnets})
            if level < len(channels) - 1:
                conv = nn.ModuleDict({"conv": nn.Conv2d(outer, outer, 3, padding=1)})
                block["upsamplers"] = nn.ModuleList([conv])
            self.up_blocks.append(block)
        self.conv_norm_out = nn.GroupNorm(groups, inner, 1e-6)
        self.conv_out = nn.Conv2d(inner, config["out_channels"], 3, padding=1)

    def forward(self, x):
        x = run_mid(self.mid_block, self.conv_in(x))
        for block in self.up_blocks:
            for resnet in block["resnets"]:
                x = resnet(x)
            if "upsamplers" in block:
                x = block["upsamplers"][0]["conv"](F.interpolate(x, scale_factor=2.0))
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class Autoencoder(nn.Module):
    """Pictures [batch, 3, height, width] in -1 to 1 to latents and back (AutoencoderKL)."""

    def __init__(self, config):
        super().__init__()
        latents = config["latent_channels"]
        self.encoder, self.decoder = Encoder(config), Decoder(config)
        self.quant_conv = nn.Conv2d(2 * latents, 2 * latents, 1)
        self.post_quant_conv = nn.Conv2d(latents, latents, 1)

    def encode(self, pictures):
        """Mean and logvar of the latent, each [batch, latents, height / f, width / f], before the scaling factor."""
        mean, logvar = self.quant_conv(self.encoder(pictures)).chunk(2, dim=1)
        return mean, logvar.clamp(-30, 20)

    def decode(self, latents):
        return self.decoder(self.post_quant_conv(latents))


def load_text_encoder(folder):
    folder = Path(folder) / "text_encoder"
    model = CLIPText(json.loads((folder / "config.json").read_text()))
    weights = {}
    for key, value in load_safetensors(folder / "model.safetensors").items():
        short = key.removeprefix("text_model.")
        weights[short.removeprefix("embeddings.").removeprefix("encoder.")] = value
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)


def load_unet(folder):
    folder = Path(folder) / "unet"
    model = UNet(json.loads((folder / "config.json").read_text()))
    model.load_state_dict(load_safetensors(folder / "diffusion_pytorch_model.safetensors"))
    return model.eval().requires_grad_(False)


def load_autoencoder(folder):
    folder = Path(folder) / "vae"
    model = Autoencoder(json.loads((folder / "config.json").read_text()))
    # the attention's layers as checkpoints of before diffusers 0.17 name them
    former = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
    weights = {}
    for key, value in load_safetensors(folder / "diffusion_pytorch_model.safetensors").items():
        *path, layer, kind = key.split(".")
        weights[".".join([*path, former.get(layer, layer), kind])] = value
    model.load_state_dict(weights)
    return model.eval().requires_grad_(False)
