from pathlib import Path

import pytest
import torch

from einstyle_core.devices import has_fast_bfloat16, resolve_device
from einstyle_core.errors import TrainingError

CPUINFO = Path("/proc/cpuinfo")


def _flags() -> set[str]:
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    return next((set(line.partition(":")[2].split()) for line in lines if line.startswith("flags")), set())


@pytest.mark.skipif(not _flags(), reason="the kernel does not tell this processor's flags")
def test_bfloat16_is_fast_only_where_the_processor_has_instructions_for_it() -> None:
    # oneDNN calls bf16 supported on any AVX512 machine and emulates it, three times slower than float32.
    assert has_fast_bfloat16(torch.device("cpu")) is bool(_flags() & {"avx512_bf16", "amx_bf16"})


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_cuda_that_is_not_there_is_told() -> None:
    assert resolve_device("auto") == torch.device("cpu")
    with pytest.raises(TrainingError, match="no CUDA device"):
        resolve_device("cuda")
