"""Writes test/golden-varied/sampler-runs.json: runs of diffusers' schedulers on made-up model outputs.

Usage: python sampler_runs.py OUT.json, with diffusers 0.31.0 and torch. The first latent has the values cos(i) times
init_noise_sigma, the model's output in call c has sin(3 c + i + 1), i from 0 to 3.
"""

import json
import sys

import diffusers
import torch

SCHEDULERS = {
    "ddim": diffusers.DDIMScheduler,
    "pndm": diffusers.PNDMScheduler,
    "lms": diffusers.LMSDiscreteScheduler,
    "euler": diffusers.EulerDiscreteScheduler,
    "dpmpp2m": diffusers.DPMSolverMultistepScheduler,
}
NOISE = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 1000}
PUBLISHED = {**NOISE, "steps_offset": 1, "clip_sample": False, "set_alpha_to_one": False, "skip_prk_steps": True}


def run(sampler, config, steps):
    scheduler = SCHEDULERS[sampler].from_config(config)
    scheduler.set_timesteps(steps)
    places = torch.arange(4, dtype=torch.float32)
    latent = torch.cos(places) * scheduler.init_noise_sigma
    latents = []
    for call, timestep in enumerate(scheduler.timesteps):
        scheduler.scale_model_input(latent, timestep)
        latent = scheduler.step(torch.sin(3 * call + places + 1), timestep, latent).prev_sample
        latents.append([float(f"{value:.8g}") for value in latent.tolist()])
    return {
        "sampler": sampler,
        "config": config,
        "steps": steps,
        "initNoiseSigma": float(scheduler.init_noise_sigma),
        "timesteps": scheduler.timesteps.tolist(),
        "latents": latents,
    }


def cases():
    for spacing in ["leading", "trailing", "linspace"]:
        for sampler in SCHEDULERS:
            config = {**PUBLISHED, "timestep_spacing": spacing}
            yield sampler, config, 7
            yield sampler, {**config, "prediction_type": "v_prediction"}, 4
        yield "pndm", {**PUBLISHED, "timestep_spacing": spacing, "skip_prk_steps": False}, 7
        yield "lms", {**PUBLISHED, "timestep_spacing": spacing, "use_karras_sigmas": True}, 5
    yield "pndm", {**NOISE, "prediction_type": "v_prediction"}, 6
    yield "pndm", {**NOISE, "_class_name": "DDIMScheduler", "clip_sample": False}, 4
    yield "ddim", {**NOISE, "_class_name": "PNDMScheduler"}, 5
    yield "ddim", {**NOISE, "clip_sample_range": 0.5, "set_alpha_to_one": False}, 5


if __name__ == "__main__":
    runs = [json.dumps(run(*case)) for case in cases()]
    with open(sys.argv[1], "w") as file:
        file.write("[\n" + ",\n".join(runs) + "\n]\n")
