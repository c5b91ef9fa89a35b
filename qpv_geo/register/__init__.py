"""Kept verdicts and human decisions: append-only, chained by hashes, and purged of personal data on request."""
