"""What the domain and the checks of shapes say, as people say it: no words of code, and no call of the API. Pure."""

import re
from collections.abc import Mapping, Sequence

SHAPES: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern), told)
    for pattern, told in (
        (r"^Field required$|^String should have at least 1 character$|^Value should have at least 1 item after.*, not 0$", "is needed"),
        (r"^Input should be a valid integer.*", "must be a whole number"),
        (r"^Input should be a valid string$", "must be a text"),
        (r"^Input should be greater than or equal to (.+)$", r"must be \1 or more"),
        (r"^Input should be less than or equal to (.+)$", r"must be \1 or less"),
        (r"^String should have at most (\d+) characters?$", r"must have at most \1 characters"),
        (r"^String should have at least (\d+) characters?$", r"must have at least \1 characters"),
        (r"^String should match pattern '(.+)'$", r"must look like \1"),
        (r"^Input should be (.+)$", r"must be \1"),
        (r"^Extra inputs are not permitted$", "is not known"),
    )
)

PLACES: Mapping[str, tuple[str, str]] = {
    "accounts": ("Set-up, Accounts", "the chart of accounts"),
    "posting-manager": ("Set-up, Posting manager", "the posting manager"),
    "gl-interfaces": ("Set-up, Dissection, GL interface records", "the GL interface records"),
    "warehouses": ("Set-up, Dissection, Warehouses", "the warehouses"),
    "sales-territories": ("Set-up, Dissection, Sales territories", "the sales territories"),
    "debtors": ("Set-up, Dissection, Debtors", "the debtors"),
    "debtor-dissection": ("Set-up, Dissection", "the option"),
    "erp-endpoints": ("Set-up, ERP endpoints", "the ERP endpoints"),
    "periods": ("Set-up, Periods", "the periods"),
}
ELSEWHERE = ("Set-up", "its list")
"""Where people set up what a call of the API sets up, and what a list of it is called."""

CHANGE = re.compile(r"(?P<how>: |\bin )?(?:PUT|POST|DELETE|PATCH) /v1/(?P<what>[a-z-]+)(?:/.*?(?=;| \(|$))?")
"""With the code of what is set up, which may have spaces."""
LIST = re.compile(r"GET /v1/(?P<what>[a-z-]+)")


def plain(message: str) -> str:
    """A message in plain words; where it named a call of the API, it says where on the screens the same is done."""
    for pattern, told in SHAPES:
        if pattern.search(message):
            return pattern.sub(told, message)
    return LIST.sub(_list, CHANGE.sub(_screen, message))


def _screen(found: re.Match[str]) -> str:
    place, _ = PLACES.get(found["what"], ELSEWHERE)
    return f"{', ' if found['how'] == ': ' else ''}under {place}"


def _list(found: re.Match[str]) -> str:
    return PLACES.get(found["what"], ELSEWHERE)[1]
