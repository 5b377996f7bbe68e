"""What happened: insert-only, hash-chained events."""
