"""The demo company 恒信汽车 / Hengxin Motors: made data in which known stories are planted."""

from data.demo.books import stage
from data.demo.truths import truths

__all__ = ["stage", "truths"]
