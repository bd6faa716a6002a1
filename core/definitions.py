"""Settings of the metrics: windows, tiers, lapse. Their content hash is the definition version."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import DefinitionsError

TIERS = ("top", "high", "middle", "other")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tiers(_Strict):
    """How the pyramid is cut: by share of active customers, or by money."""

    kind: Literal["percent", "money"] = "percent"
    shares: tuple[float, float, float] = Field(
        default=(0.01, 0.04, 0.15),
        description="Shares of active customers in the upper three tiers.",
    )
    thresholds: tuple[float, float, float] | None = Field(
        default=None, description="Least value of the upper three tiers, for kind = money."
    )
    names: Literal["curry", "zeithaml"] = "curry"

    @model_validator(mode="after")
    def _has_thresholds(self) -> Self:
        if self.kind == "money":
            if self.thresholds is None:
                raise ValueError("kind = money needs thresholds")
            if sorted(set(self.thresholds), reverse=True) != list(self.thresholds):
                raise ValueError("thresholds must fall from the top tier down")
        return self


class Definitions(_Strict):
    """What the figures mean. Every field is part of the definition version."""

    lapse_after_days: int = Field(
        default=180,
        ge=1,
        description="tau: silence, in days, after which a customer counts as lost.",
    )
    lapse_by_segment: dict[str, int] = Field(
        default={}, description="tau of single segments, where it differs."
    )
    tiers: Tiers = Tiers()
    fiscal_year_end_month: int = Field(
        default=12, ge=1, le=12, description="Month of the cut-points."
    )
    contracts_are_invoiced: bool = Field(
        default=False, description="True where contract value is also invoiced as orders."
    )
    repurchase_days: tuple[int, ...] = (30, 90, 180, 365)
    cost_coverage: float = Field(
        default=0.95, description="Least share of net with costs, for margin."
    )
    dependency_share: float = 0.8
    dependency_events: int = 3
    winback_horizon_days: int = 90
    kind_change: float = Field(
        default=0.2, gt=0, description="Change of value in a year that makes a kind of customer."
    )
    care_every_days: dict[Literal["top", "high", "middle", "other"], int] = Field(
        default={"top": 30, "high": 60, "middle": 90, "other": 180},
        description="Cadence of care: days within which customers of a tier are to be contacted.",
    )
    answer_within_days: int = Field(default=30, ge=1, description="Time to answer a survey.")
    link_within_days: int = Field(
        default=90, ge=1, description="Repurchase looked for after an answer."
    )
    recovery_within_days: int = Field(
        default=90, ge=1, description="Repurchase looked for after a complaint is resolved."
    )
    promotion_within_days: int = Field(
        default=180, ge=1, description="Full-price repurchase looked for after a promotion."
    )
    lead_within_days: int = Field(default=90, ge=1, description="Time for a lead to convert.")
    lead_untouched_days: int = Field(default=60, ge=1, description="A lead untouched is dormant.")
    referral_within_days: int = Field(default=90, ge=1, description="Time for a referral to buy.")
    due_within_days: int = Field(
        default=30, ge=1, description="Time for a key date to be followed by business."
    )
    complaint_within_days: int = Field(
        default=14, ge=1, description="A complaint resolved later than that was handled slowly."
    )
    quality_categories: tuple[str, ...] = Field(
        default=("quality", "质量"),
        description="Words in the category of complaints about quality.",
    )
    branch_channels: tuple[str, ...] = Field(
        default=(
            "branch", "store", "shop", "outlet", "counter", "offline",
            "门店", "网点", "线下", "到店", "柜台", "店内",
        ),
        description="Channels of sales that are made in a branch.",
    )  # fmt: skip
    not_a_member: tuple[str, ...] = Field(
        default=("none", "no", "non-member", "-", "", "无", "非会员", "普通"),
        description="Membership levels that stand for no membership.",
    )
    waiting_target_minutes: int = Field(
        default=10, ge=0, description="An appointment begun within this time is on time."
    )

    def version(self) -> str:
        """Return the definition version: 12 hex digits of the content."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


class BooksSettings(_Strict):
    """What the books are about: company, currency, time zone."""

    company: str = ""
    currency: str = "CNY"
    time_zone: str = "Asia/Shanghai"


class Configuration(_Strict):
    """The whole of ``regulars.toml``."""

    books: BooksSettings = BooksSettings()
    definitions: Definitions = Definitions()
    # Read by core.targets, which knows the figures. No part of the definition version.
    targets: tuple[dict[str, Any], ...] = Field(
        default=(), description="What a figure is to reach in a month, quarter or year."
    )


def load(home: Path) -> Configuration:
    """Return the configuration in ``home/regulars.toml``; the defaults where there is none.

    Raises
    ------
    DefinitionsError
        If the file is not TOML, or a setting is unknown or out of range.
    """
    path = home / "regulars.toml"
    if not path.exists():
        return Configuration()
    with _told(path.name):
        return Configuration.model_validate(tomllib.loads(path.read_text("utf-8")))


def changed(definitions: Definitions, changes: Mapping[str, Any], text: str = "") -> Definitions:
    """Return definitions with some settings changed: by name, and as TOML in ``text``.

    Raises
    ------
    DefinitionsError
        If the text is not TOML, or a setting is unknown or out of range.
    """
    with _told("TOML"):
        found = tomllib.loads(text)
        tiers = {
            **definitions.tiers.model_dump(),
            **changes.get("tiers", {}),
            **found.get("tiers", {}),
        }
        settings = {**definitions.model_dump(), **changes, **found, "tiers": tiers}
        return Definitions.model_validate(settings)


@contextmanager
def _told(file: str) -> Iterator[None]:
    """Say in one sentence what is wrong with the settings in ``file``."""
    try:
        yield
    except tomllib.TOMLDecodeError as error:
        raise DefinitionsError("toml", file=file, problem=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        setting = ".".join(str(part) for part in first["loc"])
        raise DefinitionsError(
            "setting", file=file, setting=setting, problem=first["msg"], found=first["input"]
        ) from error


def begin(home: Path, text: str) -> None:
    """Write the settings of new books, unless they have some."""
    path = home / "regulars.toml"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def begin_in(home: Path, currency: str | None) -> None:
    """Give new books the currency of the mapping that they begin with, if it names one."""
    if currency:
        begin(home, f'[books]\ncurrency = "{currency}"\n')
