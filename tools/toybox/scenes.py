"""Captioned pictures of the world, drawn on the fly by tools/toybox/world/streamScenes.ts in a process of its own."""

import json
import struct
import subprocess
import threading
from pathlib import Path
from queue import Queue
from typing import NamedTuple

import numpy as np

root = Path(__file__).resolve().parents[2]
size = 64


class Scene(NamedTuple):
    pixels: np.ndarray
    """[64, 64, 3], 0 to 255"""
    caption: str
    token_ids: list[int]
    """Of the caption, padded to the text encoder's length."""
    things: list[tuple[str, tuple[float, float, float, float]]]
    """Class and (left, top, right, bottom) in shares of the picture."""


class SceneStream:
    """Scenes of a seed in their order, endlessly. They are drawn ahead while the caller computes."""

    def __init__(self, seed):
        script = root / "tools/toybox/world/streamScenes.ts"
        node = root / "node_modules/.bin/node"
        self.process = subprocess.Popen([node, script, "--seed", str(seed)], stdout=subprocess.PIPE)
        self.queue = Queue(maxsize=256)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            while True:
                self.queue.put(self._read_scene())
        except (ValueError, struct.error):
            self.queue.put(None)  # the process has ended

    def _read_scene(self):
        stream = self.process.stdout
        record = json.loads(stream.read(struct.unpack("<I", stream.read(4))[0]))
        pixels = np.frombuffer(stream.read(size * size * 3), np.uint8).reshape(size, size, 3)
        things = [(thing["class"], tuple(thing["bounds"])) for thing in record["things"]]
        return Scene(pixels, record["caption"], record["tokenIds"], things)

    def take(self, count):
        scenes = []
        for _ in range(count):
            scene = self.queue.get()
            if scene is None:
                raise RuntimeError("the drawing process has ended; its error stands above")
            scenes.append(scene)
        return scenes

    def close(self):
        self.process.kill()
