"""Pages from templates: everything is escaped, and a name that a template misspells is an error."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from app.api.ids import Kind, format_id
from app.application.people.resume_session import SignedIn
from app.application.ports.users import UserRole
from app.web import assets, formats, set_up_words, words
from app.web.filled import label_of
from app.web.navigation import menu
from app.web.origin import csrf_token
from app.web.paging import own_path
from app.web.parts import PREFIX
from app.web.plain import plain
from app.web.session import session_token


def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("app.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    made.filters |= {
        "money": formats.money,
        "balance": formats.balance,
        "decimal": formats.decimal,
        "price": formats.price,
        "quantity": formats.quantity,
        "segment": formats.segment,
        "number": formats.number,
        "day": formats.day,
        "age": formats.age,
        "plural": formats.plural,
        "status": words.status,
        "outcome": words.outcome,
        "words": words.words,
        "command": words.command,
        "role": set_up_words.role,
        "sentence": words.sentence,
        "plain": plain,
    }
    made.globals |= {
        "asset": assets.asset,
        "assets": assets,
        "words": words,
        "set_up_words": set_up_words,
        "root": PREFIX,
        "id_of": _id_of,
        "Role": UserRole,
        "label_of": label_of,
        "zip": zip,
    }
    return made


def _id_of(kind: str, value: Any) -> str:
    return format_id(Kind[kind], value)


TEMPLATES = _environment()


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page, or with a template of a part, a part of one. A page that scripts asked for tells them its address."""
    person: SignedIn | None = getattr(request.state, "person", None)
    zone = "UTC" if person is None else person.time_zone
    body = TEMPLATES.get_template(template).render(
        person=person,
        notice=None if person is None else person.notice,
        menu=menu(),
        path=request.scope["path"],
        here=_here(request),
        csrf="" if person is None else csrf_token(session_token(request)),
        at=lambda value: formats.moment(value, zone),
        clock=lambda value: formats.clock(value, zone),
        may=lambda *roles: person is not None and bool(set(roles) & set(person.user.roles)),
        **context,
    )
    boosted = request.method == "GET" and "hx-boosted" in request.headers
    return HTMLResponse(body, status_code=status, headers={"HX-Push-Url": _here(request)} if boosted else None)


def _here(request: Request) -> str:
    """The page's own address, for forms that come back to it."""
    query = request.url.query
    return own_path(request) + (f"?{query}" if query else "")
