"""What the rules of the desk do not allow."""

from core.store import StoreError


class Refused(StoreError):
    """A record that may not be so, with the reason; nothing was written."""
