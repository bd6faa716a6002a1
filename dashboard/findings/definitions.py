"""What figures mean, what the settings are, and what others would make of the same data."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from core.definitions import Definitions
from core.figures import FAMILIES, Figure, FigureDefinition, definition_of
from core.figures.document import facts
from core.figures.tiers import tier_title
from core.i18n import LANGUAGES, texts
from core.trial import Compared
from dashboard import curves, numbers
from dashboard.blocks import Finding
from dashboard.charts import Palette
from dashboard.data import Told
from dashboard.findings import words
from dashboard.session import Look, say
from dashboard.tables import Column

# Held side by side under old and new definitions.
COMPARED = (
    "active_customers", "value", "tier_top", "tier_high", "tier_middle", "tier_other", "top_share",
    "overdue", "new", "returned", "lost", "churn", "churn_annual", "retention_annual",
    "repurchase_within_90", "kind_migrating", "kind_freezing", "customers_at_risk",
    "value_at_risk", "contact_gap", "dependency_share",
)  # fmt: skip
MOST_COME_BACK = 0.1  # of those silent for tau days within the next tau days: the contract's


def matching(search: str, family: str) -> list[FigureDefinition]:
    """Return the figures of a family ("": all) in whose words, of any language, ``search`` is."""
    wanted = search.casefold().split()
    chosen = FAMILIES[family] if family else [f for each in FAMILIES.values() for f in each]
    return [figure for figure in chosen if all(word in _words(figure) for word in wanted)]


def _words(figure: FigureDefinition) -> str:
    parts = (figure.name, figure.formula, figure.definition)
    said = [part(language) for part in parts for language in LANGUAGES]
    return " ".join((figure.key, *said)).casefold()


def catalogue(figures: Sequence[FigureDefinition], spoken: str) -> pd.DataFrame:
    """Return one row per figure: its name, what it counts in, how it is worked out."""
    family = {figure.key: name for name, each in FAMILIES.items() for figure in each}
    return pd.DataFrame(
        {
            "name": [figure.name(spoken) for figure in figures],
            "family": [say(f"definitions.family_{family[f.key]}") for f in figures],
            "formula": [figure.formula(spoken) for figure in figures],
            "unit": [say(f"unit.{figure.unit}") for figure in figures],
        }
    )


def catalogue_columns() -> dict[str, Column]:
    """Return the columns of ``catalogue``."""
    names = ("name", "formula", "family", "unit")
    return {name: Column(say(f"board_definitions.{name}")) for name in names}


def article(figure: Figure, look: Look) -> list[tuple[str, str]]:
    """Return what is to be known of a figure: its value now, and its words."""
    meaning, spoken = definition_of(figure.key), look.language
    value = words.shown(figure, look)
    if figure.n is not None and figure.unit not in ("customers", "money"):
        value = f"{value} ({say('card.n', n=numbers.whole(figure.n, spoken))})"
    said = (
        ("value", value),
        ("formula", meaning.formula(spoken)),
        ("definition", meaning.definition(spoken)),
        ("edges", meaning.edges(spoken)),
        ("note", figure.note_text(spoken)),
    )
    return [(say(f"board_definitions.{name}"), text) for name, text in said if text]


def kind(key: str, spoken: str) -> str:
    """Return unit, window, tables and source of a figure in one line."""
    said = [f"{name}: {text}" for name, text in facts(definition_of(key), spoken)]
    return " · ".join(said).replace("`", "")


def settings(definitions: Definitions, spoken: str) -> pd.DataFrame:
    """Return one row per setting: what it means, its value, what it is if nobody sets it."""
    found, default = _flat(definitions), _flat(Definitions())
    meanings = texts(spoken)
    return pd.DataFrame(
        {
            "setting": list(found),
            "meaning": [meanings[f"setting.{name}"].format().replace("`", "") for name in found],
            "is_own": [found[name] != default[name] for name in found],
            "now": [_written(value) for value in found.values()],
            "default": [_written(default[name]) for name in found],
        }
    )


def settings_columns() -> dict[str, Column]:
    """Return the columns of ``settings``."""
    found = {
        n: Column(say(f"board_definitions.{n}")) for n in ("setting", "meaning", "now", "default")
    }
    own = {"is_own": Column(say("board_definitions.is_own"), "flag")}
    order = ("setting", "meaning", "is_own", "now", "default")
    return {name: (found | own)[name] for name in order}


def _flat(definitions: Definitions) -> dict[str, object]:
    found = definitions.model_dump(mode="json")
    tiers = found.pop("tiers")
    return found | {f"tiers.{name}": value for name, value in tiers.items()}


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def tau(told: Told, look: Look, colours: Palette) -> Finding:
    """Say which lapse the data propose, and how many of the silent come back after it."""
    rows: pd.DataFrame = told.rows.dropna(subset=["return_rate"])
    spoken = look.language
    chosen, now = rows[rows.is_proposed], rows[rows.is_in_force]
    in_force = say("board_definitions.tau.now_unknown") if now.empty else _return(now, spoken)
    if chosen.empty:
        title = say("board_definitions.tau.none", now=in_force)
    else:
        days = numbers.whole(int(chosen.lapse_days.iloc[0]), spoken)
        title = say("board_definitions.tau.proposed", days=days, now=in_force)
    drawn = curves.over_days(
        list(rows.lapse_days), list(rows.return_rate),
        [numbers.percent(rate, spoken) for rate in rows.return_rate], colours,
        limit=MOST_COME_BACK, marked=list(now.lapse_days) + list(chosen.lapse_days),
    )  # fmt: skip
    return Finding(title, drawn, say("board_definitions.tau.unit"))


def churn_by_tau(told: Told, look: Look, colours: Palette) -> Finding:
    """Say how annual churn would read under other lapses."""
    rows, spoken = told.rows.dropna(subset=["churn_annual"]), look.language
    shown = [numbers.percent(rate, spoken) for rate in rows.churn_annual]
    title = say("board_definitions.tau.churn_unknown")
    if shown:
        title = say(
            "board_definitions.tau.churn", low=numbers.percent(rows.churn_annual.min(), spoken),
            high=numbers.percent(rows.churn_annual.max(), spoken),
        )  # fmt: skip
    marked = list(rows[rows.is_in_force].lapse_days)
    drawn = curves.over_days(
        list(rows.lapse_days), list(rows.churn_annual), shown, colours, marked=marked
    )
    return Finding(title, drawn, say("board_definitions.tau.churn_unit"))


def _return(row: Any, spoken: str) -> str:
    return say(
        "board_definitions.tau.now", days=numbers.whole(int(row.lapse_days.iloc[0]), spoken),
        rate=numbers.percent(float(row.return_rate.iloc[0]), spoken),
    )  # fmt: skip


def difference(found: Compared, look: Look) -> pd.DataFrame:
    """Return one row per figure: under the old definitions, under the new, and between."""
    rows = []
    for before, after in zip(found.before, found.after, strict=True):
        change = None
        if before.value is not None and after.value is not None:
            against = replace(after, was=before.value)
            change = words.changed_by(against, after.value - before.value, look)
        rows.append(
            {
                "name": definition_of(before.key).name(look.language),
                "before": words.shown(before, look),
                "after": words.shown(after, look),
                "change": change,
                "why": after.note_text(look.language) if after.value is None else "",
            }
        )
    return pd.DataFrame(rows)


def moves(found: Compared, look: Look, names: str) -> tuple[str, pd.DataFrame]:
    """Say how many customers would stand elsewhere; return from where to where."""
    rows = found.moves.to_pandas()
    moved = rows[rows.level_then != rows.level_now]
    n, of = int(moved.customers.sum()), int(rows.customers.sum())
    title = say(
        "board_definitions.moved" if n else "board_definitions.nobody_moved",
        n=numbers.whole(n, look.language), of=numbers.whole(of, look.language),
    )  # fmt: skip
    return title, placed(moved, names, look.language)


def placed(rows: pd.DataFrame, names: str, spoken: str) -> pd.DataFrame:
    """Return rows with the places of customers by their names."""
    known = {
        level: say(f"board_definitions.level.{level}") for level in ("lost", "prospect", "none")
    }

    def place(level: str) -> str:
        return known.get(level) or tier_title(names, level, spoken)

    return rows.assign(level_then=rows.level_then.map(place), level_now=rows.level_now.map(place))


def toml(changed: Mapping[str, object]) -> str:
    """Return what to write into regulars.toml for the settings that differ."""
    single = {name: value for name, value in changed.items() if not name.startswith("tiers.")}
    tiers = {n.removeprefix("tiers."): v for n, v in changed.items() if n.startswith("tiers.")}
    lines = ["[definitions]", *(f"{name} = {_toml(value)}" for name, value in single.items())]
    if tiers:
        lines += ["", "[definitions.tiers]", *(f"{n} = {_toml(v)}" for n, v in tiers.items())]
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def changed(old: Definitions, new: Definitions) -> dict[str, object]:
    """Return the settings that differ, as the new definitions have them."""
    before = _flat(old)
    return {name: value for name, value in _flat(new).items() if value != before[name]}


def targets(rows: pd.DataFrame, look: Look) -> pd.DataFrame:
    """Return the targets with figures, amounts and states as they are read."""
    states = texts(look.language)
    found = []
    for row in rows.to_dict("records"):
        meaning = definition_of(row["figure"])
        for name in ("target", "actual", "expected_by_now"):
            row[name] = words.amount(_known(row[name]), meaning.unit, look)
        row["ahead_by"] = _ahead(_known(row["ahead_by"]), meaning.unit, look)
        row["target_scope"] = row["target_scope"] or say("filter.whole")
        for name in ("target_reached", "days_elapsed"):
            row[name] = numbers.percent(_known(row[name]), look.language)
        state = row["target_status"]
        row["target_status"] = states.get(f"list.code.target_status.{state}", state)
        found.append(row | {"figure": meaning.name(look.language)})
    return pd.DataFrame(found)


def _ahead(value: float | None, unit: str, look: Look) -> str:
    if value is not None and unit in ("rate", "share"):
        return numbers.points(value, look.language)
    return words.amount(value, unit, look)


def _known(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value
