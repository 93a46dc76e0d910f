"""`wpb serve`: open a model in a browser."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import click

from wpb.kernel.problems import UsageProblem

LOOPBACK = ("127.0.0.1", "localhost", "::1")


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
def serve_command(
    model: Path | None,
    port: int,
    host: str,
    store: str | None,
    host_names: tuple[str, ...],
    openid_issuer: str | None,
    openid_client: str | None,
    secure: bool,
) -> None:
    """Open MODEL in a browser, with a link that signs you in once.

    The model's files are frozen as a version when they are new; nothing is written into its folder.
    """
    if model is None and store is None:
        raise UsageProblem(
            "Name a model, as in `wpb serve examples/midshire`, or a store with --store."
        )
    import uvicorn

    from wpb.store.database import Database
    from wpb.web.app import Desk, create_app
    from wpb.web.opening import open_model, way_in

    url = store or str(_own_store(model or Path()))
    database = Database(url if "://" in url else f"sqlite:///{Path(url).absolute()}")
    local = host in LOOPBACK
    title = open_model(database, model) if model else ""
    desk = Desk(
        database,
        name=title or "Whole population budget",
        open_to_read=local and (store is None or "://" not in store),
        hosts=(*LOOPBACK, "[::1]", *host_names) if local or host_names else (),
        secure=secure,
    )
    address = f"{'https' if secure else 'http'}://{host_names[0] if host_names else host if ':' not in host else f'[{host}]'}:{port}"
    if openid_issuer and openid_client:
        from wpb.web.openid import OpenID

        desk.openid = OpenID(
            openid_issuer, openid_client, os.environ.get("WPB_OPENID_SECRET", ""), address
        )
    click.echo(f"{desk.name}: {address}/")
    click.echo(f"Store: {url}")
    if local:
        click.echo(f"Sign in, once, within an hour: {address}/sign-in/link/{way_in(database)}")
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


def _own_store(model: Path) -> Path:
    """Give the store of a model on this machine: among the user's own data, by the model's place."""
    home = Path(os.environ.get("XDG_DATA_HOME") or (Path.home() / ".local" / "share")) / "wpb"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    place = str(model.resolve())
    return home / f"{model.resolve().stem}-{hashlib.sha256(place.encode()).hexdigest()[:8]}.db"
