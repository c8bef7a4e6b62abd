"""
A detector of the world's classes: definition, training, validation, export.

    python tools/toybox/evaluators/detector.py train --work out/detector
    python tools/toybox/evaluators/detector.py validate

One stage, no anchors: a heat map per class as in CenterNet (Zhou et al., arXiv 1904.07850) and distances to the four
edges as in FCOS (Tian et al., arXiv 1904.01355). The engine's counterpart is src-main/engine/models/detector.ts.
"""
import argparse
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from augment import augment, shift, to_pixels
from safetensors.torch import load_file
from scenes import ROOT, SCENES_FOLDER, SIZE, load_scenes
from torch import nn
from training import add_arguments, save_weights, train, write_json

FOLDER = ROOT / "assets/toybox/evaluators/detector"
CELL = 4
SIDE = SIZE // CELL
CONFIG = {
    "model_type": "center_detector",
    "image_size": SIZE,
    "channels": [32, 64, 128],
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "norm_eps": 1e-5,
    "overlap_threshold": 0.4,
}
SEEDS = {"training": 101, "threshold": 201, "report": 202}


class ResnetBlock(nn.Module):
    def __init__(self, inputs, outputs, groups, epsilon):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs, epsilon)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups, outputs, epsilon)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        if inputs != outputs:
            self.conv_shortcut = nn.Conv2d(inputs, outputs, 1)

    def forward(self, x):
        hidden = self.conv1(F.silu(self.norm1(x)))
        hidden = self.conv2(F.silu(self.norm2(hidden)))
        return hidden + (self.conv_shortcut(x) if hasattr(self, "conv_shortcut") else x)


class Resampler(nn.Module):
    """Holds a convolution under the key that diffusers gives it."""

    def __init__(self, channels, stride):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride, 1)


class Block(nn.Module):
    def __init__(self, inputs, outputs, config, resample=None):
        super().__init__()
        norm = config["norm_num_groups"], config["norm_eps"]
        layers = range(config["layers_per_block"])
        self.resnets = nn.ModuleList(ResnetBlock(outputs if i else inputs, outputs, *norm) for i in layers)
        if resample == "down":
            self.downsamplers = nn.ModuleList([Resampler(outputs, 2)])
        if resample == "up":
            self.upsamplers = nn.ModuleList([Resampler(outputs, 1)])

    def forward(self, x):
        for resnet in self.resnets:
            x = resnet(x)
        return x

    def down(self, x):
        return self.downsamplers[0].conv(x)

    def up(self, x):
        return self.upsamplers[0].conv(F.interpolate(x, scale_factor=2, mode="nearest"))


class Detector(nn.Module):
    def __init__(self, config):
        super().__init__()
        fine, middle, coarse = config["channels"]
        self.classes = len(config["class_names"])
        self.conv_in = nn.Conv2d(3, fine, 3, 2, 1)
        self.down_blocks = nn.ModuleList(
            [Block(fine, fine, config, "down"), Block(fine, middle, config, "down")]
        )
        self.mid_block = Block(middle, coarse, config, "up")
        self.up_block = Block(coarse + middle, middle, config)
        self.conv_norm_out = nn.GroupNorm(config["norm_num_groups"], middle, config["norm_eps"])
        self.conv_out = nn.Conv2d(middle, self.classes + 4, 3, padding=1)
        # Most cells hold nothing: begin by saying so (RetinaNet, arXiv 1708.02002, section 3.3).
        nn.init.normal_(self.conv_out.weight, std=0.01)
        nn.init.constant_(self.conv_out.bias, -4.6)
        nn.init.constant_(self.conv_out.bias[self.classes :], 1.0)

    def forward(self, pixels):
        """[n, 3, 64, 64] in [-1, 1] -> logits [n, classes, 16, 16], logarithms of distances in cells [n, 4, 16, 16]."""
        hidden = self.down_blocks[0](self.conv_in(pixels))
        skipped = self.down_blocks[1](self.down_blocks[0].down(hidden))
        hidden = self.mid_block(self.down_blocks[1].down(skipped))
        hidden = self.up_block(torch.cat([self.mid_block.up(hidden), skipped], 1))
        output = self.conv_out(F.silu(self.conv_norm_out(hidden))).float()
        return output[:, : self.classes], output[:, self.classes :]


def boxes_of(facts, class_names):
    """Per picture a list of (class index, left, top, right, bottom) in pixels."""
    index = {name: i for i, name in enumerate(class_names)}
    return [
        [(index[thing["class"]], *(SIZE * edge for edge in thing["bounds"])) for thing in fact["things"]]
        for fact in facts
    ]


def targets_of(boxes, classes):
    """Heat map [n, classes, 16, 16], edges in pixels [n, 4, 16, 16] and their weights [n, 16, 16]."""
    heat = torch.zeros(len(boxes), classes, SIDE, SIDE)
    edges = torch.zeros(len(boxes), 4, SIDE, SIDE)
    weights = torch.zeros(len(boxes), SIDE, SIDE)
    centres = (torch.arange(SIDE) + 0.5) * CELL
    for picture, things in enumerate(boxes):
        for kind, left, top, right, bottom in things:
            x, y, width, height = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
            column, row = min(int(x / CELL), SIDE - 1), min(int(y / CELL), SIDE - 1)
            dx, dy = (centres - centres[column]) / width, (centres - centres[row]) / height
            peak = torch.exp(-(dx[None, :] ** 2 + dy[:, None] ** 2) / (2 * 0.12**2))
            heat[picture, kind] = torch.maximum(heat[picture, kind], peak)
            own = peak > weights[picture]
            weights[picture] = torch.where(own, peak, weights[picture])
            edges[picture] = torch.where(
                own, torch.tensor([left, top, right, bottom])[:, None, None], edges[picture]
            )
    return heat, edges, weights * (weights > 0.3)


def detection_loss(logits, distances, heat, edges, weights):
    """Penalty-reduced focal loss (CenterNet, equation 1) and 1 - IoU where an object's middle is near."""
    logits = logits.clamp(-12, 12)
    scores, objects = logits.sigmoid(), (heat == 1).sum().clamp(min=1)
    positive = -((1 - scores) ** 2) * F.logsigmoid(logits) * (heat == 1)
    negative = -(scores**2) * (1 - heat) ** 4 * F.logsigmoid(-logits) * (heat < 1)
    focal = (positive.sum() + negative.sum()) / objects
    overlap = overlap_with(distances, edges)
    boxes = ((1 - overlap) * weights).sum() / weights.sum().clamp(min=1)
    return focal + boxes, {"focal": focal.item(), "boxes": boxes.item()}


def overlap_with(distances, edges):
    """Intersection over union of predicted and true boxes, cell by cell: [n, 16, 16]."""
    left, top, right, bottom = decode_edges(distances).unbind(1)
    width = (torch.minimum(right, edges[:, 2]) - torch.maximum(left, edges[:, 0])).clamp(min=0)
    height = (torch.minimum(bottom, edges[:, 3]) - torch.maximum(top, edges[:, 1])).clamp(min=0)
    own = (right - left) * (bottom - top)
    other = (edges[:, 2] - edges[:, 0]) * (edges[:, 3] - edges[:, 1])
    return width * height / (own + other - width * height).clamp(min=1)


def decode_edges(distances):
    """Logarithms of distances in cells -> left, top, right, bottom in pixels: [n, 4, 16, 16]."""
    lengths = CELL * torch.exp(distances.clamp(-4, 4))
    centres = (torch.arange(SIDE) + 0.5) * CELL
    x, y = centres[None, None, :], centres[None, :, None]
    return torch.stack([x - lengths[:, 0], y - lengths[:, 1], x + lengths[:, 2], y + lengths[:, 3]], 1)


@torch.no_grad()
def find(model, config, pixels, threshold):
    """Per picture a list of (class index, score, (left, top, right, bottom) in pixels), the surest first."""
    logits, distances = model(pixels * 2 - 1)
    scores, edges = logits.sigmoid(), decode_edges(distances)
    peaks = scores * (F.max_pool2d(scores, 3, 1, 1) == scores)
    found = [[] for _ in range(len(pixels))]
    for picture, kind, row, column in (peaks >= threshold).nonzero().tolist():
        box = edges[picture, :, row, column].clamp(0, SIZE).tolist()
        found[picture].append((kind, scores[picture, kind, row, column].item(), box))
    return [drop_repeated(finds, config["overlap_threshold"]) for finds in found]


def drop_repeated(finds, limit):
    kept = []
    for candidate in sorted(finds, key=lambda each: -each[1]):
        if not any(candidate[0] == other[0] and overlap(candidate[2], other[2]) > limit for other in kept):
            kept.append(candidate)
    return kept


def overlap(a, b):
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return width * height / (sum(areas) - width * height)


def matches(find, thing):
    """The right class, and an overlap of 0.3 or the find's middle inside the object."""
    kind, *box = thing
    x, y = (find[2][0] + find[2][2]) / 2, (find[2][1] + find[2][3]) / 2
    inside = box[0] <= x <= box[2] and box[1] <= y <= box[3]
    return find[0] == kind and (inside or overlap(find[2], box) >= 0.3)


def find_all(model, config, scenes, threshold, changed):
    """Finds in drawn pictures, or in pictures changed as decoded ones are."""
    generator = torch.Generator().manual_seed(1)
    found = []
    for start in range(0, len(scenes), 100):
        pixels = to_pixels(scenes.images[start : start + 100])
        found += find(model, config, augment(pixels, generator) if changed else pixels, threshold)
    return found


def score(found, boxes, threshold):
    """Share of objects found, and share of finds that match no object."""
    objects = hits = finds = 0
    for seen, things in zip(found, boxes):
        free, seen = list(things), [each for each in seen if each[1] >= threshold]
        objects, finds = objects + len(things), finds + len(seen)
        for candidate in seen:
            hit = next((thing for thing in free if matches(candidate, thing)), None)
            if hit:
                free.remove(hit)
                hits += 1
    return {"objects": objects, "found": hits / objects, "finds": finds, "false": 1 - hits / max(finds, 1)}


def best_threshold(model, config, scenes):
    """Where the missed share and the false share, on drawn and on changed pictures, are least together."""
    boxes = boxes_of(scenes.facts, config["class_names"])
    thresholds = [round(0.2 + 0.05 * i, 2) for i in range(11)]
    found = [find_all(model, config, scenes, thresholds[0], changed) for changed in (False, True)]

    def cost(threshold):
        results = [score(each, boxes, threshold) for each in found]
        return sum(1 - result["found"] + 1.5 * result["false"] for result in results)

    return min(thresholds, key=cost)


def run_training(args):
    scenes = load_scenes(args.scenes, SEEDS["training"], args.count)
    class_names = list(dict.fromkeys(thing["class"] for fact in scenes.facts for thing in fact["things"]))
    config = {**CONFIG, "class_names": sorted(class_names)}
    boxes = boxes_of(scenes.facts, config["class_names"])

    def draw_loss(model, indices, generator):
        pixels, things = move(to_pixels(scenes.images[indices]), [boxes[i] for i in indices], generator)
        pixels = augment(pixels, generator) * 2 - 1
        with torch.autocast("cpu", torch.bfloat16):
            logits, distances = model(pixels.contiguous(memory_format=torch.channels_last))
        return detection_loss(logits, distances, *targets_of(things, len(config["class_names"])))

    torch.manual_seed(args.seed)
    model = Detector(config).to(memory_format=torch.channels_last)
    averaged, curve = train(args, model, draw_loss, len(scenes), ("conv_in", "conv_out"))
    export(averaged.eval(), config, load_scenes(args.scenes, SEEDS["threshold"], 1000), curve)


def move(pixels, boxes, generator):
    """Mirrors half of the pictures and moves each by up to two pixels, with what stands in it."""
    count = len(pixels)
    dx, dy = (torch.randint(-2, 3, (count,), generator=generator) for _ in range(2))
    mirrored = torch.rand(count, generator=generator) < 0.5
    pixels = shift(torch.where(mirrored[:, None, None, None], pixels.flip(3), pixels), dx, dy)
    moves = zip(boxes, mirrored.tolist(), dx.tolist(), dy.tolist())
    return pixels, [[(kind, *move_box(box, *how)) for kind, *box in things] for things, *how in moves]


def move_box(box, mirrored, dx, dy):
    left, top, right, bottom = box
    if mirrored:
        left, right = SIZE - right, SIZE - left
    return left + dx, top + dy, right + dx, bottom + dy


def export(model, config, scenes, curve):
    FOLDER.mkdir(parents=True, exist_ok=True)
    model = model.to(torch.float16).float()
    config = {**config, "score_threshold": best_threshold(model, config, scenes)}
    write_json(FOLDER / "config.json", config)
    save_weights(FOLDER / "model.safetensors", model.state_dict())
    write_json(Path(__file__).with_name("detector-losses.json"), curve)
    print("threshold", config["score_threshold"])


def load():
    config = json.loads((FOLDER / "config.json").read_text())
    model = Detector(config).eval()
    model.load_state_dict({key: value.float() for key, value in load_file(FOLDER / "model.safetensors").items()})
    return model, config


def validate(args):
    model, config = load()
    scenes = load_scenes(args.scenes, args.seed, args.count)
    for name, changed in (("drawn", False), ("changed as decoded pictures are", True)):
        found = find_all(model, config, scenes, config["score_threshold"], changed)
        result = score(found, boxes_of(scenes.facts, config["class_names"]), 0)
        print(f"{name}: {result['found']:.1%} of {result['objects']} objects found, "
              f"{result['false']:.1%} of {result['finds']} finds false")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train")
    add_arguments(training, steps=1600, batch=64, rate=2e-3)
    validation = commands.add_parser("validate")
    validation.add_argument("--scenes", default=SCENES_FOLDER)
    validation.add_argument("--seed", type=int, default=SEEDS["report"])
    validation.add_argument("--count", type=int, default=2000)
    validation.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    (run_training if args.command == "train" else validate)(args)


if __name__ == "__main__":
    main()
