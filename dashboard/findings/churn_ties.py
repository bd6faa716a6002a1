"""Whether the tied stay, who buys one thing only, and what referrals bring."""

from dataclasses import replace

from core.definitions import TIERS
from core.figures.figure import SMALL_N
from core.figures.tiers import tier_title
from dashboard import numbers, ranges
from dashboard.blocks import Finding, Nothing
from dashboard.drill import Drill
from dashboard.findings import cells
from dashboard.parts import Facts, Frame, InFull, Part, Row, Section
from dashboard.ranges import Ranged
from dashboard.session import say


def rows(facts: Facts) -> list[Row]:
    """Return losses by ties beside referrals by tier; employees in full."""
    shown: list[Row] = [[([_ties(facts)], 1), ([_referrals(facts)], 1)]]
    told = facts.told["referrals"]
    if told.rows.empty:
        return shown
    staff: Frame = told.rows[(told.rows.told_by == "employee_id") & told.rows.employee.notna()]
    if staff.empty:
        return shown
    names = (
        "employee",
        "referrals",
        "successes",
        "were_customers",
        "unnamed",
        "success_rate",
        "value",
    )
    return [*shown, [([InFull(replace(told, rows=staff), "referrals", names)], 1)]]


def _ties(facts: Facts) -> Part:
    told, look = facts.told["ties"], facts.look
    if facts.look.compare is None or told.rows.empty:
        return Nothing(say("page.no_compare.title"), say("page.no_compare.text"))
    if len(told.rows) == 1:
        return Nothing(say("churn.ties.none"), say("churn.ties.why"))
    points = []
    rows: Frame = told.rows
    for row in rows.itertuples():
        n, like = int(row.customers), cells.known(row.like_churn)
        text = say(
            "churn.ties.bar", rate=numbers.percent(row.churn, look.language),
            n=numbers.whole(n, look.language),
        )  # fmt: skip
        colour = facts.colours.unknown if n < SMALL_N else facts.colours.accent
        label = say("churn.ties.label", n=int(row.number_of_ties))
        points.append(Ranged(label, row.churn, row.low, row.high, text, colour, like))
    first, last = rows.iloc[0], rows.iloc[-1]
    title = say(
        "churn.ties.title", few=int(first.number_of_ties), many=int(last.number_of_ties),
        few_rate=numbers.percent(float(first.churn), look.language),
        many_rate=numbers.percent(float(last.churn), look.language),
    )  # fmt: skip
    caption = " ".join((say("churn.ties.unit"), *told.notes, say("churn.ties.what")))
    figure = ranges.rates(points, facts.colours, height=max(200, 40 * len(points)))
    return Finding(title, figure, caption)


def _referrals(facts: Facts) -> Part:
    told, look = facts.told["referrals"], facts.look
    if told.missing:
        return Nothing(say("churn.referrals.none"), told.about, told.missing)
    found: Frame = told.rows[(told.rows.told_by == "tier_name") & (told.rows.referrals > 0)]
    if found.empty:
        return Nothing(say("churn.referrals.none"), " ".join(told.notes))
    points, ways = [], []
    rows = found.set_index("group")
    for tier in [tier for tier in TIERS if tier in rows.index]:
        row = rows.loc[tier]
        n, label = int(row.referrals), tier_title(facts.company.tiers, tier, look.language)
        text = say(
            "churn.ties.bar", rate=numbers.percent(float(row.success_rate), look.language),
            n=numbers.whole(n, look.language),
        )  # fmt: skip
        colour = facts.colours.unknown if n < SMALL_N else facts.colours.tiers[TIERS.index(tier)]
        points.append(Ranged(label, row.success_rate, row.low, row.high, text, colour))
        ways.append(of_tier(label, "referral_success", tier))
    figure = facts.figures["referral_success"]
    title = say(
        "churn.referrals.title", rate=numbers.percent(figure.value, look.language),
        n=numbers.whole(figure.n, look.language),
        value=numbers.short_money(float(found.value.sum()), look.currency, look.language),
    )  # fmt: skip
    drawn = ranges.rates(points, facts.colours, reference=figure.value, height=240)
    caption = " ".join((say("churn.referrals.unit"), *told.notes))
    return Finding(title, drawn, caption, cells.points(ranges.POINTS, ways))


def of_tier(label: str, figure: str, tier: str) -> Drill:
    """Return the way to the customers of a tier behind a figure."""
    return Drill(f"{label} · {say('drill.label')}", figure, scope=(("tier", tier),))


SECTION = Section(
    rows, ("one_product_share", "referral_success"), told=("ties", "referrals"),
)  # fmt: skip
