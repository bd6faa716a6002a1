"""Where people's work lives: transactions, optimistic locking, an audit row with each change."""

from core.store.errors import AlreadyGone, Conflict, StoreError
from core.store.store import Store, store_at, store_url

__all__ = ["AlreadyGone", "Conflict", "Store", "StoreError", "store_at", "store_url"]
