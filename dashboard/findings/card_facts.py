"""What the card of a customer says line by line: who they are, what is due, who is around them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from core.card.card import Card
from core.card.care import Due
from core.card.standing import Standing
from core.i18n import texts, translate
from dashboard import numbers
from dashboard.session import Look, language, say


@dataclass(frozen=True)
class Fact:
    """A label and what stands there.

    ``tone`` says which of the two needs somebody's attention, or that the whole is an aside.
    """

    label: str
    text: str
    tone: Literal["label", "text", "faint"] | None = None
    customer_key: int | None = None  # of another customer, to lead there


def care(look: Look, card: Card) -> list[Fact]:
    """Say what is due, the oldest first."""
    found, facts = card.care, []
    if card.profile.may_contact is False:
        facts.append(Fact("", say("card.care.wants_none"), "text"))
    elif (due_on := found.contact_due_on) is not None:
        is_late = due_on < look.as_of
        key = "card.care.overdue_contact" if is_late else "card.care.next_contact"
        text = translate(key, look.language, day=_day(look, due_on), every=found.every_days)
        facts.append(Fact("", text, "text" if is_late else None))
    if not found.has_contacts:
        facts.append(Fact("", say("card.care.no_contacts")))
    elif found.reached_on:
        facts.append(Fact("", say("card.care.reached", day=_day(look, found.reached_on))))
    else:
        facts.append(Fact("", say("card.care.never")))
    if found.tried_on and found.tried_on != found.reached_on:
        facts.append(Fact("", say("card.care.tried", day=_day(look, found.tried_on))))
    if (expected_on := card.stands.expected_on if card.stands else None) is not None:
        has_passed = expected_on <= look.as_of
        key = "card.care.expected_passed" if has_passed else "card.care.expected"
        text = translate(key, look.language, day=_day(look, expected_on))
        facts.append(Fact("", text, "text" if has_passed else None))
    return facts + [_due(look, each) for each in found.due]


def profile(look: Look, card: Card) -> list[Fact]:
    """Say who the customer is; the telephone number stands apart."""
    who, stands, spoken = card.profile, card.stands, look.language
    pairs: list[tuple[str, str | None]] = [
        ("id", who.customer_id),
        ("former", ", ".join(who.former_ids)),
        ("kind", word(who.kind)),
        ("joined", numbers.day(who.joined_on, spoken) if who.joined_on else None),
        ("birthday", numbers.day(who.birthday, spoken) if who.birthday else None),
        ("tags", say("card.join").join(who.tags)),
    ]
    facts = [Fact(say(f"card.profile.{name}"), text) for name, text in pairs if text]
    wishes = {True: "card.profile.yes", False: "card.not_to_contact", None: "card.not_known"}
    wish = wishes[who.may_contact]
    tone = "text" if who.may_contact is False else None
    facts.append(Fact(say("card.profile.contact"), say(wish), tone))
    for name, value in who.attributes.items():
        text = (who.manager_name or value) if name == "manager" else word(value)
        facts.append(Fact(say(f"card.attribute.{name}"), str(text)))
    if stands is not None:
        facts += _sums(look, stands)
    return facts


def employees(look: Look, card: Card) -> list[Fact]:
    """Say who served the customer in 12 months."""
    found, facts = card.served, []
    for each in found.employees:
        parts = [
            say(
                "card.people.line", n=each.dealings, all=found.dealings,
                day=_day(look, each.last_on),
            )
        ]  # fmt: skip
        if each.branch:
            parts.append(each.branch)
        if each.left_on:
            parts.append(say("card.people.left", day=_day(look, each.left_on)))
        name = each.name or each.employee_id
        facts.append(Fact(name, say("card.join").join(parts), "label" if each.left_on else None))
    known = {each.employee_id: each.name or each.employee_id for each in found.employees}
    if found.depends_on:
        text = say("card.people.depends", name=known[found.depends_on])
        more = f" {say('card.people.alone')}" if found.knows_nobody_else else ""
        facts.insert(0, Fact("", text + more, "text"))
    if not found.is_recorded:
        return [Fact("", say("card.people.not_recorded"))]
    return facts or [Fact("", say("card.people.none"))]


def relations(look: Look, card: Card) -> list[Fact]:
    """Say whom the customer recommended, and who recommended them."""
    return [
        Fact(
            each.name or each.customer_id or say("card.people.not_named"),
            say(
                f"card.people.{'recommended' if each.has_recommended else 'was_recommended'}",
                day=_day(look, each.on),
            ),
            customer_key=each.customer_key,
        )
        for each in card.relations
    ]


def holdings(look: Look, card: Card, most: int) -> list[Fact]:
    """Say what the customer has of us; of products the ``most`` bought last."""
    found, facts = card.holdings, []
    for each in found.contracts:
        key = "card.holdings.contract_until" if each.ended_on else "card.holdings.contract"
        dates = {"day": _day(look, each.started_on)}
        if each.ended_on:
            dates["until"] = _day(look, each.ended_on)
        parts = [translate(key, look.language, **dates)]
        if each.monthly_value is not None:
            parts.append(say("card.holdings.monthly", value=_money(look, each.monthly_value)))
        facts.append(Fact(each.product or "", say("card.join").join(parts)))
    for each in found.balances:
        value, day = _money(look, each.balance), _day(look, each.on)
        facts.append(Fact(each.account, say("card.holdings.balance", value=value, day=day)))
    for each in found.products[:most]:
        key = "card.holdings.product_once" if each.times == 1 else "card.holdings.product"
        day = _day(look, each.last_on)
        facts.append(Fact(each.name, translate(key, look.language, times=each.times, day=day)))
    if (left := len(found.products) - most) > 0:
        facts.append(Fact("", say("card.holdings.more", n=left)))
    if found.points is not None:
        points = numbers.whole(found.points, look.language)
        facts.append(Fact(say("card.holdings.points"), points))
    return facts or [Fact("", say("card.holdings.nothing"))]


def word(code: str | None) -> str | None:
    """Return what a code that companies use is called; a company's own as it stands."""
    return texts(language()).get(f"card.word.{code}", code)


def _sums(look: Look, stands: Standing) -> list[Fact]:
    spoken = look.language
    facts = []
    if stands.kind:
        facts.append(Fact(say("card.profile.movement"), say(f"kind.{stands.kind}")))
    elif stands.why_no_kind is not None:
        facts.append(Fact(say("card.profile.movement"), stands.why_no_kind.text(spoken)))
    facts.append(Fact(say("card.profile.net_total"), _money(look, stands.net_total)))
    if stands.contract_value:
        value = _money(look, stands.contract_value)
        facts.append(Fact(say("card.profile.contract_value"), value))
    if stands.last_on:
        facts.append(Fact(say("card.profile.last_on"), _day(look, stands.last_on)))
    return facts


def _due(look: Look, each: Due) -> Fact:
    kind = word(each.kind) or numbers.UNKNOWN
    parts = [translate(f"card.care.{each.what}", look.language, day=_day(look, each.on), kind=kind)]
    if each.product:
        parts.append(each.product)
    if each.value is not None:
        parts.append(_money(look, each.value))
    if each.text:
        parts.append(say("card.timeline.quote", text=" ".join(each.text.split())))
    tone = "text" if each.what in ("complaint", "broken_promise") else None
    return Fact("", say("card.join").join(parts), tone)


def _day(look: Look, on: date | None) -> str:
    return numbers.day(on, look.language)


def _money(look: Look, value: Decimal) -> str:
    return numbers.money(value, look.currency, look.language)
