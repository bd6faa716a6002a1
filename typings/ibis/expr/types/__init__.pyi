"""What pyright is told of Ibis 12: whatever comes of a table may be of any type.

Ibis itself types every column of a table as ``Column``, which has no method of numbers, texts or
dates, so that hundreds of right expressions count as errors.
"""

from typing import Any

class Expr:
    def __getattr__(self, name: str) -> Any: ...

class Table(Expr):
    def __getitem__(self, key: Any) -> Any: ...

def __getattr__(name: str) -> Any: ...
