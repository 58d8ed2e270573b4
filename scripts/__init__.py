"""Command lines over einstyle_core, run as ``python -m scripts.NAME`` from the repository's root."""
