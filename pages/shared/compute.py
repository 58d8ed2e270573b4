"""How much of the machine the visitors may use at once."""

import os
import threading

import torch

# Two visitors compute at once, each with half of the cores; the others wait their turn instead of slowing everybody.
_SLOTS = 2
slot = threading.BoundedSemaphore(_SLOTS)
"""``with slot:`` around everything that keeps a core busy for long."""

torch.set_num_threads(max(1, (os.cpu_count() or 1) // _SLOTS))
