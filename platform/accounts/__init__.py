"""Who people are. Knows no study."""
