"""The command line: `glint COMMAND`; `glint --help` lists the commands."""

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.application.ports.setup import Scope
from app.application.ports.users import UserRole

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Glint: General Ledger integration.")

secrets = typer.Typer(no_args_is_help=True, help="The keys that seal the credentials of ERPs.")
app.add_typer(secrets, name="secrets")
users = typer.Typer(no_args_is_help=True, help="People who use the screens.")
app.add_typer(users, name="users")

TenantOption = Annotated[str | None, typer.Option("--tenant", help="name or id of the tenant; needed where there are several")]
UserName = Annotated[str, typer.Argument(help="the user's name, which the audit log shows")]

Host = Annotated[str, typer.Option(help="address to listen on")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="port to listen on")]


@app.command()
def serve(host: Host = "127.0.0.1", port: Port = 8080, worker: Annotated[bool, typer.Option(help="run a worker too")] = True) -> None:
    """Runs the API and a worker in one process, on the embedded PostgreSQL where GLINT_DATABASE_URL is not set."""
    from app.serve import run_server

    run_server(host, port, with_worker=worker)


@app.command()
def worker() -> None:
    """Runs a further worker against the same database."""
    from app.serve import run_worker

    run_worker()


@app.command()
def demo(once: Annotated[bool, typer.Option("--once", help="exit when it is through")] = False) -> None:
    """Plays a purchase and a club's day, and compares our trial balance with the reference ERP's."""
    from app.config import read_settings
    from app.demo import run

    raise typer.Exit(run(once=once, data_dir=read_settings().data_dir))


@app.command("reference-erp")
def reference_erp(
    host: Host = "127.0.0.1",
    port: Port = 8090,
    database: Annotated[Path, typer.Option(help="its own SQLite file")] = Path("reference-erp.db"),
    token: Annotated[str | None, typer.Option(help="the bearer token that it asks for")] = None,
    signing_secret: Annotated[str | None, typer.Option(help="whsec_…: journals must be signed with it")] = None,
) -> None:
    """Runs the reference ERP: a small General Ledger behind the `json` adapter's wire format."""
    from app.reference_erp.server import run

    run(host, port, database, token, signing_secret)


@app.command()
def openapi() -> None:
    """Prints openapi.yaml."""
    from app.api.openapi import render

    sys.stdout.write(render())


@app.command()
def migrate() -> None:
    """Brings the database to the newest schema, and does nothing else."""
    from app.bootstrap import migrate_only
    from app.config import read_settings

    asyncio.run(migrate_only(read_settings()))


@app.command()
def verify(
    tenant: Annotated[str | None, typer.Option(help="name or id of a tenant; all of them without it")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON")] = False,
) -> None:
    """Replays the event log from nothing and compares it with all that is stored; 0 equal, 1 differences, 2 could not run."""
    from app.audit import run_verify

    raise typer.Exit(run_verify(tenant, as_json=as_json))


@app.command()
def reconcile(
    endpoint: Annotated[str, typer.Argument(help="name of the ERP endpoint")],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="up to this posting date; today without it")] = None,
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="from this one; else the endpoint's start")] = None,
    tenant: Annotated[str | None, typer.Option(help="name or id of the tenant; needed where there are several")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="the report as JSON")] = False,
) -> None:
    """Compares what was delivered with what the ERP's ledger holds; 0 equal, 1 differences, 2 could not run."""
    from app.reconcile_cli import run_reconcile

    days = [None if each is None else each.date() for each in (since, as_of)]
    raise typer.Exit(run_reconcile(endpoint, tenant, since=days[0], as_of=days[1], as_json=as_json))


@app.command()
def adapters(as_json: Annotated[bool, typer.Option("--json", help="the list as JSON")] = False) -> None:
    """Lists the ERPs that endpoints can be of, with what each can do; those of other packages too."""
    from app.adapters_cli import run_adapters

    raise typer.Exit(run_adapters(as_json=as_json))


@app.command("new-key")
def new_key(
    tenant: Annotated[str, typer.Option(help="name or id of the tenant")],
    name: Annotated[str, typer.Option(help="what the key is called in the audit log")] = "operator",
    scope: Annotated[list[Scope] | None, typer.Option(help="once per scope; without it all of the tenant's")] = None,
) -> None:
    """Makes a key of a tenant and prints it, for one whose keys were lost; 0 made, 1 no such tenant."""
    from app.keys import run_new_key

    raise typer.Exit(run_new_key(tenant, name, scope or [each for each in Scope if each is not Scope.ADMIN]))


@secrets.command()
def rotate() -> None:
    """Seals all credentials with the newest key; 0 when all are, 1 when some no key opens, 2 could not run. Repeat what was interrupted."""
    from app.secrets_cli import run_rotate

    raise typer.Exit(run_rotate())


@secrets.command()
def status() -> None:
    """How many credentials each key seals; keys are shown by their ids."""
    from app.secrets_cli import run_status

    raise typer.Exit(run_status())


@users.command("add")
def add_user(
    name: UserName,
    role: Annotated[list[UserRole], typer.Option(help="once per role")],
    tenant: TenantOption = None,
    oidc: Annotated[str | None, typer.Option(help="what the OpenID Connect issuer calls them: then no password is asked for")] = None,
    password: Annotated[bool, typer.Option("--password", help="with --oidc: ask for a password all the same")] = False,
) -> None:
    """Adds a person who may sign in; asks for the password, or reads it from standard input where that is no terminal."""
    from app.users_cli import run_add

    raise typer.Exit(run_add(tenant, name, role, _password() if password or oidc is None else None, oidc))


@users.command("list")
def list_users(tenant: TenantOption = None) -> None:
    """A line per user: name, roles, active or disabled, and how they sign in."""
    from app.users_cli import run_list

    raise typer.Exit(run_list(tenant))


@users.command("disable")
def disable_user(name: UserName, tenant: TenantOption = None) -> None:
    """Signs a person out everywhere and lets them in no more; what they did stays in the audit log."""
    from app.users_cli import run_set_active

    raise typer.Exit(run_set_active(tenant, name, active=False))


@users.command("enable")
def enable_user(name: UserName, tenant: TenantOption = None) -> None:
    """Lets a disabled person in again."""
    from app.users_cli import run_set_active

    raise typer.Exit(run_set_active(tenant, name, active=True))


@users.command("password")
def change_password(name: UserName, tenant: TenantOption = None) -> None:
    """Changes a person's password, and signs them out everywhere."""
    from app.users_cli import run_password

    raise typer.Exit(run_password(tenant, name, _password()))


@users.command("oidc")
def change_oidc_name(
    name: UserName,
    oidc: Annotated[str, typer.Argument(help='what the OpenID Connect issuer calls them; "" for not at all')],
    tenant: TenantOption = None,
) -> None:
    """Changes whom a person signs in as at the OpenID Connect issuer, and signs them out everywhere."""
    from app.users_cli import run_oidc

    raise typer.Exit(run_oidc(tenant, name, oidc))


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")


def main() -> None:
    """The entry point of the `glint` command. Exits with 1 and one line where it cannot start as it is set up."""
    from app.config import CannotStart

    try:
        app()
    except CannotStart as error:
        sys.exit(f"glint cannot start: {error}")


if __name__ == "__main__":
    main()
