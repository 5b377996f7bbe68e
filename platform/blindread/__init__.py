"""Client and console script of Blindread."""
