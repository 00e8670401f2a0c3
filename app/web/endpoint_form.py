"""An ERP endpoint as a form: what every endpoint has, and the settings and credentials of its adapter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.api.erp_endpoint_shapes import EndpointBody
from app.api.json_body import shaped
from app.application.configure.endpoint_draft import EndpointDraft
from app.application.configure.endpoint_view import EndpointView
from app.application.events_in.values import Name
from app.application.ports.erp import AdapterDescription
from app.domain.errors import Fault, Invalid
from app.web.forms import Form
from app.web.schema_fields import SchemaField, about, fields_of, given, shown

OMITTABLE = ("estimate", "grni", "ap")
PLAIN = {
    "url": "",
    "environment": "test",
    "delivery": "push",
    "grouping": "per_transaction",
    "release": "manual",
    "commitments": "send",
    "minimum_validation": "",
    "starts_on": "",
    "description_template": "",
    "rate_limit_per_minute": "60",
    "max_concurrency": "4",
}
"""What stands in a new endpoint's form: one that is tried first, and that sends nothing by itself."""
WRONG = "the endpoint is not complete"


class NamedEndpoint(EndpointBody):
    """What the form of a new one gives."""

    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointForm:
    """`is_set` are the names of the credentials that are kept; None where they cannot be opened any more."""

    adapter: AdapterDescription
    settings: Sequence[SchemaField]
    credentials: Sequence[SchemaField]
    is_set: tuple[str, ...] | None = ()

    @property
    def about_settings(self) -> str:
        return about(self.adapter.settings)

    @property
    def about_credentials(self) -> str:
        return about(self.adapter.credentials)

    @property
    def names(self) -> list[str]:
        """Of all fields, in the order of the form."""
        whole = ["settings", "credentials"]  # what is wrong with all of them together
        adapters = dict.fromkeys([*whole, *(each.name for each in (*self.settings, *self.credentials))])
        forgets = [f"forget/{each.key}" for each in self.credentials]
        rest = [name for name in PLAIN if name not in ("url", "environment")]
        return ["name", "url", "environment", *adapters, *forgets, *rest, *(f"omit/{each}" for each in OMITTABLE)]

    def empty(self) -> dict[str, str]:
        """Of a new endpoint."""
        return dict.fromkeys(self.names, "") | PLAIN

    def values_of(self, view: EndpointView) -> dict[str, str]:
        """Of one that there is. What is secret is never shown."""
        endpoint = view.endpoint
        plain = {name: "" if (value := getattr(endpoint, name)) is None else str(value) for name in PLAIN}
        settings = {each.name: shown(each, _stored(each, endpoint.settings)) for each in self.settings if _has(each, endpoint.settings)}
        omits = {f"omit/{each}": "yes" for each in endpoint.omit}
        return self.empty() | plain | settings | omits | {"name": endpoint.name}

    def typed(self, form: Form) -> dict[str, str]:
        """Secrets as they were typed, spaces and all."""
        secrets = {each.name for each in self.credentials}
        return {name: form.exact(name) if name in secrets else form.text(name) for name in self.names}

    def shown_again(self, values: Mapping[str, str]) -> dict[str, str]:
        """A form that is shown again has all that was typed but secrets: they are typed again."""
        secrets = {each.name for each in self.credentials if each.secret or each.kind == "json"}
        return {name: "" if name in secrets else value for name, value in values.items()}

    def draft(self, values: Mapping[str, str], *, new: bool) -> EndpointDraft:
        """Raises `Invalid`. The mapping stays what it is."""
        credentials, kept = self._credentials(values)
        body: dict[str, Any] = {name: values[name] for name in PLAIN if values[name]}
        for name in ("rate_limit_per_minute", "max_concurrency"):
            if body.get(name, "").isdecimal():
                body[name] = int(body[name])
        body |= {
            "adapter": self.adapter.name,
            "settings": _whole(self.settings, values, "settings"),
            "credentials": credentials,
            "omit": [each for each in OMITTABLE if values[f"omit/{each}"] == "yes"],
        }
        read = shaped(NamedEndpoint, body | {"name": values["name"]}, WRONG) if new else shaped(EndpointBody, body, WRONG)
        return read.draft().keeping(kept)

    def _credentials(self, values: Mapping[str, str]) -> tuple[dict[str, Any] | None, frozenset[str]]:
        """Those that were typed, None where nothing was; and the names of those that stay."""
        typed = _whole(self.credentials, values, "credentials")
        if any(each.name == "credentials" for each in self.credentials):
            return typed or None, frozenset()
        forgotten = {each.key for each in self.credentials if values[f"forget/{each.key}"] == "yes"}
        kept = frozenset(self.is_set or ()) - typed.keys() - forgotten
        if not typed and not forgotten & set(self.is_set or ()):
            return None, frozenset()
        return typed, kept


def form_of(adapter: AdapterDescription, is_set: tuple[str, ...] | None = ()) -> EndpointForm:
    return EndpointForm(
        adapter=adapter,
        settings=_fields(adapter.settings, "settings"),
        credentials=_fields(adapter.credentials, "credentials"),
        is_set=is_set,
    )


def _fields(schema: Mapping[str, Any] | None, under: str) -> list[SchemaField]:
    """One field for all of it in JSON where the adapter does not tell what there is."""
    if schema is None:
        return [SchemaField(name=under, label=f"{under.capitalize()}, as a JSON object", kind="json")]
    return fields_of(schema, under)


def _has(field: SchemaField, stored: Mapping[str, Any]) -> bool:
    return bool(stored) if field.name == "settings" else stored.get(field.key) is not None


def _stored(field: SchemaField, stored: Mapping[str, Any]) -> object:
    return stored if field.name == "settings" else stored[field.key]


def _whole(fields: Sequence[SchemaField], values: Mapping[str, str], under: str) -> dict[str, Any]:
    """The settings or the credentials. Raises `Invalid`."""
    found = given(fields, values)
    if [each.name for each in fields] != [under]:
        return found
    whole = found.get(under, {})
    if not isinstance(whole, dict):
        raise Invalid(f"the {under} are no JSON object", Fault(pointer=f"/{under}", message="must be an object"))
    return whole
