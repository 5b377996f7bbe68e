"""What happened: insert-only, hash-chained events; `audit.chain.record` is the one way in."""
