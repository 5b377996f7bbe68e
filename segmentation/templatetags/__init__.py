"""Template filters of the pages of datasets."""
