"""Study design: the protocol, the allocation drawn from it, its seal, and the blinded delivery of masks.

`keyed`, `plan`, `blocks`, `slots`, `order` and `allocation` are the algorithm. They import the standard library
and each other (by relative names) and nothing else, because copies of these six files are published with every
closed study: anybody can then regenerate the list from the seed with Python alone.
"""
