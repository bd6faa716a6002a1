"""What winning back each candidate is worth, and the verdict: worked out kind by kind.

A kind is a tier and a length of silence: its customers have the same chances, so that of a million
customers only the money differs. The rules stand in ``core.waves.worth``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from core.definitions import TIERS
from core.desk.candidates import BANDS, Candidates
from core.waves import worth as rules
from core.waves.lift import Lift
from core.waves.worth import Assumptions, Former, Input, Worth, WorthInputs

pc: Any = pyarrow.compute  # its functions are made when it is imported: no types
VERDICTS = ("win_back_now", "when_cause_is_fixed", "keep_in_touch", "let_go")
INPUTS = ("p_control", "uplift", "second_life")


@dataclass(frozen=True)
class Experience:
    """What own closed waves of a programme say: who bought unasked, and what calling changed."""

    controls: Mapping[int | None, tuple[int, int]] = field(default_factory=dict)
    of_tier: Mapping[int | None, Lift] = field(default_factory=dict)
    of_all: Lift | None = None


@dataclass(frozen=True)
class Terms:
    """What a wave costs and takes for granted; ``entered`` are inputs written by hand, by kind."""

    contact_cost: float = 0.0
    incentive: float = 0.0
    assumptions: Assumptions = field(default_factory=Assumptions)
    fixed_causes: tuple[str, ...] = ()
    entered: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def as_plain(self) -> dict[str, Any]:
        """Return what a wave keeps as its assumptions."""
        return {
            **asdict(self.assumptions), "fixed_causes": list(self.fixed_causes),
            "entered": {kind: dict(of) for kind, of in self.entered.items()},
        }  # fmt: skip

    @classmethod
    def of(cls, kept: Mapping[str, Any], contact_cost: float, incentive: float) -> "Terms":
        """Return what ``as_plain`` kept; what is missing is taken as usual."""
        known = {each.name: kept[each.name] for each in fields(Assumptions) if each.name in kept}
        return cls(
            contact_cost, incentive, Assumptions(**known), tuple(kept.get("fixed_causes", ())),
            kept.get("entered", {}),
        )  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """Candidates of one tier and length of silence, and what their worth is made of.

    ``second_life`` is the mean over them, where it differs from customer to customer.
    """

    code: str
    tier: int | None
    tier_name: str | None
    silence_band: str | None
    customers: int
    p_control: Input
    uplift: Input
    second_life: Input
    worth: float | None  # mean over those of whom it is known


@dataclass(frozen=True)
class Judged:
    """Candidates with ``p_control``, ``second_life``, ``worth``, ``verdict``, ``rule``; kinds."""

    rows: pa.Table
    kinds: tuple[Kind, ...]


def judged(found: Candidates, terms: Terms, experience: Experience) -> Judged:
    """Judge every candidate.

    Returns
    -------
    ``rows`` of ``found`` with ``p_control`` (0 to 1), ``second_life``, ``worth`` (float64, money;
    null where an input is not known), ``verdict`` (one of ``VERDICTS``) and ``rule`` (what it
    follows from); and the kinds, upper tiers and short silences first.
    """
    rows = found.rows
    codes = _codes(rows).dictionary_encode()
    number = {code: place for place, code in enumerate(codes.dictionary.to_pylist())}
    former = rows["value"].to_numpy().astype(float)
    columns = {name: np.full(rows.num_rows, np.nan) for name in _WORKED_OUT}
    kinds = []
    for group in _groups(rows, codes):
        of_kind = np.flatnonzero(codes.indices.to_numpy() == number[group["kind"]])
        inputs = _inputs(found, group, terms, experience)
        lives = _lives(inputs.second_life, former[of_kind])
        worths = _worths(inputs, lives)
        for name, values in zip(_WORKED_OUT, (inputs.p_control.value, lives, worths), strict=True):
            columns[name][of_kind] = np.nan if values is None else values
        kinds.append(_kind(group, inputs, lives, worths))
    verdicts, reasons = _verdicts(rows, columns["worth"], terms)
    for name, values in columns.items():
        rows = rows.append_column(name, pa.array(values, from_pandas=True))
    rows = rows.append_column("verdict", verdicts).append_column("rule", reasons)
    return Judged(rows, tuple(kinds))


_WORKED_OUT = ("p_control", "second_life", "worth")


def kind_code(tier: int | None, silence_band: str | None) -> str:
    """Return what a kind is called where a wave keeps what was entered for it."""
    return f"{'-' if tier is None else tier}|{silence_band or '-'}"


def _codes(rows: pa.Table) -> pa.Array:
    tier = pc.fill_null(pc.cast(rows["tier"], pa.string()), "-")
    band = pc.fill_null(rows["silence_band"], "-")
    return pa.chunked_array(pc.binary_join_element_wise(tier, band, "|")).combine_chunks()


def _groups(rows: pa.Table, codes: pa.Array) -> list[dict[str, Any]]:
    """Return one row per kind, upper tiers and short silences first."""
    named = rows.append_column("kind", codes.dictionary_decode())
    groups = named.group_by(["kind", "tier", "tier_name", "silence_band"]).aggregate(
        [("return_rate", "max"), ("return_n", "max"), ("customer_key", "count")]
    )
    return sorted(groups.to_pylist(), key=_place)


def _place(group: Mapping[str, Any]) -> tuple[int, int]:
    band = group["silence_band"]
    return group["tier"] or len(TIERS) + 1, BANDS.index(band) if band else len(BANDS)


def _inputs(
    found: Candidates, group: Mapping[str, Any], terms: Terms, experience: Experience
) -> WorthInputs:
    """Return what the worth of a kind is made of; the second life for a former value of 1."""
    tier, assumed = group["tier"], terms.assumptions
    rate = (group["return_rate_max"], group["return_n_max"] or 0)
    own = found.second_lives.get(tier)
    inputs = {
        "p_control": rules.p_control(experience.controls.get(tier), rate),
        "uplift": rules.uplift(experience.of_tier.get(tier), experience.of_all, assumed),
        "second_life": rules.second_life(own, 1.0, assumed, is_on_margin=found.is_on_margin),
    }
    entered = terms.entered.get(group["kind"], {})
    inputs |= {name: Input(entered[name], "entered") for name in inputs if name in entered}
    return WorthInputs(**inputs, contact_cost=terms.contact_cost, incentive=terms.incentive)


def _lives(each: Input, former: np.ndarray) -> np.ndarray:
    """Return what each would bring after the return; NaN where it is not known."""
    if each.source == "assumption":  # a share of the former value, which differs
        return np.maximum(former, 0) * each.value
    return np.full(len(former), np.nan if each.value is None else each.value)


def _kind(
    group: Mapping[str, Any], inputs: WorthInputs, lives: np.ndarray, worths: np.ndarray
) -> Kind:
    mean = _mean(lives)
    life = rules.UNKNOWN if mean is None else replace(inputs.second_life, value=mean)
    return Kind(
        group["kind"], group["tier"], group["tier_name"], group["silence_band"],
        group["customer_key_count"], inputs.p_control, inputs.uplift, life, _mean(worths),
    )  # fmt: skip


def _worths(inputs: WorthInputs, lives: np.ndarray) -> np.ndarray:
    """Return ``rules.worth`` for many second lives: it is a straight line in them."""
    at_nothing, at_one = (
        rules.worth(replace(inputs, second_life=Input(life, "entered"))).value
        for life in (0.0, 1.0)
    )
    if at_nothing is None or at_one is None:
        return np.full(len(lives), np.nan)
    return at_nothing + (at_one - at_nothing) * lives


def _verdicts(rows: pa.Table, worths: np.ndarray, terms: Terms) -> tuple[pa.Array, pa.Array]:
    """Return ``rules.verdict`` of each, asked once for those who are alike in all it looks at."""
    given = terms.assumptions
    causes = rows["cause"].combine_chunks().dictionary_encode()
    names = [*causes.dictionary.to_pylist(), None]
    looked_at = (
        np.where(np.isnan(worths), 2, np.where(worths > 0, 1, 0)),
        causes.indices.fill_null(len(names) - 1).to_numpy(),
        rows["was_upper"].to_numpy().astype(int),
        np.minimum(_whole(rows, "occasions"), given.least_occasions),
        np.minimum(_whole(rows, "history_days"), given.least_history_days),
    )
    alike = np.zeros(rows.num_rows, np.int64)
    for values in looked_at:
        alike = alike * (int(values.max(initial=0)) + 1) + values
    _, first, which = np.unique(alike, return_index=True, return_inverse=True)
    said = [
        rules.verdict(
            Worth(_WORTH[sign], None), Former(names[cause], bool(upper), occasions, days), given,
            fixed_causes=terms.fixed_causes,
        )
        for sign, cause, upper, occasions, days in (
            (int(values[place]) for values in looked_at) for place in first
        )
    ]  # fmt: skip
    place = pa.array(which.reshape(-1))
    return tuple(pa.array([each[i] for each in said], pa.string()).take(place) for i in (0, 1))


_WORTH = {0: 0.0, 1: 1.0, 2: None}  # what the verdict asks of a worth: whether it is above 0


def _whole(rows: pa.Table, name: str) -> np.ndarray:
    return pc.fill_null(rows[name], 0).to_numpy()


def _mean(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


@dataclass(frozen=True)
class Sum:
    """Customers of one verdict: how many, what they had brought, what they are worth in all."""

    verdict: str
    customers: int
    value: float
    worth: float | None  # null: known of none of them


def by_verdict(rows: pa.Table) -> list[Sum]:
    """Return the four verdicts with heads and money."""
    found = rows.group_by("verdict").aggregate(
        [("customer_key", "count"), ("value", "sum"), ("worth", "sum")]
    )
    sums = {row["verdict"]: row for row in found.to_pylist()}
    nothing = {"customer_key_count": 0, "value_sum": 0.0, "worth_sum": None}
    return [
        Sum(name, row["customer_key_count"], row["value_sum"] or 0.0, row["worth_sum"])
        for name in VERDICTS
        for row in [sums.get(name, nothing)]
    ]


def narrowed(rows: pa.Table, audience: Mapping[str, Sequence[Any] | float | None]) -> pa.Table:
    """Return the rows whom a wave's audience leaves: each list of codes narrows, if not empty.

    ``causes`` may name ``unknown``; ``least_value`` is money of the 12 months before.
    """
    keep = np.ones(rows.num_rows, bool)
    for name, column in _NARROWS.items():
        if wanted := audience.get(name):
            values = pc.fill_null(rows[column], "unknown") if column == "cause" else rows[column]
            inside = pc.fill_null(pc.is_in(values, pa.array(wanted, pa.string())), False)
            keep &= inside.to_numpy()
    if (least := audience.get("least_value")) is not None:
        keep &= pc.fill_null(pc.greater_equal(rows["value"], least), False).to_numpy()
    return rows.filter(pa.array(keep))


_NARROWS = {
    "tiers": "tier_name", "bands": "silence_band", "causes": "cause", "regions": "region",
    "branches": "branch", "verdicts": "verdict",
}  # fmt: skip
