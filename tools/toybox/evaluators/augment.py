"""What separates decoded pictures of a diffusion model from drawn ones: light, softness, noise and soft stains."""
import torch
import torch.nn.functional as F


def to_pixels(images):
    """uint8 [n, height, width, 3] -> float [n, 3, height, width] in [0, 1]."""
    return torch.tensor(images).permute(0, 3, 1, 2).float() / 255


def augment(pixels, generator):
    """Pictures in [0, 1] -> the same, each changed a little and a third of them not at all."""

    def uniform(low, high, *shape):
        return torch.empty(len(pixels), *shape, 1, 1).uniform_(low, high, generator=generator)

    def sometimes(probability):
        return (uniform(0, 1, 1) < probability).float()

    changed = soften(pixels, uniform(0, 1, 1) * sometimes(0.6), uniform(0, 1, 1) * sometimes(0.3))
    changed = (changed - 0.5) * uniform(0.85, 1.15, 1) + 0.5 + uniform(-0.08, 0.08, 1) + uniform(-0.03, 0.03, 3)
    noise = torch.empty_like(pixels).normal_(generator=generator)
    coarse = torch.empty(len(pixels), 3, 16, 16).normal_(generator=generator)
    stains = F.interpolate(coarse, pixels.shape[2:], mode="bilinear", align_corners=False)
    changed = changed + noise * uniform(0, 0.06, 1) * sometimes(0.6) + stains * uniform(0, 0.12, 1) * sometimes(0.5)
    keep = sometimes(1 / 3)
    return (keep * pixels + (1 - keep) * changed).clamp(0, 1)


def soften(pixels, blur, halve):
    """Mixes in a 3 x 3 binomial blur and the picture at half its size, by shares [n, 1, 1, 1]."""
    weights = torch.tensor([1.0, 2.0, 1.0])
    kernel = (weights[:, None] * weights / 16).expand(3, 1, 3, 3)
    blurred = F.conv2d(F.pad(pixels, (1, 1, 1, 1), mode="replicate"), kernel, groups=3)
    half = F.interpolate(F.avg_pool2d(pixels, 2), scale_factor=2, mode="bilinear", align_corners=False)
    soft = pixels + blur * (blurred - pixels)
    return soft + halve * (half - soft)


def shift(pixels, dx, dy):
    """Moves each picture by whole pixels; the border repeats. dx, dy: int tensors [n]."""
    count, _, height, width = pixels.shape
    columns = (torch.arange(width) - dx[:, None]).clamp(0, width - 1)
    rows = (torch.arange(height) - dy[:, None]).clamp(0, height - 1)
    picture = torch.arange(count)[:, None, None]
    moved = pixels.permute(0, 2, 3, 1)[picture, rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2)
