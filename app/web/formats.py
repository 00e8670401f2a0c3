"""Dates, amounts and instants as people read them. Amounts are minor units or decimals, and stay exact: there is no float here."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import quote
from zoneinfo import ZoneInfo

from app.domain.money import Currency, from_millionths, round_half_away

THIN = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


def grouped(text: str) -> str:
    """Decimal text with its thousands apart: 1234567.50 → 1,234,567.50."""
    sign, digits = (MINUS, text[1:]) if text.startswith("-") else ("", text)
    whole, point, rest = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{rest}"


def money(amount: int, currency: Currency) -> str:
    """Minor units with all of the currency's digits."""
    return grouped(currency.to_text(amount))


def balance(amount: int, currency: Currency) -> str:
    """A balance, debit positive, as ledgers show it: 1,234.50 Dr, 20.00 Cr."""
    return f"{money(abs(amount), currency)}{THIN}{'Dr' if amount > 0 else 'Cr'}" if amount else money(0, currency)


def compact(amount: int, currency: Currency) -> str:
    """Minor units above a bar: whole units, from ten million on in millions with one decimal."""
    whole = round_half_away(amount, 10**currency.digits)
    if abs(whole) < 10_000_000:
        return grouped(str(whole))
    tenths = round_half_away(whole, 100_000)
    return f"{grouped(f'{tenths // 10 if tenths >= 0 else -(-tenths // 10)}')}.{abs(tenths) % 10}{THIN}m"


def axis(amount: int, currency: Currency) -> str:
    """Minor units beside an axis: without decimals where there are none."""
    text = money(amount, currency)
    return text.partition(".")[0] if amount % 10**currency.digits == 0 else text


def quantity(value: int) -> str:
    """Millionths, as short as can be: 2500000 → 2.5."""
    return grouped(f"{from_millionths(value):f}")


def price(value: int, currency: Currency) -> str:
    """Millionths with at least the currency's digits: 245500000 → 245.50."""
    whole, _, decimals = quantity(value).partition(".")
    decimals = decimals.ljust(currency.digits, "0")
    return f"{whole}.{decimals}" if decimals else whole


def segment(name: str) -> str:
    """A name as one segment of an address, whatever it has in it."""
    return quote(name, safe="")


def decimal(amount: Decimal) -> str:
    return grouped(f"{amount:f}")


def number(count: int) -> str:
    return f"{count:,}"


def day(value: date | None) -> str:
    """3 Nov 2026."""
    return "" if value is None else f"{value.day} {value:%b %Y}"


def moment(value: datetime | None, time_zone: str) -> str:
    """3 Nov 2026, 14:05:09 on the tenant's clocks."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(time_zone))
    return f"{day(local.date())}, {local:%H:%M:%S}"


def clock(value: datetime, time_zone: str) -> str:
    return f"{value.astimezone(ZoneInfo(time_zone)):%H:%M}"


def age(span: timedelta) -> str:
    """In the two largest units: 3 days 4 h, 12 min 5 s."""
    seconds = max(0, int(span.total_seconds()))
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next((index for index, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count}{THIN}{unit}" for count, unit in parts[first : first + 2] if count) or f"0{THIN}s"


def plural(count: int, one: str, many: str | None = None) -> str:
    """1 journal, 2 journals."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
