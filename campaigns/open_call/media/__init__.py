"""Media: what a file is, proved by decoding all of it, and the redacted renditions that people judge."""
