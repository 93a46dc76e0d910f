"""The scope register: lists, service lines, streams, and whether each is in."""

from __future__ import annotations

from wpb.kernel.ledger import Axis
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Scope


def scope_register(model: Model, problems: ProblemLog) -> Scope:
    """Read the scope: the population is the lists that take part, with unregistered residents;
    services are in, out or part in.

    Source: handbook Summary, 1.1.5; req 1, 2, 3, 7, 18.
    """
    lists, services, parts, streams = (
        model[name] for name in ("gp_lists", "service_lines", "part_scope", "funding_streams")
    )
    part_scope = {
        (line, activity): bool(flag)
        for line, activity, flag in zip(
            parts.text("service_line"),
            parts.text("activity_type"),
            parts.flags("in_scope"),
            strict=True,
        )
    }
    scope = Scope(
        lists=Axis("GP list", tuple(lists.text("list_code"))),
        list_commissioner=tuple(lists.text("commissioner")),
        list_kind=tuple(lists.text("kind")),
        participation=tuple(lists.text("participation")),
        population=tuple(lists.numbers("population").tolist()),
        service_scope=_service_scope(model, problems),
        service_from=dict(
            zip(services.text("service_line"), services.text("in_scope_from"), strict=True)
        ),
        growth_category=dict(
            zip(services.text("service_line"), services.text("growth_category"), strict=True)
        ),
        part_scope=part_scope,
        funder=dict(zip(streams.text("funding_stream"), streams.text("funder"), strict=True)),
        stream_kind=dict(zip(streams.text("funding_stream"), streams.text("kind"), strict=True)),
        places=_places(model),
    )
    _check(model, scope, problems)
    return scope


def _service_scope(model: Model, problems: ProblemLog) -> dict[str, str]:
    """Whether each service line is in, out or part in; a line marked influenced is in only where
    the care model influences it.

    Source: handbook 2.4 Encompass; req 1, 47.
    """
    services, found = model["service_lines"], {}
    for row, (code, scope, influenced) in enumerate(
        zip(
            services.text("service_line"),
            services.text("scope"),
            services.flags("influenced_by_model"),
            strict=True,
        )
    ):
        if scope == "influenced" and influenced is None:
            problems.error(
                services.where(row, "influenced_by_model"),
                f"The service line '{code}' is in scope only if the care model influences it, and"
                " that is left blank.",
                "Enter true or false.",
                "influence_missing",
            )
        found[code] = ("in" if influenced else "out") if scope == "influenced" else scope
    return found


def _places(model: Model) -> dict[str, Cell]:
    lists, services, parts = model["gp_lists"], model["service_lines"], model["part_scope"]
    places = {
        f"list/{code}": lists.where(row, "participation")
        for row, code in enumerate(lists.text("list_code"))
    }
    decides = {"influenced": "influenced_by_model"}
    places |= {
        f"service/{code}": services.where(row, decides.get(scope, "scope"))
        for row, (code, scope) in enumerate(
            zip(services.text("service_line"), services.text("scope"), strict=True)
        )
    }
    for row, (line, activity) in enumerate(
        zip(parts.text("service_line"), parts.text("activity_type"), strict=True)
    ):
        places[f"part/{line}/{activity}"] = parts.where(row, "in_scope")
    return places


def _check(model: Model, scope: Scope, problems: ProblemLog) -> None:
    if not any(scope.list_in_scope(code) for code in scope.lists.codes):
        problems.error(
            model["gp_lists"].where(0, "participation"),
            "No GP list takes part, so the budget has no population.",
            "Give at least one list a participation other than none.",
        )
    if "unregistered" not in scope.list_kind:
        problems.warning(
            None,
            "There is no row for residents who are not registered with a GP.",
            "Add a row of kind unregistered to gp_lists; the budget covers them too.",
            "unregistered_residents",
        )
