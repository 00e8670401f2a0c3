"""The two ways of calling an Odoo method: JSON-2, of 19 and later, and JSON-RPC, of 14 to 19."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.adapters.erp.answers import HttpAnswer, HttpResult, Timeouts
from app.adapters.erp.calls import Calls
from app.adapters.erp.exact_json import to_json
from app.adapters.erp.http import HttpClient
from app.adapters.erp.odoo.dialect import JSON_2_SINCE, OLDEST, Dialect, dialect_of
from app.adapters.erp.odoo.reply import UNREADABLE, Failed, Reply, read_json_2, read_json_rpc, without_traceback
from app.adapters.erp.odoo.settings import OdooEndpoint
from app.domain.delivery import Misconfigured, Unauthorised

MAX_BYTES = 20_000_000
JSON = {"accept": "application/json", "content-type": "application/json"}


class Odoo(Protocol):
    """One database of an Odoo, as one user, for one step; what is kept of its calls is in `calls`."""

    calls: Calls
    reached: bool
    """Whether anything was answered at all."""

    async def begin(self) -> Dialect | Failed:
        """Signs in where that is a call of its own."""
        ...

    async def call(self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any) -> Reply:
        """One method; `ids` are the records that it is about, None for one that is about none. Not before `begin`."""
        ...


class _Calling:
    def __init__(self, http: HttpClient, endpoint: OdooEndpoint) -> None:
        self._http = http
        self._endpoint = endpoint
        seconds = endpoint.settings.timeout_seconds
        self._timeouts = Timeouts(read=seconds, write=seconds, total=2 * seconds + 20)
        self.calls = Calls([endpoint.api_key])
        self.reached = False

    async def _post(self, path: str, headers: Mapping[str, str], content: str, label: str) -> HttpResult:
        url, body = self._endpoint.url + path, content.encode()
        sent = {**JSON, **headers}
        result = await self._http.request("POST", url, headers=sent, content=body, timeouts=self._timeouts, max_bytes=MAX_BYTES)
        self.reached = self.reached or isinstance(result, HttpAnswer)
        self.calls.add(without_traceback(result), label)
        return result


class Json2(_Calling):
    """`POST /json/2/<model>/<method>` with named arguments and the API key in a header."""

    async def begin(self) -> Dialect | Failed:
        """Nothing to do: every call carries the key."""
        return dialect_of(JSON_2_SINCE)

    async def call(self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any) -> Reply:
        headers = {"authorization": f"bearer {self._endpoint.api_key}"}
        if self._endpoint.settings.database is not None:
            headers["x-odoo-database"] = self._endpoint.settings.database
        content = to_json(arguments | ({} if ids is None else {"ids": list(ids)}))
        return read_json_2(await self._post(f"/json/2/{model}/{method}", headers, content, f"{model} {method}"))


class JsonRpc(_Calling):
    """`POST /jsonrpc`: the version and the user's id first, then `execute_kw` with the API key in the place of a password."""

    def __init__(self, http: HttpClient, endpoint: OdooEndpoint) -> None:
        super().__init__(http, endpoint)
        self._user: object = None

    async def begin(self) -> Dialect | Failed:
        about = await self._service("common", "version", [])
        if isinstance(about, Failed):
            return about
        version = _major(about.value)
        if version is None:
            return UNREADABLE
        if version < OLDEST:
            return Failed(outcome=Misconfigured(reason=f"this is Odoo {version}: {OLDEST} is the oldest that is supported"))
        settings = self._endpoint.settings
        user = await self._service("common", "authenticate", [settings.database, settings.login, self._endpoint.api_key, {}])
        if isinstance(user, Failed):
            return user
        if not user.value or not isinstance(user.value, int):
            return Failed(outcome=Unauthorised(reason="the login or the API key was refused"))
        self._user = user.value
        return dialect_of(version)

    async def call(self, model: str, method: str, ids: Sequence[int] | None = None, **arguments: Any) -> Reply:
        positional: list[Any] = [] if ids is None else [list(ids)]
        if "vals_list" in arguments:  # Odoo looks for it there
            positional.append(arguments.pop("vals_list"))
        signed = [self._endpoint.settings.database, self._user, self._endpoint.api_key]
        return await self._service("object", "execute_kw", [*signed, model, method, positional, arguments], f"{model} {method}")

    async def _service(self, service: str, method: str, arguments: Sequence[Any], label: str | None = None) -> Reply:
        said = {"service": service, "method": method, "args": list(arguments)}
        content = to_json({"jsonrpc": "2.0", "method": "call", "id": 1, "params": said})
        return read_json_rpc(await self._post("/jsonrpc", {}, content, label or f"{service} {method}"))


def calling(http: HttpClient, endpoint: OdooEndpoint) -> Odoo:
    """A step's own."""
    return Json2(http, endpoint) if endpoint.settings.api == "json-2" else JsonRpc(http, endpoint)


def _major(about: object) -> int | None:
    """The first number of `server_version_info`; Odoo's own hosting writes `saas~18`."""
    info = about.get("server_version_info") if isinstance(about, dict) else None
    first = info[0] if isinstance(info, list) and info else None
    digits = str(first).removeprefix("saas~")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else None
