"""Who a customer is: name, birthday, how to reach them, and what holds of them at a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.card.one import OneCustomer
from core.card.standing import Standing
from core.ledger.scopes import spans
from core.schema import ATTRIBUTES

_SHOWN_DIGITS = 3, 4  # of a telephone number, at its beginning and end


@dataclass(frozen=True)
class Profile:
    """Who a customer is. What no day says since when it holds stands as it is now."""

    customer_key: int
    customer_id: str | None
    name: str | None
    former_ids: tuple[str, ...]  # of customers merged into this one
    kind: str | None  # person, company
    joined_on: date | None
    birthday: date | None
    masked_phone: str | None
    masked_email: str | None
    tags: tuple[str, ...]
    may_contact: bool | None
    attributes: Mapping[str, str]
    manager_name: str | None


def profile(one: OneCustomer, day: date, stands: Standing | None) -> Profile:
    """Return who the customer is, with the attributes that held at the end of ``day``."""
    ids = one.person_rows("customer_ids", "customer_key", one.keys)
    known = {row["customer_key"]: row["customer_id"] for row in ids}
    person = _person(one)
    facts = one.rows("customers")
    own = next((row for row in facts if row["kind"]), facts[0] if facts else {})
    joined = [row["joined_on"] for row in facts if row["joined_on"] and row["joined_on"] <= day]
    wishes = [row["may_contact"] for row in facts if row["may_contact"] is not None]
    held = _held(one, day, stands)
    manager = held.get("manager")
    named = one.names("employees", [manager], "name").get(manager or "", {})
    return Profile(
        customer_key=one.customer_key,
        customer_id=known.get(one.customer_key),
        name=person.get("name"),
        former_ids=tuple(known[key] for key in one.keys[1:] if key in known),
        kind=own.get("kind"),
        joined_on=min(joined, default=None),
        birthday=person.get("birthday"),
        masked_phone=masked(person["phone"]) if person.get("phone") else None,
        masked_email=masked_email(person["email"]) if person.get("email") else None,
        tags=tuple(tag.strip() for tag in (person.get("tags") or "").split(",") if tag.strip()),
        may_contact=all(wishes) if wishes else None,
        attributes=held,
        manager_name=named.get("name"),
    )


def reach(one: OneCustomer) -> tuple[str | None, str | None]:
    """Return the customer's telephone number and e-mail address in full."""
    person = _person(one)
    return person.get("phone"), person.get("email")


def masked(number: str) -> str:
    """Return a telephone number with its middle hidden; of a short one nothing is shown.

    Examples
    --------
    >>> masked("13812345678")
    '138****5678'
    """
    first, last = _SHOWN_DIGITS
    if len(number) < first + last + 4:
        return "****"
    return f"{number[:first]}****{number[-last:]}"


def masked_email(address: str) -> str:
    """Return an e-mail address of which only the first letter and the server are shown.

    Examples
    --------
    >>> masked_email("wang.fang@example.com")
    'w****@example.com'
    """
    name, _, server = address.partition("@")
    return f"{name[:1]}****@{server}" if server else "****"


def _person(one: OneCustomer) -> dict:
    """Return what is kept apart of the customer; what the last record lacks, of former ones."""
    found = one.person_rows("customers", "customer_key", one.keys)
    found.sort(key=lambda row: one.keys.index(row["customer_key"]))
    whole: dict = {}
    for row in found:
        whole = {name: whole.get(name) or value for name, value in row.items()}
    return whole


def _held(one: OneCustomer, day: date, stands: Standing | None) -> dict[str, str]:
    """Return the attributes that held at ``day``; of who is not in the ledger yet, by its rule."""
    if stands is not None:
        held = dict(stands.scopes)
    else:
        found = spans(one)
        found = found.filter((found.from_on <= day) & (found.to_on > day))
        held = next(iter(found.to_pyarrow().to_pylist()), {})
    wishes = [r for r in one.rows("customer_attributes") if r["attribute"] == "preferences"]
    wishes.sort(key=lambda row: row["valid_from"])
    begun = [row for row in wishes if row["valid_from"] <= day]
    if not begun:  # an undated one is taken to have held before its import
        begun = [row for row in wishes[:1] if not row["is_dated"]]
    if begun and (begun[-1]["valid_to"] is None or begun[-1]["valid_to"] > day):
        held["preferences"] = begun[-1]["value"]
    return {name: str(held[name]) for name in ATTRIBUTES if held.get(name)}
