"""Deliberate errors: one sentence each, said in the reader's language, with what to do."""

from core.i18n import translate


class CoreError(Exception):
    """What was wrong, where, what was there instead, what to do.

    ``key`` names the sentence in ``core/locales`` (``error.<key>``); ``values`` fill it.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(translate(f"error.{key}", "en", **values))

    def text(self, language: str) -> str:
        """Return the sentence in ``language`` ("en" or "zh")."""
        return translate(f"error.{self.key}", language, **self.values)


class SourceError(CoreError):
    """A file, folder or database that cannot be read."""


class MappingError(CoreError):
    """A mapping that is not whole, or does not fit its source."""


class BooksError(CoreError):
    """The books are missing, damaged, busy, or have no such version."""


class DefinitionsError(CoreError):
    """A setting of the definitions that cannot be."""


class UnknownFigure(CoreError):
    """A figure, list or scope that does not exist."""
