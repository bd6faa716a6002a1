"""What the cards of the care board say: who, why, what to do, what was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from core.desk.cards import Card, until_of
from core.desk.plays import Advice
from core.desk.week import Week
from core.figures.tiers import tier_title
from core.i18n import texts
from core.store.records import Task
from dashboard import numbers
from dashboard.session import Look, plain, say

ICONS = {
    "complaint": "report", "promise": "handshake", "next_step": "redo", "win_back": "undo",
    "handover": "swap_horiz", "own": "task_alt", "key_date": "event", "at_risk": "warning",
    "contact_gap": "phone_missed", "play": "menu_book",
}  # fmt: skip
_LONGEST = 140  # characters of a text on a card; the whole stands in its form


@dataclass(frozen=True)
class Words:
    """What is needed to say anything of cards: language, day, names of people, tiers and plays."""

    look: Look
    today: date
    staff: Mapping[str, str]
    tiers: str
    plays: Mapping[str, Advice]
    is_mine: bool = False

    def day(self, day: date) -> str:
        """Return a day; its year only where it is another one."""
        spoken = self.look.language
        return (numbers.short_day if day.year == self.today.year else numbers.day)(day, spoken)

    def money(self, value: float | None) -> str:
        """Return an amount in short."""
        return numbers.short_money(value, self.look.currency, self.look.language)

    def whole(self, n: int) -> str:
        """Return a number in full."""
        return numbers.whole(n, self.look.language)

    def who(self, owner: str) -> str:
        """Return what an employee is called."""
        return self.staff.get(owner, owner) or say("care.nobody")

    def code(self, code: str | None) -> str:
        """Return what a code of the company means; as it stands where it is not known."""
        return texts(self.look.language).get(f"care.code.{code}", code or "")


def sentence(words: Words, week: Week, done: int, is_mine: bool) -> str:
    """Return what is to be done, in one line."""
    late, today = len(week.columns["late"]), len(week.columns["today"])
    rest = len(week.columns["tomorrow"]) + len(week.columns["week"])
    parts = [say("care.week.today", n=words.whole(today))]
    if late:
        parts.insert(0, say("care.week.late", n=words.whole(late)))
    parts.append(say("care.week.rest", n=words.whole(rest)))
    parts.append(say("care.week.done", n=words.whole(done)))
    title = say("care.week.mine" if is_mine else "care.week.all")
    return title + say("care.join").join(parts)


def waiting(words: Words, week: Week) -> str:
    """Return how many cards wait, and of which kinds; empty where none does."""
    if not week.more:
        return ""
    parts = [
        say("care.week.of_kind", kind=say(f"care.kind.{kind}"), n=words.whole(n))
        for kind, n in sorted(week.waiting.items(), key=lambda each: -each[1])
    ]
    return say(
        "care.week.more", n=words.whole(week.more), shown=words.whole(week.shown),
        kinds=say("care.join").join(parts),
    )  # fmt: skip


def column(words: Words, name: str) -> str:
    """Return what a column is called, with its day."""
    if name == "late":
        return say("care.column.late")
    days = {
        "today": words.today, "tomorrow": words.today + timedelta(days=1),
        "week": until_of(words.today),
    }  # fmt: skip
    return say(f"care.column.{name}", day=words.day(days[name]))


def heading(card: Card) -> str:
    """Return who a card is about; a task of nobody has its title."""
    who = card.name or card.customer_id or card.text or say("care.kind.own")
    return f"**{plain(_short(who))}**"


def body(words: Words, card: Card) -> str:
    """Return why, what it is worth, and what to do, as Markdown."""
    colour = "orange" if card.has_day and card.on < words.today else "blue"
    first = f":{colour}[:material/{ICONS[card.kind]}: :small[{plain(why(words, card))}]]"
    lines = [first]
    if card.text and card.customer_key is not None:
        lines.append(f":small[{plain(_short(card.text))}]")
    facts = []
    if card.tier is not None:
        facts.append(tier_title(words.tiers, card.tier, words.look.language))
    if card.value is not None:
        facts.append(words.money(card.value))
    if not words.is_mine:
        facts.append(words.who(card.owner))
    lines.append(f":gray[:small[{plain(say('care.dot').join(facts))}]]")
    marks = []
    if card.tries:
        marks.append(f":gray-badge[{plain(say('care.tries', n=card.tries))}]")
    if card.is_refused:
        marks.append(f":orange-badge[{plain(say('care.refused'))}]")
    if card.is_held_out:
        marks.append(f":gray-badge[{plain(say('care.held_out'))}]")
    return "  \n".join([*lines, *([" ".join(marks)] if marks else [])])


def why(words: Words, card: Card) -> str:
    """Return the reason of a card, with its day."""
    if card.put_off_until is not None:
        until = words.day(card.put_off_until)
        return say("care.why.put_off", why=reason(words, card), day=until)
    return reason(words, card)


def reason(words: Words, card: Card) -> str:
    """Return why somebody is to get in touch."""
    day, kind, code = words.day(card.due_on), card.kind, words.code(card.detail)
    if kind == "key_date":
        date_on = words.day(card.until_on or card.due_on)
        return say("care.why.key_date", date=say(f"care.date.{card.detail}"), day=date_on)
    if kind == "at_risk":
        names = [say(f"list.reason.{name}") for name, _ in card.reasons if name != "contact_gap"]
        return say("care.why.at_risk", reasons=say("care.join").join(names), day=day)
    if kind == "contact_gap":
        key = "care.why.contact_gap" if card.due_on <= words.today else "care.why.contact_due"
        return say(key, day=day)
    if kind == "play":
        play = words.plays.get(card.item or "")
        return play.title if play else say("care.kind.play")
    if kind == "handover":
        return say("care.why.handover", who=words.who(card.detail or ""), day=day)
    if kind == "win_back":
        return say("care.why.win_back", day=day)
    if kind in ("complaint", "promise"):
        key = "" if code else "_plain"
        return say(f"care.why.{kind}{key}", code=code, day=day)
    return say(f"care.why.{kind}", day=day)


def action(words: Words, card: Card) -> str:
    """Return what to do about a card."""
    if card.kind == "play" and (play := words.plays.get(card.item or "")) and play.action:
        return play.action
    key = card.detail if card.kind == "key_date" else card.kind
    return say(f"care.todo.{key}")


def done(words: Words, task: Task, names: Mapping[int, str]) -> str:
    """Return what was done with a card, as Markdown."""
    who = names.get(task.customer_key or -1) or task.title or say(f"care.kind.{task.kind}")
    day = words.day(task.done_on or words.today)
    about = say("care.done_by", kind=say(f"care.kind.{task.kind}"), who=words.who(task.changed_by),
                day=day)  # fmt: skip
    icon = ":green[:material/check_circle:]"
    return f"{icon} **{plain(_short(who))}**  \n:gray[:small[{plain(about)}]]"


def facts(words: Words, card: Card) -> list[str]:
    """Return what the form of a card says about it, one to a line."""
    lines = [f":material/{ICONS[card.kind]}: **{plain(why(words, card))}**"]
    if card.text:
        lines.append(plain(card.text))
    lines.append(f":material/arrow_forward: {plain(action(words, card))}")
    if card.kind in ("at_risk", "contact_gap"):
        for name, on in card.reasons:
            since = say("care.since", reason=say(f"list.reason.{name}"), day=words.day(on))
            lines.append(f":gray[{plain(since)}]")
    if card.is_refused:
        lines.append(f":orange[{plain(say('care.refused_long'))}]")
    if card.is_held_out:
        key = "care.held_out_service" if card.is_service else "care.held_out_long"
        lines.append(f":orange[{plain(say(key))}]")
    return lines


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
