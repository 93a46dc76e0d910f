"""Puts the app together: the store, the budgets in use, every route, and the headers that each
answer carries.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import wpb
from wpb.governance.visibility import EVERYTHING, sight_of
from wpb.present.report import TEMPLATES as REPORT
from wpb.store.agreements import Version
from wpb.store.database import Database
from wpb.store.events import Entered, live_hash
from wpb.store.refusals import Absent
from wpb.web import (
    agreeing,
    bringing,
    completing,
    explaining,
    happening,
    openid,
    peopling,
    reading,
    shadowing,
    signing_in,
    trying,
)
from wpb.web.answers import HEADERS, problem_answer
from wpb.web.budgets import Shown
from wpb.web.doors import LOOPBACK
from wpb.web.in_use import Budgets
from wpb.web.kept_pages import KeptPages
from wpb.web.ownership import Ownership
from wpb.web.pages import PAGES
from wpb.web.places import clear_left, let_go, own_place
from wpb.web.routes import Guarded, Routes
from wpb.web.standing import Standing
from wpb.web.visits import Limits, visit_of
from wpb.web.working import Worker

STATIC = Path(__file__).parent / "static"
WARM_AFTER_SECONDS = 0.5
"""The first visitor comes first."""


@dataclass
class Desk:
    """What the app works with: its store, the budgets in use, and how it was opened."""

    database: Database
    name: str = "Whole population budget"
    open_to_read: bool = False
    """Whether someone who isn't signed in may read, as on one's own machine."""
    hosts: tuple[str, ...] = ()
    """The host names it answers to; any where empty."""
    address: str = ""
    """Where people reach it, as links and redirects carry it; '' for the address that was asked."""
    secure: bool = False
    """Whether it is reached by https, so that the cookie never travels without."""
    cache: Path = field(default_factory=own_place)
    limits: Limits = field(default_factory=Limits)
    agreeing: bool = True
    openid: openid.OpenID | None = None
    """The sign-in provider, where one is set up."""
    more_pages: tuple[tuple[str, str, str, str], ...] = (
        ("see", "results", "/tables", "All results"),
        ("see", "try", "/try", "Try a change"),
        ("see", "scenarios", "/scenarios", "Scenarios"),
        ("save", "upload", "/uploads", "Bring data"),
        ("see", "runs", "/runs", "Runs"),
        ("see", "versions", "/versions", "Versions"),
        ("see", "checklists", "/checklists", "Checklists"),
        ("see_trail", "trail", "/trail", "Audit trail"),
        ("administer", "people", "/people", "People"),
    )
    """Pages beside those of the budget: the right, the name, the address and the words of each."""

    def __post_init__(self) -> None:
        """Hold that an app others can reach is never open to readers who haven't signed in.

        Raises ValueError.
        """
        strange = [name for name in self.hosts if name.strip("[]") not in (*LOOPBACK, "testserver")]
        if self.open_to_read and (self.secure or self.openid is not None or strange):
            raise ValueError("an app that others reach can't be open to read without sign-in")

    @cached_property
    def budgets(self) -> Budgets:
        """The budgets in use."""
        return Budgets(self.database, self.cache)

    @cached_property
    def pages(self) -> KeptPages:
        """The figures of pages, drawn once."""
        return KeptPages(self.database)

    @cached_property
    def ownership(self) -> Ownership:
        """Whose contracts are whose."""
        return Ownership(self)

    @cached_property
    def standing(self) -> Standing:
        """How versions and consents stand."""
        return Standing(self.database)

    def inputs_of(self, version: Version) -> str:
        """Give the hash of all that a version's figures are made from."""
        return live_hash(version.folder, self.events_of(version))

    def events_of(self, version: Version) -> tuple[Entered, ...]:
        """Give the events entered on a version."""
        return self.standing.now().events.get(version.number, ())

    def shown(self, version: Version, patience: float | None = None) -> Shown:
        """Give the budget of a version with its events; with patience, wait only so many seconds
        for it.

        Raises InputProblems where its inputs stop a run; StillWorking where patience ran out.
        """
        return self.budgets.live(version.folder, self.events_of(version), patience)


class Doorway:
    """Lets in only requests for the app's own host, and puts the safety headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...], secure: bool):
        self.app, self.hosts, self.secure = app, hosts, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse a host that isn't ours (a name that was pointed at this
        machine).
        """
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self.secure:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        host = next(
            (value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), ""
        )
        if self.hosts and host.rsplit(":", 1)[0] not in self.hosts and host not in self.hosts:
            await JSONResponse(
                {
                    "problems": [
                        {
                            "severity": "error",
                            "what": "The app does not answer to this name.",
                            "fix": "Use the address that wpb serve printed.",
                        }
                    ]
                },
                421,
            )(scope, receive, with_headers)
            return
        await self.app(scope, receive, with_headers)


def create_app(desk: Desk) -> FastAPI:
    """Make the app on a desk."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        warming = threading.Timer(WARM_AFTER_SECONDS, warm, (desk,))
        warming.daemon = True
        warming.start()
        clear_left()
        worker = Worker(desk.database, desk.database.url, desk.cache)
        worker.start()
        yield
        warming.cancel()
        worker.stop()
        desk.pages.close()
        desk.database.close()
        let_go(desk.cache)

    app = FastAPI(
        title="wpb",
        version=wpb.__version__,
        summary="Whole population budgets: read, question, try, agree and sign.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.desk = desk
    routes = Routes(app)
    for part in (
        openid,
        signing_in,
        reading,
        explaining,
        trying,
        bringing,
        shadowing,
        agreeing,
        completing,
        happening,
        peopling,
    ):
        part.register(routes)
    _static(app)
    app.state.guarded = routes.guarded
    app.add_middleware(Doorway, hosts=desk.hosts, secure=desk.secure)

    @app.exception_handler(404)
    async def absent(request: Request, fault: Exception) -> Response:
        return await run_in_threadpool(
            lambda: problem_answer(visit_of(desk, request), Absent("There is nothing here."))
        )

    return app


def warm(desk: Desk) -> None:
    """Work the version in use out before anyone asks for it, and draw those of its pages that
    nobody has drawn yet.
    """
    with contextlib.suppress(Exception):  # whoever opens it is told what is wrong
        held = desk.standing.now().versions
        if held:
            version = next((each for each in held if each.standing == "agreed"), held[0])
            desk.shown(version)
            stand = desk.standing.now()
            alone = sight_of(
                "read_only", "", stand.consents, desk.ownership.now(), stand.organisations
            )
            for each in PAGES:
                reading.page_figures(desk, each, version, EVERYTHING)
                if desk.open_to_read:
                    reading.page_figures(desk, each, version, alone)


def _static(app: FastAPI) -> None:
    style = (REPORT / "report.css").read_text(encoding="utf-8") + (STATIC / "app.css").read_text(
        encoding="utf-8"
    )
    script = (STATIC / "app.js").read_text(encoding="utf-8")

    def serve(text: str, kind: str) -> Response:
        return Response(text, media_type=kind, headers={"Cache-Control": "public, max-age=300"})

    @app.get("/static/app.css", include_in_schema=False)
    async def css() -> Response:
        return serve(style, "text/css")

    @app.get("/static/app.js", include_in_schema=False)
    async def js() -> Response:
        return serve(script, "text/javascript")


def guarded_routes(app: FastAPI) -> list[Guarded]:
    """List every route with the right that it needs."""
    return list(app.state.guarded)
