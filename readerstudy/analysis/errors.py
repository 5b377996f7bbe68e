"""What this package refuses: each refusal has a stable code and one sentence with the way out."""


class AnalysisError(ValueError):
    """A table or a setting that cannot be analysed as asked."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class RatingsTableError(AnalysisError):
    """The ratings table breaks its own rules."""


class PairedTable(AnalysisError):
    """A paired table was fed to a test of independence."""


class SettingError(AnalysisError):
    """A setting names a choice that does not exist."""
