"""Scenes of the world as arrays, drawn once by streamScenes.ts and kept in a folder."""
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

SIZE = 64
ROOT = Path(__file__).resolve().parents[3]
SCENES_FOLDER = ROOT / "out/evaluator-scenes"


class Scenes:
    """`images` [n, 64, 64, 3] uint8; `facts`: per picture {captions, place, things: [{class, colour, pattern, bounds}]}."""

    def __init__(self, images, facts):
        self.images, self.facts = images, facts

    def __len__(self):
        return len(self.images)


def load_scenes(folder, seed, count):
    """Scenes 0 to count - 1 of a seed; drawn where the folder does not hold them yet."""
    folder = Path(folder)
    images, facts = folder / f"{seed}-{count}.npy", folder / f"{seed}-{count}.json"
    if not facts.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draw(seed, count, images, facts)
    return Scenes(np.load(images), json.loads(facts.read_text()))


def draw(seed, count, images_path, facts_path):
    node = ROOT / "node_modules/.bin/node"
    script = Path(__file__).with_name("streamScenes.ts")
    command = [str(node), str(script), "--seed", str(seed), "--count", str(count), "--size", str(SIZE)]
    with tempfile.TemporaryDirectory(dir=images_path.parent) as temporary:
        images = np.lib.format.open_memmap(
            f"{temporary}/images.npy", mode="w+", dtype=np.uint8, shape=(count, SIZE, SIZE, 3)
        )
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            facts = [read_record(process.stdout, images[index]) for index in range(count)]
        images.flush()
        Path(f"{temporary}/facts.json").write_text(json.dumps(facts))
        shutil.move(f"{temporary}/images.npy", images_path)
        shutil.move(f"{temporary}/facts.json", facts_path)


def read_record(stream, image):
    length = int.from_bytes(stream.read(4), "little")
    if length == 0:
        raise EOFError("the drawing of scenes ended early: see its message above")
    facts = json.loads(stream.read(length))
    image[:] = np.frombuffer(stream.read(image.size), np.uint8).reshape(image.shape)
    return facts
