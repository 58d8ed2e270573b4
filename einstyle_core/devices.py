"""Choosing a device, and what it can do."""

import platform

import torch

from einstyle_core.errors import TrainingError

DEVICE_CHOICES = ("auto", "cpu", "cuda")


def resolve_device(choice: str = "auto") -> torch.device:
    """Turn ``auto``, ``cpu`` or ``cuda`` (or ``cuda:N``) into a device.

    ``auto`` takes CUDA where there is one.

    Raises:
        TrainingError: CUDA was asked for by name and this machine has none.
    """
    if choice == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(choice)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise TrainingError("CUDA was asked for, but torch sees no CUDA device. Use --device cpu or auto.")
    return device


def has_fast_bfloat16(device: torch.device) -> bool:
    """True where bf16 matrix products run on hardware made for them (Ampere or later, AVX512-BF16, AMX)."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    supported: bool = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    if platform.machine() in ("x86_64", "AMD64"):  # there oneDNN's answer includes emulation on any AVX512
        supported &= torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return supported
