"""Lists: being built."""

from dashboard import blocks
from dashboard.session import say

blocks.nothing(say("page.lists.title"), "")
