"""`wpb serve`: open a model in a browser."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wpb.kernel.problems import UsageProblem

if TYPE_CHECKING:
    from wpb.store.database import Database


@click.command("serve", short_help="Open the model in a browser.")
@click.argument("model", type=click.Path(path_type=Path, exists=True), required=False)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8123,
    show_default=True,
    help="Port to listen on.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; beyond this machine, reading needs a sign-in too.",
)
@click.option(
    "--store",
    help=(
        "Where to keep versions and the trail: a SQLite file or a database URL; by default a file"
        " of your own for this model."
    ),
)
@click.option(
    "--name",
    "host_names",
    multiple=True,
    help="A host name people reach it by; repeat it for more.",
)
@click.option(
    "--openid-issuer",
    envvar="WPB_OPENID_ISSUER",
    help="Address of an OpenID Connect provider to sign in with.",
)
@click.option(
    "--openid-client",
    envvar="WPB_OPENID_CLIENT",
    help=(
        "The name under which the provider knows this app; its secret is read from"
        " WPB_OPENID_SECRET."
    ),
)
@click.option(
    "--https", "secure", is_flag=True, help="Say that people reach it by https, through a proxy."
)
@click.option(
    "--address",
    "outside",
    help="Where people reach it, such as https://budget.example.org; for links and redirects.",
)
def serve_command(
    model: Path | None,
    port: int,
    host: str,
    store: str | None,
    host_names: tuple[str, ...],
    openid_issuer: str | None,
    openid_client: str | None,
    secure: bool,
    outside: str | None,
) -> None:
    """Open MODEL in a browser, with a link that signs you in once.

    The model's files are frozen as a version when they are new; nothing is written into its folder.
    """
    _check_given(model, store, openid_issuer, openid_client)
    import uvicorn

    from wpb.store.database import Database
    from wpb.web.app import Desk, create_app
    from wpb.web.doors import LOOPBACK, outside_address, reading_without_sign_in
    from wpb.web.opening import open_model, way_in

    url = store or str(_own_store(model or Path()))
    address, outside_name = outside_address(host, port, host_names, secure, outside or "")
    secure = secure or address.startswith("https://")
    names = (*host_names, *([outside_name] if outside_name else []))
    reading = reading_without_sign_in(
        host, host_names, secure, bool(openid_issuer or openid_client), url, outside or ""
    )
    database = Database(url if "://" in url else f"sqlite:///{Path(url).absolute()}")
    click.echo(database.upgraded, nl=bool(database.upgraded))
    title = open_model(database, model) if model else ""
    local = host in LOOPBACK
    desk = Desk(
        database,
        name=title or "Whole population budget",
        open_to_read=reading.is_open,
        hosts=(*LOOPBACK, "[::1]", *names) if local or names else (),
        secure=secure,
        address=address,
    )
    if openid_issuer and openid_client:
        from wpb.web.openid import OpenID

        desk.openid = OpenID(
            openid_issuer, openid_client, os.environ.get("WPB_OPENID_SECRET", ""), address
        )
    click.echo(f"{desk.name}: {address}/")
    click.echo(f"Store: {url}")
    click.echo(reading.words)
    if local and not (names or secure or outside or openid_issuer or openid_client):
        # Whoever starts the app for this machine alone holds its store, and gets in by a link that
        # only this terminal shows, even where a shared database keeps reading closed.
        click.echo(f"Sign in, once, within an hour: {address}/sign-in/link/{way_in(database)}")
    else:
        click.echo(_first_sign_in(database, url))
    click.echo("Stop with Ctrl+C.")
    uvicorn.run(
        create_app(desk),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=secure,
        timeout_keep_alive=60,
        h11_max_incomplete_event_size=64 * 1024,
    )


def _check_given(
    model: Path | None, store: str | None, openid_issuer: str | None, openid_client: str | None
) -> None:
    """Refuse half of what a provider needs, and nothing to open. Raises UsageProblem."""
    if bool(openid_issuer) != bool(openid_client):
        raise UsageProblem(
            "Give --openid-issuer and --openid-client both: the provider's address, and the name"
            " under which it knows this app."
        )
    if model is None and store is None:
        raise UsageProblem(
            "Name a model, as in `wpb serve examples/midshire`, or a store with --store."
        )


def _first_sign_in(database: Database, url: str) -> str:
    """Say how the first administrator of a store comes in, or how many people can sign in."""
    from wpb.store.people import all_people

    with database.reading() as connection:
        found = all_people(connection)
    if any(person.administrator for person in found):
        return f"Sign in: {len(found)} people are entered."
    return (
        "Nobody can sign in yet. Enter the first administrator with"
        f" `wpb administrator EMAIL --name NAME --organisation CODE --store {url}`."
    )


def _own_store(model: Path) -> Path:
    """Give the store of a model on this machine: among the user's own data, by the model's
    place.
    """
    home = Path(os.environ.get("XDG_DATA_HOME") or (Path.home() / ".local" / "share")) / "wpb"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = str(model.resolve())
    return home / f"{model.resolve().stem}-{hashlib.sha256(place.encode()).hexdigest()[:8]}.db"


@click.command("administrator", short_help="Enter the first administrator of a store.")
@click.argument("email")
@click.option("--name", required=True, help="The person's name.")
@click.option("--organisation", required=True, help="The code of the organisation they act for.")
@click.option("--store", required=True, help="The store: a SQLite file, or the URL of a database.")
@click.option(
    "--address",
    "outside",
    default="",
    help="Where people reach the app; the link is printed with it.",
)
def administrator_command(
    email: str, name: str, organisation: str, store: str, outside: str
) -> None:
    """Enter EMAIL as an administrator of a store, and print a link that signs them in once.

    A password is read from WPB_ADMIN_PASSWORD where that is set. Both stand in the trail. An
    administrator who is there already gets a new link.
    """
    from wpb.store.database import Database
    from wpb.store.refusals import Conflict
    from wpb.web.opening import enter_administrator

    database = Database(store if "://" in store else f"sqlite:///{Path(store).absolute()}")
    try:
        token = enter_administrator(
            database, email, name, organisation, os.environ.get("WPB_ADMIN_PASSWORD", "")
        )
    except Conflict as fault:
        raise UsageProblem(str(fault)) from None
    click.echo(f"{email} is an administrator, for {organisation}.")
    click.echo(f"Sign in, once, within an hour: {outside.rstrip('/')}/sign-in/link/{token}")
