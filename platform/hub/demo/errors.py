"""What can go wrong while the demo is made."""


class DemoTemplateMissing(Exception):
    """The MNI152 head that the demo is drawn on is not installed."""

    code = "demo.template"
