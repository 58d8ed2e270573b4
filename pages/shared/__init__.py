"""What several pages need and the core must not know."""
