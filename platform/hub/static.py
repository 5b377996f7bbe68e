"""Which assets never change: those whose name carries a hash of their content."""

import re

_HASHED = re.compile(r"^/static/assets/.+-[\w-]{8}\.\w+(\.map)?$")


def is_hashed(_path: str, url: str) -> bool:
    """Return whether Vite put a content hash into this name, so that a browser may keep it for ever."""
    return bool(_HASHED.match(url))
