"""What the tests run in processes of their own."""

import os
from pathlib import Path

import torch
import torch.distributed as dist

from einstyle_core.gans.training import fresh, train
from tests.gans import toys


def toy_run(folder: Path) -> None:
    torch.set_num_threads(1)
    gan = fresh(toys.HingeGAN, 1, epochs=12, z_dim=16)
    for _ in train(gan, toys.images(64), seed=1, folder=folder, resume=True):
        pass


def toy_run_together(rank: int, folder: Path) -> None:
    torch.set_num_threads(1)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    gan = fresh(toys.HingeGAN, 1, epochs=2, z_dim=16)
    list(train(gan, toys.images(64), seed=1))
    torch.save(dict(gan.named_parameters()), folder / f"{rank}.pt")
    dist.destroy_process_group()
