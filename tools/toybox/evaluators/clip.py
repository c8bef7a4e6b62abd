"""
A small pair of CLIP encoders for the world's pictures and captions: definition, training, validation, export.

    python tools/toybox/evaluators/clip.py train --work out/clip
    python tools/toybox/evaluators/clip.py validate

Radford et al., arXiv 2103.00020. Keys, arithmetic and files are those of CLIPModel of transformers 4.31; the engine's
counterpart is src-main/engine/models/clipVision.ts. Beside the contrastive loss, training has two helpers that are
thrown away: what picture and caption say must be readable from their embeddings, and from each patch what covers it.
"""
import argparse
import json
import math
import shutil
import subprocess
from pathlib import Path

import torch
import torch.nn.functional as F
from augment import augment, shift, to_pixels
from safetensors.torch import load_file
from scenes import ROOT, SCENES_FOLDER, SIZE, load_scenes
from torch import nn
from training import add_arguments, save_weights, train, write_json

FOLDER = ROOT / "assets/toybox/evaluators/clip"
TOKENIZER = ROOT / "assets/toybox/tokenizer"
TOKENIZER_FILES = ("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json")
SEEDS = {"training": 111, "report": 212}
MEAN, DEVIATION = [0.5, 0.5, 0.5], [0.25, 0.25, 0.25]
SHARED = {"hidden_act": "quick_gelu", "layer_norm_eps": 1e-5}
VISION = {
    **SHARED,
    "model_type": "clip_vision_model",
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 5,
    "num_attention_heads": 4,
    "num_channels": 3,
    "image_size": SIZE,
    "patch_size": 8,
}
TEXT = {
    **SHARED,
    "model_type": "clip_text_model",
    "hidden_size": 128,
    "intermediate_size": 256,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
}
PROJECTION = 128


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x, mask):
        batch, tokens, width = x.shape

        def split(values):
            return values.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)

        query, key, value = (split(project(x)) for project in (self.q_proj, self.k_proj, self.v_proj))
        scores = query @ key.transpose(2, 3) / math.sqrt(width / self.heads)
        mixed = (scores if mask is None else scores + mask).softmax(-1) @ value
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, tokens, width))


class Mlp(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x):
        hidden = self.fc1(x)
        return self.fc2(hidden * torch.sigmoid(1.702 * hidden))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.layer_norm1 = nn.LayerNorm(width, epsilon)
        self.self_attn = Attention(width, config["num_attention_heads"])
        self.layer_norm2 = nn.LayerNorm(width, epsilon)
        self.mlp = Mlp(width, config["intermediate_size"])

    def forward(self, x, mask):
        x = x + self.self_attn(self.layer_norm1(x), mask)
        return x + self.mlp(self.layer_norm2(x))


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))

    def forward(self, x, mask=None):
        for layer in self.layers:
            x = layer(x, mask)
        return x


class VisionEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, patch = config["hidden_size"], config["patch_size"]
        self.class_embedding = nn.Parameter(torch.randn(width) * 0.02)
        self.patch_embedding = nn.Conv2d(3, width, patch, patch, bias=False)
        self.position_embedding = nn.Embedding((config["image_size"] // patch) ** 2 + 1, width)
        nn.init.normal_(self.position_embedding.weight, std=0.02)

    def forward(self, pixels):
        patches = self.patch_embedding(pixels).flatten(2).transpose(1, 2)
        first = self.class_embedding.to(patches.dtype).expand(len(pixels), 1, -1)
        return torch.cat([first, patches], 1) + self.position_embedding.weight


class VisionModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        width, epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.embeddings = VisionEmbeddings(config)
        self.pre_layrnorm = nn.LayerNorm(width, epsilon)
        self.encoder = Encoder(config)
        self.post_layernorm = nn.LayerNorm(width, epsilon)

    def forward(self, pixels):
        """All hidden states after the last layer, and the normed one of the class token."""
        hidden = self.encoder(self.pre_layrnorm(self.embeddings(pixels)))
        return hidden, self.post_layernorm(hidden[:, 0])


class TextEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.token_embedding = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.position_embedding = nn.Embedding(config["max_position_embeddings"], config["hidden_size"])
        for table in (self.token_embedding, self.position_embedding):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, ids):
        return self.token_embedding(ids) + self.position_embedding.weight[: ids.shape[1]]


class TextModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.end = config["eos_token_id"]
        self.embeddings = TextEmbeddings(config)
        self.encoder = Encoder(config)
        self.final_layer_norm = nn.LayerNorm(config["hidden_size"], config["layer_norm_eps"])

    def forward(self, ids):
        mask = torch.full((ids.shape[1], ids.shape[1]), -1e9).triu(1)
        hidden = self.final_layer_norm(self.encoder(self.embeddings(ids), mask))
        ends = (ids == self.end).int().argmax(1)
        return hidden[torch.arange(len(ids)), ends]


class Clip(nn.Module):
    def __init__(self, config):
        super().__init__()
        text, vision = config["text_config"], config["vision_config"]
        self.text_model, self.vision_model = TextModel(text), VisionModel(vision)
        self.visual_projection = nn.Linear(vision["hidden_size"], config["projection_dim"], bias=False)
        self.text_projection = nn.Linear(text["hidden_size"], config["projection_dim"], bias=False)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def embed_pictures(self, pixels):
        return self.visual_projection(self.vision_model(pixels)[1])

    def embed_texts(self, ids):
        return self.text_projection(self.text_model(ids))


class Helpers(nn.Module):
    """Heads that only training has: statements read from embeddings, and what covers each patch."""

    def __init__(self, statements, coverings):
        super().__init__()
        self.statements = nn.Linear(PROJECTION, statements)
        nn.init.constant_(self.statements.bias, -4.0)
        self.coverings = nn.ModuleList(nn.Linear(VISION["hidden_size"], count) for count in coverings)


class Training(nn.Module):
    def __init__(self, config, statements, coverings):
        super().__init__()
        self.clip, self.helpers = Clip(config), Helpers(statements, coverings)


class Labels:
    """What the scenes say, as numbers."""

    def __init__(self, facts):
        statements = sorted({text for fact in facts for text in fact["facts"]})
        self.statement = {text: i for i, text in enumerate(statements)}
        self.values = [sorted({thing[key] for fact in facts for thing in fact["things"]})
                       for key in ("class", "colour", "pattern")]
        self.true = [self.numbers(fact["facts"]) for fact in facts]
        self.claims = [[self.numbers(caption["claims"]) for caption in fact["captions"]] for fact in facts]
        self.ids = torch.tensor([[caption["tokenIds"] for caption in fact["captions"]] for fact in facts])
        self.coverings = torch.stack([self.cover(fact["things"]) for fact in facts])

    def numbers(self, texts):
        return [self.statement[text] for text in texts]

    def rows(self, lists):
        """Zeros and ones [len(lists), statements]."""
        rows = torch.zeros(len(lists), len(self.statement))
        for row, numbers in zip(rows, lists):
            row[numbers] = 1
        return rows

    def cover(self, things):
        """Class, colour and pattern of what covers each patch's middle, 0 for nothing: uint8 [3, 8, 8]."""
        side = SIZE // VISION["patch_size"]
        middles = (torch.arange(side) + 0.5) / side
        grid = torch.zeros(3, side, side, dtype=torch.uint8)
        for thing in things:
            left, top, right, bottom = thing["bounds"]
            inside = ((middles > top) & (middles < bottom))[:, None] & ((middles > left) & (middles < right))
            for layer, (key, values) in enumerate(zip(("class", "colour", "pattern"), self.values)):
                grid[layer][inside] = values.index(thing[key]) + 1
        return grid


def contrastive_loss(pictures, texts, scale, agrees):
    """Symmetric cross-entropy. A caption that is also true of another picture is no counterexample for it."""
    logits = scale.exp().clamp(max=100) * F.normalize(pictures, dim=1) @ F.normalize(texts, dim=1).T
    own = torch.eye(len(logits), dtype=torch.bool)
    logits = logits.masked_fill(agrees & ~own, -1e4)
    target = torch.arange(len(logits))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def loss_of(model, pixels, ids, true, claims, covered):
    with torch.autocast("cpu", torch.bfloat16):
        hidden, pooled = model.clip.vision_model(pixels)
        pictures = model.clip.visual_projection(pooled).float()
        texts = model.clip.embed_texts(ids).float()
        patches = [head(hidden[:, 1:]).float() for head in model.helpers.coverings]
    agrees = (1 - true) @ claims.T == 0
    contrast = contrastive_loss(pictures, texts, model.clip.logit_scale, agrees)
    read = [model.helpers.statements(F.normalize(rows, dim=1) * 16) for rows in (pictures, texts)]
    said = sum(F.binary_cross_entropy_with_logits(*pair) for pair in zip(read, (true, claims)))
    said = said * true.shape[1] / 20
    cover = sum(
        F.cross_entropy(logits.flatten(0, 1), covered[:, layer].long().flatten())
        for layer, logits in enumerate(patches)
    ) / 3
    figures = {"contrast": contrast.item(), "statements": said.item(), "patches": cover.item()}
    return contrast + said + cover, figures


def normalize_pixels(pixels):
    return (pixels - MEAN[0]) / DEVIATION[0]


def make_config():
    tokens = json.loads((TOKENIZER / "vocab.json").read_text())
    settings = json.loads((TOKENIZER / "tokenizer_config.json").read_text())
    start, end = tokens["<|startoftext|>"], tokens["<|endoftext|>"]
    text = {
        **TEXT,
        "vocab_size": max(tokens.values()) + 1,
        "max_position_embeddings": settings["model_max_length"],
        "bos_token_id": start,
        "eos_token_id": end,
        "pad_token_id": end,
        "projection_dim": PROJECTION,
    }
    return {
        "architectures": ["CLIPModel"],
        "model_type": "clip",
        "projection_dim": PROJECTION,
        "logit_scale_init_value": math.log(1 / 0.07),
        "text_config": text,
        "vision_config": {**VISION, "projection_dim": PROJECTION},
        "torch_dtype": "float16",
    }


def run_training(args):
    scenes = load_scenes(args.scenes, SEEDS["training"], args.count)
    labels = Labels(scenes.facts)
    config = make_config()

    def draw_loss(model, indices, generator):
        pixels = to_pixels(scenes.images[indices])
        dx, dy = (torch.randint(-2, 3, (len(indices),), generator=generator) for _ in range(2))
        pixels = normalize_pixels(augment(shift(pixels, dx, dy), generator))
        which = torch.randint(labels.ids.shape[1], (len(indices),), generator=generator)
        true = labels.rows([labels.true[i] for i in indices])
        claims = labels.rows([labels.claims[i][k] for i, k in zip(indices, which)])
        return loss_of(model, pixels, labels.ids[indices, which], true, claims, labels.coverings[indices])

    torch.manual_seed(args.seed)
    coverings = [len(values) + 1 for values in labels.values]
    model = Training(config, len(labels.statement), coverings)
    outer = ("embedding", "projection", "helpers")
    averaged, curve = train(args, model, draw_loss, len(scenes), outer)
    export(averaged.clip, config, curve)


def export(model, config, curve):
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_json(FOLDER / "config.json", config)
    save_weights(FOLDER / "model.safetensors", model.state_dict())
    preprocessing = {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": SIZE},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": SIZE, "width": SIZE},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": MEAN,
        "image_std": DEVIATION,
    }
    write_json(FOLDER / "preprocessor_config.json", preprocessing)
    for name in TOKENIZER_FILES:
        shutil.copy(TOKENIZER / name, FOLDER / name)
    write_json(Path(__file__).with_name("clip-losses.json"), curve)


def load():
    config = json.loads((FOLDER / "config.json").read_text())
    model = Clip(config).eval()
    weights = load_file(FOLDER / "model.safetensors")
    model.load_state_dict({key: value.float() for key, value in weights.items()})
    return model, config


@torch.no_grad()
def validate(args):
    model, _ = load()
    scenes = load_scenes(args.scenes, SEEDS["report"], args.count)
    labels = Labels(scenes.facts)
    texts = F.normalize(model.embed_texts(labels.ids[:, 0]), dim=1)
    for name, changed in (("drawn", False), ("changed as decoded pictures are", True)):
        pixels = to_pixels(scenes.images)
        pixels = normalize_pixels(augment(pixels, torch.Generator().manual_seed(1)) if changed else pixels)
        rows = [model.embed_pictures(part) for part in pixels.split(250)]
        pictures = F.normalize(torch.cat(rows), dim=1)
        print(f"{name}: a true caption comes first of 100 for {retrieval(labels, pictures, texts):.1%} of pictures")
        for kind, right, count in answers(model, scenes.facts, pictures):
            print(f"  {kind}: {right:.1%} right of {count}")
        for kind, mean in likeness(scenes.facts, pictures):
            print(f"  mean cosine of two pictures of {kind}: {mean:.3f}")


def retrieval(labels, pictures, texts):
    true, claims = labels.rows(labels.true), labels.rows([each[0] for each in labels.claims])
    right = []
    for start in range(0, len(pictures) - 99, 100):
        part = slice(start, start + 100)
        best = (pictures[part] @ texts[part].T).argmax(1)
        right.append((((1 - true[part]) * claims[part][best]).sum(1) == 0).float())
    return torch.cat(right).mean()


def answers(model, facts, pictures):
    """What the texts that differ in one word say of pictures of one thing: (word, share right, pictures)."""
    single = [i for i, fact in enumerate(facts) if len(fact["things"]) == 1]
    things = [facts[i]["things"][0] for i in single]
    questions = {
        "class": lambda thing, value: f"a photo of a {value}",
        "colour": lambda thing, value: f"a photo of a {value} {thing['class']}",
        "pattern": lambda thing, value: f"a photo of a {value} {thing['class']}",
    }
    for key, ask in questions.items():
        values = sorted({thing[key] for thing in things} - {"plain"})
        asked = [(i, thing) for i, thing in zip(single, things) if thing[key] in values]
        prompts = [ask(thing, value) for _, thing in asked for value in values]
        texts = embed_prompts(model, prompts).view(len(asked), len(values), -1)
        scores = torch.einsum("nd,nvd->nv", pictures[[i for i, _ in asked]], texts)
        right = [values[best] == thing[key] for best, (_, thing) in zip(scores.argmax(1), asked)]
        yield key, sum(right) / len(right), len(right)


def embed_prompts(model, prompts):
    unique = sorted(set(prompts))
    ids = torch.tensor(tokenize(unique))
    rows = torch.cat([F.normalize(model.embed_texts(part), dim=1) for part in ids.split(250)])
    place = {prompt: i for i, prompt in enumerate(unique)}
    return rows[[place[prompt] for prompt in prompts]]


def tokenize(prompts):
    node, script = ROOT / "node_modules/.bin/node", Path(__file__).with_name("tokenize.ts")
    done = subprocess.run([node, script], input="\n".join(prompts), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def likeness(facts, pictures):
    """How alike pictures of one thing are, by what they have in common: (what, mean cosine)."""
    single = [i for i, fact in enumerate(facts) if len(fact["things"]) == 1]
    cosines = pictures[single] @ pictures[single].T
    things = [facts[i]["things"][0] for i in single]
    same = {key: torch.tensor([[a[key] == b[key] for b in things] for a in things]) for key in things[0]
            if key in ("class", "colour", "pattern")}
    pairs = ~torch.eye(len(single), dtype=torch.bool)
    look = same["colour"] & same["pattern"]
    for kind, chosen in {
        "one class and look": same["class"] & look,
        "one class, other colour and pattern": same["class"] & ~same["colour"] & ~same["pattern"],
        "other classes": ~same["class"],
    }.items():
        yield kind, cosines[chosen & pairs].mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train")
    add_arguments(training, steps=1000, batch=256, rate=1e-3)
    validation = commands.add_parser("validate")
    validation.add_argument("--scenes", default=SCENES_FOLDER)
    validation.add_argument("--count", type=int, default=2000)
    validation.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    (run_training if args.command == "train" else validate)(args)


if __name__ == "__main__":
    main()
