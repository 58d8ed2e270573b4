"""What ``scripts.evaluate`` measures, a file a group of sections of metrics.json."""
