"""Questions asked, and who answers: the unhappy and the lower levels answer less."""

import numpy as np
import pyarrow as pa

from data.demo import columns
from data.demo.complaints import Complaints
from data.demo.names import COMMENTS
from data.demo.people import People
from data.demo.plan import Plan, Role
from data.demo.sales import Sales

INSTRUMENTS = ("nps", "csat", "ces", "brand", "competitor", "price", "quality", "wallet")
QUESTIONS = (
    "您有多大可能推荐我们？ How likely are you to recommend us?",
    "您对这次服务满意吗？ How satisfied are you with this visit?",
    "办事很轻松，您同意吗？ It was easy to get this done: do you agree?",
    "您会优先想到恒信汽车吗？ Do you think of Hengxin Motors first?",
    "您关注其他品牌吗？ Do you look at other brands?",
    "价格变化会让您改变选择吗？ Would a change of price change your choice?",
    "出现质量问题您会再给机会吗？ Would you give us another chance after a fault?",
    "用车支出中多少百分比花在我们这里？ What percentage of your car spending is with us?",
)
LOWEST = np.array([0, 1, 1, 1, 1, 1, 1, 0])
HIGHEST = np.array([10, 5, 7, 5, 5, 5, 5, 100])
_CENTRE = np.array([8.1, 4.05, 5.4, 3.6, 2.9, 3.0, 3.2, 58.0])
_SPREAD = np.array([1.7, 0.75, 1.1, 0.8, -0.8, -0.7, 0.8, 18.0])
ANSWERS_BY_LEVEL = np.array([0.26, 0.36, 0.50, 0.64])  # none, silver, gold, platinum
UNHAPPY_ANSWERS = 0.30  # times as often as the happy
_ASKED = 0.15  # of the visits
_WAVE_ASKED = 0.05  # of the customers, in each half-yearly wave


def survey_table(
    plan: Plan,
    crowd: People,
    sold: Sales,
    wrong: Complaints,
    last_visit: np.ndarray,
    chunk: int,
    random: np.random.Generator,
) -> pa.Table:
    """Return the rows of ``surveys``: one question asked of one customer."""
    place = np.flatnonzero((sold.customer >= 0) & (random.random(len(sold.day)) < _ASKED))
    after = sold.day[place] + 1.0 + random.random(len(place)) * 2
    drawn = np.searchsorted([0.45, 0.80], random.random(len(place)))
    waves = _wave_days(plan)
    wave_customer, wave_day, wave_asks = [], [], []
    for day in waves:
        knows = (crowd.joined < day) & (last_visit > day - 365) & ~crowd.is_prospect
        here = np.flatnonzero(knows & (random.random(len(knows)) < _WAVE_ASKED))
        for instrument in range(3, 8):
            wave_customer.append(here)
            wave_day.append(np.full(len(here), day + 0.4))
            wave_asks.append(np.full(len(here), instrument))
    none = np.zeros(0, np.int64)
    customer = np.concatenate([sold.customer[place], *wave_customer, none]).astype(np.int64)
    asked = np.concatenate([after, *wave_day])
    asks = np.concatenate([drawn, *wave_asks]).astype(np.int64)
    order = np.concatenate([place, np.full(len(customer) - len(place), -1)])
    inside = asked < plan.end
    customer, asked, asks, order = customer[inside], asked[inside], asks[inside], order[inside]
    mood = _mood(crowd, wrong, customer, asked, random)
    chance = ANSWERS_BY_LEVEL[crowd.level_on(customer, asked)]
    chance = chance * np.where(mood < -0.5, UNHAPPY_ANSWERS, 1.0)
    answered = asked + random.exponential(1.5, len(asked))
    # all questions of a wave come on one sheet: answered together or not at all
    luck = random.random(len(asked))
    wave_luck = (crowd.index[customer] * 0.754877666 + np.floor(asked) * 0.569840296) % 1.0
    answers = (np.where(order >= 0, luck, wave_luck) < chance) & (answered < plan.end)
    return _table(plan, crowd, sold, chunk, random, customer, asked, answered, answers, asks,
                  order, mood)  # fmt: skip


def _table(
    plan: Plan,
    crowd: People,
    sold: Sales,
    chunk: int,
    random: np.random.Generator,
    customer: np.ndarray,
    asked: np.ndarray,
    answered: np.ndarray,
    answers: np.ndarray,
    asks: np.ndarray,
    order: np.ndarray,
    mood: np.ndarray,
) -> pa.Table:
    count = len(asked)
    noise = random.standard_normal(count) * 0.5
    score = np.round(_CENTRE[asks] + _SPREAD[asks] * (mood + noise))
    score = np.where(asks == 7, np.round(score / 10) * 10, score)
    score = score.clip(LOWEST[asks], HIGHEST[asks])
    said = [text for texts in COMMENTS.values() for text in texts]
    first = np.cumsum([0, *(len(texts) for texts in COMMENTS.values())])
    tone = np.where(mood > 0.3, 0, np.where(mood > -0.6, 1, 2))
    comment = first[tone] + (random.random(count) * np.diff(first)[tone]).astype(int)
    names, wave = _waves(plan, asked)
    about = np.maximum(order, 0)
    return columns.table(
        "surveys",
        survey_id=columns.ids("Q", chunk * 1_000_000 + np.arange(count), 9),
        customer_id=columns.customers(crowd.index[customer]),
        question=columns.choices(QUESTIONS, asks),
        instrument=columns.choices(INSTRUMENTS, asks),
        scale_min=columns.numbers(LOWEST[asks]),
        scale_max=columns.numbers(HIGHEST[asks]),
        wave=columns.choices(names, wave),
        asked_at=columns.moments(asked, plan.origin),
        answered_at=columns.moments(answered, plan.origin, answers),
        score=columns.numbers(score, answers),
        comment=columns.choices(said, comment, answers & (random.random(count) < 0.22)),
        order_id=columns.ids("S", sold.number[about], 10, order >= 0),
        employee_id=columns.employees(np.where(order >= 0, sold.employee[about], -1)),
    )


def _mood(
    crowd: People,
    wrong: Complaints,
    customer: np.ndarray,
    asked: np.ndarray,
    random: np.random.Generator,
) -> np.ndarray:
    """Return how content customers are when asked: by nature, and less after a complaint."""
    opened = np.full(len(crowd.index), -np.inf)
    opened[wrong.customer] = wrong.opened
    since = asked - opened[customer]
    upset = (since >= 0) & (since < 180)
    tied = crowd.role[customer] == Role.DEPENDENT
    mood = 0.8 * crowd.mood[customer] + 0.6 * random.standard_normal(len(customer))
    return mood - 1.3 * upset + 0.3 * tied


def _wave_days(plan: Plan) -> list[int]:
    """Return the days of the half-yearly waves: the 10th of May and November of each year."""
    months = range(1, plan.months + 2)
    found = [plan.start_of(m) + 9 for m in months if plan.first_of(m).month in (5, 11)]
    return [day for day in found if day < plan.end - 3]


def _waves(plan: Plan, asked: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Return the names of the quarters of the history and the one of each question."""
    starts, names = [], []
    for month in range(1, plan.months + 2):
        first = plan.first_of(month)
        if month == 1 or first.month % 3 == 1:
            starts.append(plan.start_of(month))
            names.append(f"{first.year}-Q{(first.month + 2) // 3}")
    return names, np.searchsorted(starts, asked, side="right") - 1
