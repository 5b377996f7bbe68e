"""The response headers that tell a browser what a page may do: next to nothing."""

_SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "worker-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "serial", "usb")
)


def content_security_policy() -> str:
    """Return the policy: no inline script or style, nothing from elsewhere, no frame around us."""
    return "; ".join(f"{directive} {sources}" for directive, sources in _SOURCES.items())
