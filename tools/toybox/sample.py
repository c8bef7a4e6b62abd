"""DDIM with classifier-free guidance (Song et al. 2021; Ho and Salimans 2022), for a look at the model in training."""

import torch

# scaled-linear betas, as in Stable Diffusion 1.5
betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
alphas_cumprod = torch.cumprod(1 - betas, 0).float()


@torch.no_grad()
def sample(models, autoencoder, scale, scenes, empty, steps=25, guidance=5.0, seed=1):
    """Pictures [batch, 3, height, width] in -1 to 1 of the scenes' captions, in the caller's autocast."""
    models.eval()
    ids = torch.tensor([scene.token_ids for scene in scenes] + [empty] * len(scenes))
    channels = models["unet"].conv_in.in_channels
    latents = torch.randn(
        len(scenes), channels, 16, 16, generator=torch.Generator().manual_seed(seed)
    )
    stride = 1000 // steps
    text = models["text"](ids)
    for timestep in range(1000 - stride + 1, 0, -stride):
        times = torch.full((2 * len(scenes),), timestep)
        noise = models["unet"](torch.cat([latents, latents]), times, text).float()
        conditional, unconditional = noise.chunk(2)
        noise = unconditional + guidance * (conditional - unconditional)
        kept = alphas_cumprod[timestep]
        before = alphas_cumprod[max(timestep - stride, 0)]
        clean = (latents - (1 - kept).sqrt() * noise) / kept.sqrt()
        latents = before.sqrt() * clean + (1 - before).sqrt() * noise
    pictures = autoencoder.decode(latents / scale).float()
    return pictures.clamp(-1, 1)
