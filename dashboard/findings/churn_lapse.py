"""The limit of silence: what others would say, and who leaves at the end of a contract."""

from dashboard import numbers, ranges
from dashboard.blocks import Finding, Nothing
from dashboard.charts import Bar, bars
from dashboard.findings import cells
from dashboard.findings.card_facts import word
from dashboard.parts import Facts, Frame, InFull, Part, Row, Section
from dashboard.session import say

WANTED = 0.1  # share of the silent that may come back


def rows(facts: Facts) -> list[Row]:
    """Return who comes back beside how churn would read; contracts; every limit in full."""
    told, segments = facts.told["lapse-proposal"], facts.told["lapse-by-segment"]
    shown: list[Row] = [[([_return(facts)], 1), ([_churn(facts)], 1)]]
    parts: list[tuple[list[Part], int]] = [([_contracts(facts)], 1)]
    if len(segments.rows.dropna(subset=["segment"])):
        parts.append(([InFull(segments, "segments")], 1))
    return [*shown, parts, [([InFull(told, "limits")], 1)]]


def _return(facts: Facts) -> Part:
    told, look = facts.told["lapse-proposal"], facts.look
    known: Frame = told.rows.dropna(subset=["return_rate"])
    if known.empty:
        return Nothing(say("churn.lapse.young"), " ".join(told.notes) or told.about)
    figure, force = facts.figures["lapse_proposed"], _in_force(told.rows)
    title = say("churn.lapse.none", longest=int(known.lapse_days.max()))
    if figure.value is not None:
        same = force == int(figure.value)
        key = "churn.lapse.suits" if same else "churn.lapse.other"
        title = say(key, days=int(figure.value), force=force)
    elif figure.note and figure.note[0].key == "lapse_too_young":
        title = say("churn.lapse.young")
    drawn = ranges.by_limit(
        [int(each) for each in known.lapse_days], [float(each) for each in known.return_rate],
        _marks(facts), WANTED, facts.colours, look.language, say("churn.lapse.axis"),
    )  # fmt: skip
    reason = figure.note_text(look.language)
    return Finding(title, drawn, " ".join((say("churn.lapse.unit"), reason)))


def _churn(facts: Facts) -> Part:
    told, look = facts.told["lapse-proposal"], facts.look
    column = "churn_annual" if told.rows.churn_annual.notna().any() else "churn_period"
    known: Frame = told.rows.dropna(subset=[column])
    if known.empty:
        return Nothing(say("churn.lapse.no_churn"), " ".join(told.notes))
    low, high = float(known[column].min()), float(known[column].max())
    title = say(
        "churn.lapse.reads", low=numbers.percent(low, look.language),
        high=numbers.percent(high, look.language),
    )  # fmt: skip
    drawn = ranges.by_limit(
        [int(each) for each in known.lapse_days], [float(each) for each in known[column]],
        _marks(facts, column), None, facts.colours, look.language, say("churn.lapse.axis"),
    )  # fmt: skip
    caption = " ".join((say(f"churn.lapse.{column}"), *told.notes))
    return Finding(title, drawn, caption)


def _in_force(rows: Frame) -> int:
    return int(rows[rows.is_in_force.astype(bool)].lapse_days.iloc[0])


def _marks(facts: Facts, column: str = "return_rate") -> list[tuple[int, str]]:
    """Return the limit in force, and the proposed one where it is another."""
    language = facts.look.language
    rows: Frame = facts.told["lapse-proposal"].rows.dropna(subset=[column])
    marks = []
    for row in rows[rows.is_in_force.astype(bool) | rows.is_proposed.astype(bool)].itertuples():
        key = "force" if row.is_in_force else "proposed"
        rate = numbers.percent(getattr(row, column), language)
        marks.append(
            (int(row.lapse_days), say(f"churn.lapse.{key}", days=row.lapse_days, rate=rate))
        )
    return marks


def _contracts(facts: Facts) -> Part:
    told, look = facts.told["contract-churn"], facts.look
    rows: Frame = told.rows
    if told.missing:
        return Nothing(told.title, told.about, told.missing)
    if told.rows.empty:
        return Nothing(say("churn.contracts.none"), " ".join(told.notes))
    found = []
    for row in rows.itertuples():
        label = cells.spoken(row.lost_by, "lost_by")
        if isinstance(row.end_cause, str):
            label = say("churn.contracts.label", way=label, cause=word(row.end_cause))
        value = numbers.short_money(row.opening_value, look.currency, look.language)
        text = f"{numbers.whole(row.customers, look.language)} · {value}"
        found.append(Bar(label, float(row.customers), text, facts.colours.accent))
    went = rows[rows.lost_by != "silence"].customers.sum()
    title = say(
        "churn.contracts.title", n=numbers.whole(went, look.language),
        lost=numbers.whole(rows.customers.sum(), look.language),
    )  # fmt: skip
    caption = " ".join((say("churn.contracts.unit"), *told.notes))
    return Finding(title, bars(found, max(120, 44 * len(found))), caption)


SECTION = Section(
    rows, ("lapse_proposed", "churn_contract", "renewal_rate", "contracts_ended",
           "contracts_running"),
    told=("lapse-proposal", "lapse-by-segment", "contract-churn"),
)  # fmt: skip
