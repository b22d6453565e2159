"""Evidence: what answers a dispute, drafted from all stages and kept as files."""
