"""Writes what the engine's tests compare with: what PyTorch makes of Toybox's shipped weights, in float32.

    python tools/toybox/fixtures.py
"""

import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from sample import alphas_cumprod
from scenes import SceneStream, root
from train_autoencoder import pictures_of

sys.path.insert(0, str(root / "tools" / "pytorch"))
from stable_diffusion import load_autoencoder, load_text_encoder, load_unet

out = root / "test/golden-toybox/model.safetensors"


def main():
    torch.manual_seed(1)
    folder = root / "assets/toybox"
    text, unet, autoencoder = load_text_encoder(folder), load_unet(folder), load_autoencoder(folder)
    stream = SceneStream(4242)
    scenes = stream.take(2)
    stream.close()
    pictures = pictures_of(scenes).contiguous()
    mean, logvar = autoencoder.encode(pictures)
    ids = torch.tensor([scene.token_ids for scene in scenes])
    vocabulary = text.token_embedding.weight
    # the last word before the end gives way to a new one, as in textual inversion
    ends = (ids == ids[0, -1]).int().argmax(1)
    ids[torch.arange(2), ends - 1] = len(vocabulary)
    row = (vocabulary[320:322].mean(0, keepdim=True)).requires_grad_(True)
    hidden = text(ids, torch.cat([vocabulary, row]))
    hidden.retain_grad()
    timesteps = torch.tensor([61, 803])
    noise = torch.randn_like(mean)
    kept = alphas_cumprod[timesteps][:, None, None, None]
    noisy = kept.sqrt() * mean + (1 - kept).sqrt() * noise
    prediction = unet(noisy, timesteps, hidden)
    loss = F.mse_loss(prediction, noise)
    loss.backward()
    values = {
        "pictures": pictures,
        "mean": mean,
        "deviation": (0.5 * logvar).exp(),
        "decoded": autoencoder.decode(mean),
        "tokenIds": ids,
        "row": row,
        "hiddenStates": hidden,
        "noisyLatents": noisy,
        "noise": noise,
        "timesteps": timesteps,
        "prediction": prediction,
        "loss": loss.reshape(1),
        "gradient.hiddenStates": hidden.grad,
        "gradient.row": row.grad,
    }
    save_file({key: value.detach().contiguous() for key, value in values.items()}, out)
    out.chmod(0o644)


if __name__ == "__main__":
    main()
