"""
Writes what the engine's tests compare with: what PyTorch makes of the shipped evaluators' weights.

    python tools/toybox/evaluators/fixtures.py
"""
import json

import clip
import detector
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from scenes import ROOT, SCENES_FOLDER, load_scenes

FOLDER = ROOT / "test/golden-toybox/evaluators"
PROMPTS = [
    "a photo of a cat",
    "a striped red cat and a backpack on the beach",
    "xqzt9, an Umbrella to the left of a blue robot with a crown!",
]


@torch.no_grad()
def main():
    drawn = load_scenes(SCENES_FOLDER, 301, 20)
    scene = next(
        image for image, fact in zip(drawn.images, drawn.facts)
        if len(fact["things"]) == 2
    )
    # the picture and its mirror image
    picture = torch.tensor(scene)
    pixels = torch.stack([picture, picture.flip(1)]).permute(0, 3, 1, 2).float() / 255
    encoders, _ = clip.load()
    finder, config = detector.load()
    logits, distances = finder(pixels[:1] * 2 - 1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    save_file(
        {
            "picture": picture,
            "pictureEmbeddings": F.normalize(encoders.embed_pictures(clip.normalize_pixels(pixels)), dim=1),
            "textEmbeddings": clip.embed_prompts(encoders, PROMPTS),
            "scores": logits.sigmoid()[0].contiguous(),
            "distances": (4 * distances.exp()[0]).contiguous(),
        },
        FOLDER / "expected.safetensors",
    )
    (FOLDER / "expected.safetensors").chmod(0o644)
    found = detector.find(finder, config, pixels, config["score_threshold"])
    finds = [
        [{"className": config["class_names"][kind], "score": score, "box": box} for kind, score, box in each]
        for each in found
    ]
    (FOLDER / "expected.json").write_text(json.dumps({"prompts": PROMPTS, "finds": finds}, indent=2) + "\n")


if __name__ == "__main__":
    main()
