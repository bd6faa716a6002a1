"""Card: being built."""

from dashboard import blocks
from dashboard.session import say

blocks.nothing(say("page.card.title"), "")
