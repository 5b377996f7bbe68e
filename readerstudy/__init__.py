"""Blinded reader studies: protocol, allocation, reads, ratings, analysis."""
