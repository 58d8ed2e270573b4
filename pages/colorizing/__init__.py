"""The rooms of the Colorize page: which garment, which colours, with which brush, and what to take away."""
