"""What the pyramid page finds of the ways customers come by, and of members."""

from collections.abc import Mapping
from html import escape

from core.figures import Figure
from dashboard import comparing, numbers
from dashboard.blocks import Finding, Nothing
from dashboard.charts import Bar, Palette
from dashboard.comparing import Cell
from dashboard.data import Told
from dashboard.findings import words
from dashboard.findings.cells import behind, joined, known, points, records, spoken
from dashboard.session import Look, say

CARDS = (
    "branch_visit_rate", "multi_channel_share", "multi_channel_value", "single_channel_value",
    "member_share",
)  # fmt: skip
KEYS = (*CARDS, "member_value_share")
WAYS = ("occasion", "contact")
_GROUPS = ("member", "joined", "non_member")
_ALL = "all"
LOST = "lost"


def mix(look: Look, told: Told, what: str, colours: Palette) -> Finding | Nothing:
    """Say by which channel most occasions, or contacts, come."""
    rows = [row for row in records(told.rows) if row[f"{what}s"]]
    if not any(row["channel"] for row in rows):
        return Nothing(say(f"pyramid.mix.none_{what}"), say(f"pyramid.mix.why_{what}"))
    bars, then, drills = [], [], []
    for row in sorted(rows, key=lambda row: -row[f"{what}s"]):
        label, share = spoken(row["channel"], "channel"), row[f"{what}_share"]
        text, was = numbers.percent(share, look.language), row[f"{what}_share_before"]
        if was is not None:
            text = f"{text} ({numbers.points(share - was, look.language)})"
        bars.append(Bar(label, share, text, colours.tiers[1]))
        then.append(was)
        way = behind(label, "channel_buyers", row["channel"]) if what == "occasion" else None
        drills.append(way)
    title = say(
        f"pyramid.mix.{what}", channel=bars[0].label,
        share=numbers.percent(bars[0].value, look.language),
    )  # fmt: skip
    caption = say(
        f"pyramid.mix.unit_{what}",
        n=numbers.whole(sum(row[f"{what}s"] for row in rows), look.language),
        day=numbers.day(look.as_of, look.language),
    )  # fmt: skip
    figure = comparing.bars_and_then(bars, then, colours, 60 + 36 * len(bars))
    table = told.rows.rename(columns=told.headings)
    return Finding(title, figure, caption, points(0, drills), table)


def levels(
    look: Look, found: Mapping[str, Figure], told: Told, colours: Palette
) -> Finding | Nothing:
    """Say which level brings most for each customer, and how many each one lost."""
    if found["member_share"].value is None or told.rows.empty:
        return Nothing(say("pyramid.levels.unknown"), say("pyramid.levels.why"), told.missing)
    held = [row for row in records(told.rows) if row["active"]]
    bars, drills = [], []
    for row in sorted(held, key=lambda row: -(row["value_per_active"] or 0)):
        label = spoken(row["membership_level"], "membership_level")
        text = say(
            "pyramid.levels.bar",
            value=numbers.short_money(known(row["value_per_active"]), look.currency, look.language),
            n=numbers.whole(row["active"], look.language),
        )  # fmt: skip
        bars.append(Bar(label, known(row["value_per_active"]) or 0, text, colours.tiers[1]))
        drills.append(behind(label, "membership_level", row["membership_level"]))
    title = say(
        "pyramid.levels.title", heads=words.shown(found["member_share"], look),
        value=words.shown(found["member_value_share"], look),
    )  # fmt: skip
    caption = say("pyramid.levels.unit", notes=joined(*told.notes))
    figure = comparing.bars_and_then(bars, [None] * len(bars), colours, 60 + 40 * len(bars))
    return Finding(
        title, figure, caption, points(0, drills), told.rows.rename(columns=told.headings)
    )


def moves(look: Look, told: Told, brought: Told, colours: Palette) -> Finding | Nothing:
    """Say how many stayed at their level; its cells lead to who moved.

    Levels stand in the order of what a customer of them brings: moving up is good.
    """
    if told.rows.empty or set(told.rows.level_then) <= {"none"}:
        advice = joined(*told.notes) if told.rows.empty else say("pyramid.levels.why")
        return Nothing(say("pyramid.level_moves.unknown"), advice, told.missing)
    worth = brought.rows.sort_values("value_per_active", ascending=False)
    order = list(worth.membership_level)
    heads: dict[tuple[str, str], float] = {}
    for row in told.rows.to_dict("records"):
        pair = row["level_then"], LOST if row["is_lost"] else row["level_now"]
        heads[pair] = heads.get(pair, 0) + row["customers"]
    then = [level for level in order if any(a == level for a, _ in heads)]
    now = [*(level for level in order if any(b == level for _, b in heads)), LOST]
    place = {level: i for i, level in enumerate(now)}
    cells, drills = [], {}
    for i, a in enumerate(then):
        whole, line = sum(n for (x, _), n in heads.items() if x == a), []
        for j, b in enumerate(now):
            n = heads.get((a, b))
            if n is None:
                line.append(None)
                continue
            move = f"{_level(a)} → {_level(b)}"
            count = numbers.whole(n, look.language)
            part = numbers.percent(n / whole, look.language, 0)
            shade = max(-1.0, min(1.0, (place.get(a, j) - j) / 2))
            line.append(Cell(f"{count}<br>{part}", f"{escape(move)}: {count}", shade))
            way = behind(move, "membership_moves", a, b)
            drills |= {(comparing.CELLS, i * len(now) + j): way} if way else {}
        cells.append(line)
    stayed = sum(n for (a, b), n in heads.items() if a == b)
    total = sum(heads.values())
    title = say("pyramid.level_moves.title", share=numbers.percent(stayed / total, look.language))
    figure = comparing.table(
        [escape(_level(level)) for level in then], [escape(_level(level)) for level in now], cells,
        (numbers.day(look.compare, look.language), numbers.day(look.as_of, look.language)), colours,
    )  # fmt: skip
    caption = say("pyramid.level_moves.unit", n=numbers.whole(total, look.language))
    return Finding(title, figure, caption, drills, told.rows.rename(columns=told.headings))


def like(look: Look, told: Told, colours: Palette) -> Finding | Nothing:
    """Say how members fared beside customers of the same tiers who were none."""
    rows = {row["member_group"]: row for row in records(told.rows) if row["tier_name"] == _ALL}
    bars, then = [], []
    for group in _GROUPS:
        row = rows.get(group)
        now = known(row["value_now_per_head"]) if row else None
        was = known(row["value_then_per_head"]) if row else None
        if row is None or now is None or was is None:
            continue
        change = known(row["value_change"])
        text = numbers.short_money(now, look.currency, look.language)
        if change is not None:
            text = f"{text} · {numbers.signed_percent(change, look.language)}"
        tint = colours.tiers[1] if group == "member" else colours.unknown
        n = numbers.whole(row["customers"], look.language)
        bars.append(Bar(f"{spoken(group, 'member_group')} ({n})", now, text, tint))
        then.append(was)
    if len(bars) < 2 or "member" not in rows:
        return Nothing(say("pyramid.like.unknown"), say("pyramid.like.why"))
    member, other = rows["member"], rows.get("non_member", {})
    title = say(
        "pyramid.like.title", member=_rate(member, look), other=_rate(other, look),
    )  # fmt: skip
    caption = say("pyramid.like.unit", notes=joined(*told.notes))
    figure = comparing.bars_and_then(bars, then, colours, 60 + 44 * len(bars))
    return Finding(title, figure, caption, {}, told.rows.rename(columns=told.headings))


def _rate(row: Mapping, look: Look) -> str:
    return numbers.percent(known(row.get("churn")), look.language)


def _level(level: str) -> str:
    return say("tier.lost") if level == LOST else spoken(level, "membership_level")
