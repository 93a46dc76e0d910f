"""How pages and actions are registered: each with the right it needs, checked before its body is
read.

An action without a right cannot be registered, and a form that doesn't fit is told what is wrong.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from wpb.web.answers import data, problem_answer, rows_csv
from wpb.web.visits import Refused, Visit, check_origin, visit_of

FORM_BYTES = 256 * 1024
PARAMETER = re.compile(r"\{(\w+)(?::(\w+))?\}")
UPLOAD_BYTES = 60 * 1024 * 1024
ANYONE = ""
"""The right of what everyone may open: signing in, health, the description of the interface."""

Handler = Callable[[Visit], Response]
Own = Callable[[Visit], None]


@dataclass(frozen=True)
class Guarded:
    """What a route needs: kept for the tests that try every role on every route."""

    method: str
    path: str
    right: str
    signed_in: bool


class Routes:
    """Registers reads and writes on the app."""

    def __init__(self, app: FastAPI):
        self.app = app
        self.guarded: list[Guarded] = []

    def read(
        self, path: str, right: str, title: str, kind: str = "text/html"
    ) -> Callable[[Handler], Handler]:
        """Register a page or its data twin."""

        def register(handler: Handler) -> Handler:
            async def endpoint(request: Request) -> Response:
                return await run_in_threadpool(_read, request, handler, right)

            self._add(
                "GET",
                path,
                right,
                endpoint,
                title,
                {"responses": {"200": {"description": title, "content": {kind: {}}}}},
                False,
            )
            return handler

        return register

    def twins(
        self,
        path: str,
        right: str,
        title: str,
        name: str,
        rows: Callable[[Visit], Sequence[Mapping[str, Any]]],
    ) -> None:
        """Register the data twins of a page that shows rows: {name: rows} as JSON, and the rows as
        CSV.
        """
        self.read(f"{path}.json", right, title, "application/json")(
            lambda visit: data({name: list(rows(visit))})
        )
        self.read(f"{path}.csv", right, title, "text/csv")(
            lambda visit: rows_csv(name, rows(visit))
        )

    def write(
        self,
        path: str,
        right: str,
        title: str,
        form: type[BaseModel],
        own: Own | None = None,
        files: bool = False,
        most: tuple[int, float] = (240, 60.0),
        binding: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Register an action. own: refuses whoever has the right but not for this thing; called
        before the body is read. binding: whether it binds an organisation, so that a session that
        began from a link someone else made is not enough; signing always is.
        """
        bound = binding or right == "sign"

        def register(handler: Handler) -> Handler:
            async def endpoint(request: Request) -> Response:
                return await _write(request, handler, right, form, own, files, bound, (path, *most))

            schema = form.model_json_schema()
            schema["properties"]["csrf"] = {
                "type": "string",
                "description": (
                    "The word that the session's forms carry; the header X-CSRF-Token does as well."
                ),
            }
            if files:
                schema["properties"]["file"] = {"type": "string", "format": "binary"}
            kind = "multipart/form-data" if files else "application/x-www-form-urlencoded"
            described = {
                "requestBody": {"content": {kind: {"schema": schema}}, "required": True},
                "responses": {
                    "200": {"description": "Done", "content": {"application/json": {}}},
                    "303": {"description": "Done, for a browser"},
                    "404": _WORDS,
                    "409": _WORDS,
                    "413": _WORDS,
                },
            }
            self._add("POST", path, right, endpoint, title, described, right != ANYONE)
            return handler

        return register

    def _add(
        self,
        method: str,
        path: str,
        right: str,
        endpoint: Callable[..., Any],
        title: str,
        described: dict[str, Any],
        signed_in: bool,
    ) -> None:
        names = PARAMETER.findall(path)
        described["parameters"] = [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": (
                    {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
                    if kind == "int"
                    else {"type": "string", "minLength": 1}
                ),
            }
            for name, kind in names
        ]
        if method == "GET" and right != ANYONE:
            described["responses"]["202"] = {
                "description": "The figures are being worked out: ask again in a second",
                "content": {"text/html": {}},
            }
            described["parameters"].append(
                {
                    "name": "version",
                    "in": "query",
                    "required": False,
                    "schema": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
                }
            )
        described["responses"] |= {
            "401": _WORDS,
            "403": _WORDS,
            "404": _WORDS,
            "422": _WORDS,
            "429": _WORDS,
        }
        words = path.strip("/").translate(str.maketrans("/:.", "___", "{}"))
        endpoint.__name__ = f"{method.lower()}_{words or 'home'}"
        endpoint.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(
                    "request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request
                )
            ],
            return_annotation=Response,
        )
        self.app.add_api_route(
            path,
            endpoint,
            methods=[method],
            summary=title,
            openapi_extra=described,
            response_class=Response,
            responses={},
            include_in_schema=True,
        )
        self.guarded.append(Guarded(method, path, right, signed_in))


_WORDS: dict[str, Any] = {
    "description": "What is wrong, in words",
    "content": {"application/json": {}, "text/html": {}},
}


def _read(request: Request, handler: Handler, right: str) -> Response:
    visit = visit_of(request.app.state.desk, request)
    try:
        if right != ANYONE:
            visit.need(right)
        return handler(visit)
    except Exception as fault:  # noqa: BLE001 - answered in words
        return problem_answer(visit, fault)


async def _write(
    request: Request,
    handler: Handler,
    right: str,
    form: type[BaseModel],
    own: Own | None,
    files: bool,
    bound: bool,
    most: tuple[str, int, float],
) -> Response:
    visit = await run_in_threadpool(visit_of, request.app.state.desk, request)
    try:
        await run_in_threadpool(_allowed, visit, right, own, bound, most)
        await _read_form(visit, form, files)
        return await run_in_threadpool(handler, visit)
    except Exception as fault:  # noqa: BLE001 - answered in words
        return await run_in_threadpool(problem_answer, visit, fault)


def _allowed(
    visit: Visit, right: str, own: Own | None, bound: bool, most: tuple[str, int, float]
) -> None:
    check_origin(visit.request)
    if right != ANYONE:
        visit.need(right)
        if visit.person is None and right not in ("see", "see_scope"):
            raise Refused(401, "Sign in first.")
    if bound:
        visit.need_own_sign_in()
    if own is not None:
        own(visit)
    address = visit.request.client.host if visit.request.client else ""
    visit.desk.limits.check(
        most[0], visit.person.email if visit.person else address, most[1], most[2]
    )


async def _read_form(visit: Visit, form: type[BaseModel], files: bool) -> None:
    most = UPLOAD_BYTES if files else FORM_BYTES
    length = visit.request.headers.get("content-length", "")
    if length and (not length.isdigit() or int(length) > most):
        raise Refused(413, f"That is more than {most // 1024:,} KB.")
    kind = visit.request.headers.get("content-type", "").split(";")[0]
    if not kind and length in ("", "0"):
        kind = "application/x-www-form-urlencoded"
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Refused(415, "Send a form.")
    received = 0
    receive = visit.request._receive

    async def counted() -> Any:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise Refused(413, f"That is more than {most // 1024:,} KB.")
        return message

    visit.request._receive = counted
    fields: dict[str, Any] = {}
    async with visit.request.form(
        max_files=100 if files else 0, max_fields=600, max_part_size=FORM_BYTES
    ) as sent:
        for name, value in sent.multi_items():
            if isinstance(value, str):
                fields.setdefault(name, []).append(value)
            else:
                visit.files.append((str(value.filename or "file")[:200], await value.read()))
    word = visit.request.headers.get("x-csrf-token") or (fields.pop("csrf", [""]) or [""])[0]
    fields.pop("csrf", None)
    if visit.token and word != visit.csrf:
        raise Refused(
            403, "This form is not from your session. Open the page again and send it from there."
        )
    flat = {name: values if _is_list(form, name) else values[0] for name, values in fields.items()}
    if any("\x00" in value for values in fields.values() for value in values):
        raise Refused(422, "A field holds a character that can't be kept.")
    try:
        visit.form = form.model_validate(flat).model_dump()
    except ValidationError as fault:
        words = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
            for each in fault.errors()[:20]
        )
        raise Refused(422, words) from fault


def _is_list(form: type[BaseModel], name: str) -> bool:
    field = form.model_fields.get(name)
    return field is not None and str(field.annotation).startswith("list")
