"""The seeded demo: synthetic heads, lesions, drawings and readers; numpy, scipy and nibabel, no Django."""
