"""Whether scores agree with what the customers did afterwards, and who scores otherwise."""

import pandas as pd

from core.desk import calibration as calibrating
from core.desk import evaluations as register
from core.desk.calibration import LEAST, Correlation, Rated, Rater, Step
from core.store.records import SCORES
from dashboard import blocks, charts, data, desk, filters, numbers, ranges, registering, tables
from dashboard import data_desk_registers as books
from dashboard.blocks import Finding
from dashboard.charts import Palette
from dashboard.ranges import Ranged
from dashboard.session import Look, is_dark, say
from dashboard.tables import Column

WITHIN_DAYS = ("90", "180")


def show(look: Look) -> None:
    """Show what customers of each step did afterwards, and raters side by side."""
    with desk.store().reading() as session:
        ratings = tuple(register.ratings(session))
    if not ratings:
        blocks.nothing(say("evaluations.none"), say("evaluations.none_about"))
        return
    within = filters.choice(
        "within", WITHIN_DAYS, lambda code: say("evaluations.within", days=code),
        title=say("evaluations.within_title"),
    )  # fmt: skip
    name = filters.choice(
        "score", SCORES, lambda code: say(f"evaluations.{code}.name"), default="loyalty",
        title=say("evaluations.score"),
    )  # fmt: skip
    found = books.rated(*look.at, ratings, int(within))
    _foretold(look, found, name, within, charts.palette(is_dark()))
    _raters(look, calibrating.raters(found, name), name)


def _foretold(look: Look, found: list[Rated], name: str, within: str, colours: Palette) -> None:
    n = sum(each.occasions is not None for each in found)
    if not n:
        blocks.nothing(say("evaluations.not_over"), say("evaluations.not_over_about", days=within))
        return
    steps = calibrating.steps(found, name)
    agree = calibrating.correlation(found, name)
    drawn = ranges.rates(
        [
            Ranged(
                say("evaluations.step", step=each.step), each.bought or 0, each.low, each.high,
                say(
                    "evaluations.step_said", rate=numbers.percent(each.bought, look.language),
                    n=numbers.whole(each.n, look.language),
                ),
                colours.accent if each.n >= LEAST else colours.unknown,
            )
            for each in reversed(steps)
        ],
        colours, height=60 + 40 * max(len(steps), 1),
    )  # fmt: skip
    caption = say(
        "evaluations.foretold_about", days=within, n=numbers.whole(n, look.language),
        of=numbers.whole(len(found), look.language),
    )  # fmt: skip
    told = Finding(_verdict(look, agree, name), drawn, caption, rows=_step_rows(look, steps))
    blocks.finding(told, key="evaluations.steps")


def _step_rows(look: Look, steps: list[Step]) -> pd.DataFrame:
    rows = [
        {
            "step": str(each.step), "bought": numbers.percent(each.bought, look.language),
            "n": each.n, "active": numbers.percent(each.active, look.language),
            "n_active": each.n_active,
        }
        for each in reversed(steps)
    ]  # fmt: skip
    return pd.DataFrame(rows).rename(columns=lambda name: say(f"evaluations.steps.{name}"))


def _verdict(look: Look, agree: Correlation, name: str) -> str:
    """Say whether a score foretold what customers did."""
    label, n = say(f"evaluations.{name}.name"), numbers.whole(agree.n, look.language)
    if agree.rho is None or agree.low is None or agree.high is None:
        return say("evaluations.rho.unknown", name=label, n=n, least=LEAST)
    way = "yes" if agree.low > 0 else "against" if agree.high < 0 else "cannot_tell"
    return say(
        f"evaluations.rho.{way}", name=label, n=n,
        rho=numbers.signed_ratio(agree.rho, look.language),
        low=numbers.signed_ratio(agree.low, look.language),
        high=numbers.signed_ratio(agree.high, look.language),
    )  # fmt: skip


def _raters(look: Look, found: list[Rater], name: str) -> None:
    staff, spoken = data.staff(look.home, look.version), look.language

    def interval(each: Rater) -> str | None:
        if each.low is None or each.high is None:
            return None
        low, high = (numbers.signed_ratio(end, spoken) for end in (each.low, each.high))
        return say("evaluations.from_to", low=low, high=high)

    rows = pd.DataFrame(
        {
            "rater": [registering.person(staff, each.rater) for each in found],
            "n": [each.n for each in found],
            "mean": [
                None if each.mean is None else numbers.decimal(each.mean, spoken) for each in found
            ],
            "difference": [
                None if each.difference is None else numbers.signed_ratio(each.difference, spoken)
                for each in found
            ],
            "interval": [interval(each) for each in found],
            "verdict": [say(f"evaluations.verdict.{each.verdict or 'few'}") for each in found],
        }
    )
    columns = {
        column: Column(say(f"evaluations.rater.{column}"), "number" if column == "n" else "text")
        for column in rows.columns
    }
    clear = sum(each.verdict in ("lenient", "strict") for each in found)
    title = say("evaluations.raters" if clear else "evaluations.raters_alike",
                n=numbers.whole(clear, spoken), of=numbers.whole(len(found), spoken))  # fmt: skip
    label = say(f"evaluations.{name}.name")
    tables.show(title, rows, columns, "evaluations.raters",
                caption=say("evaluations.raters_about", name=label, least=LEAST))  # fmt: skip
