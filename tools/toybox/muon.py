"""Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon): momentum whose update of each weight matrix is
replaced by the nearest orthogonal matrix. Scaled to AdamW's step size as in Liu et al. 2025 (arXiv 2502.16982)."""

import torch
import torch.distributed as dist


def orthogonalize(matrix, arithmetic):
    """Newton and Schulz's iteration on [rows, columns], in a dtype of its own; singular values end near 1."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix.to(arithmetic)
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        product = x @ x.T
        x = a * x + (b * product + c * product @ product) @ x
    return (x.T if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """For weights of two and more dimensions; those of convolutions are taken as [outputs, everything else].

    The workers (workers.py) share the matrices out, each updates its own and hands them to the others. So a worker knows
    the momentum of its own alone, and with --resume the others' begin anew."""

    def __init__(self, parameters, lr, arithmetic, momentum=0.95, weight_decay=0.01):
        self.arithmetic = arithmetic
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        shared = dist.is_initialized()
        workers, rank = (dist.get_world_size(), dist.get_rank()) if shared else (1, 0)
        for group in self.param_groups:
            trained = [parameter for parameter in group["params"] if parameter.grad is not None]
            # by falling size, so that the shares are alike
            trained.sort(key=lambda parameter: -parameter.numel())
            shares = [trained[other::workers] for other in range(workers)]
            for parameter in shares[rank]:
                state = self.state[parameter]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(parameter)
                state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
                direction = parameter.grad.lerp(state["momentum"], group["momentum"])
                matrix = direction.reshape(direction.shape[0], -1)
                update = orthogonalize(matrix, self.arithmetic) * (0.2 * max(matrix.shape) ** 0.5)
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.sub_(update.reshape(parameter.shape), alpha=group["lr"])
            if workers > 1:
                for other, share in enumerate(shares):
                    if share:
                        broadcast(share, other)


def broadcast(parameters, rank):
    flat = torch.cat([parameter.reshape(-1) for parameter in parameters])
    dist.broadcast(flat, rank)
    start = 0
    for parameter in parameters:
        parameter.copy_(flat[start : start + parameter.numel()].view_as(parameter))
        start += parameter.numel()


def optimizers_of(model, rate, outer, arithmetic=torch.bfloat16):
    """Muon for the inner matrices; AdamW for norms, biases and what the names in `outer` stand for: embeddings, the
    first and the last layer."""
    matrices, others = [], []
    for name, parameter in model.named_parameters():
        inner = parameter.dim() > 1 and not any(part in name for part in outer)
        (matrices if inner else others).append(parameter)
    return [
        Muon(matrices, rate, arithmetic),
        torch.optim.AdamW(others, rate, (0.9, 0.99), weight_decay=0),
    ]
