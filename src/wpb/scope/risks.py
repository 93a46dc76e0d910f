"""Who bears each risk, and whether every mechanism of the contract leaves it there.

Source: handbook 1.1.2, 3.3.3, 4.4, 6.2, 6.3.2; overview 3.2.
"""

from __future__ import annotations

from wpb.kernel.problems import ProblemLog
from wpb.tables.findings import Finding, judged, not_checked, passed, warned
from wpb.tables.model import Model
from wpb.tables.records import Section, SectionColumn
from wpb.tables.scope_records import MECHANISM_SETTINGS

HANDBOOK_BEARERS = {
    "population_size": "commissioner",
    "population_need": "commissioner",
    "utilisation": "provider",
    "volatility": "provider",
    "efficiency": "provider",
    "quality": "provider",
}
"""Handbook 1.1.2 and overview 3.2."""

EFFECTS: dict[tuple[str, str], dict[str, str]] = {
    ("population_update", "registered_weighted"): {
        "population_size": "commissioner",
        "population_need": "commissioner",
    },
    ("population_update", "registered_headcount"): {
        "population_size": "commissioner",
        "population_need": "provider",
    },
    ("population_update", "none"): {"population_size": "provider", "population_need": "provider"},
    ("gain_loss_sharing", "none"): {},
    ("gain_loss_sharing", "fixed_price_activity"): {
        "utilisation": "shared",
        "volatility": "shared",
    },
    ("gain_loss_sharing", "spend"): {
        "utilisation": "shared",
        "volatility": "shared",
        "efficiency": "shared",
    },
    ("gain_loss_sharing", "population_size"): {"population_size": "shared"},
    ("inflation_update", "published_index"): {"efficiency": "provider"},
    ("inflation_update", "provider_actual_cost"): {"efficiency": "commissioner"},
    ("inflation_update", "none"): {"efficiency": "provider"},
    ("activity_paid_elements", "none"): {},
    ("activity_paid_elements", "public_health_only"): {},
    ("activity_paid_elements", "wide"): {
        "utilisation": "commissioner",
        "volatility": "commissioner",
    },
    ("outcome_payment", "none"): {},
    ("outcome_payment", "paid_on_outcomes"): {"quality": "provider"},
}
"""Where each setting of a mechanism leaves the risks it touches. Handbook 4.4 (population update),
6.2 and 6.3.2 (sharing at fixed prices moves utilisation and no other risk), 3.3.3 (growth only for
what a provider cannot control).
"""


def bearers(model: Model) -> dict[str, str]:
    """Who bears each risk: as the risk register says, and as the handbook has it where the register
    is silent.

    Source: handbook 1.1.2; overview 3.2; req 8, 9.
    """
    register = model["risk_bearers"]
    return HANDBOOK_BEARERS | dict(zip(register.text("risk"), register.text("bearer"), strict=True))


def check_register(model: Model) -> list[Finding]:
    """Warn where the register gives a risk to another than the handbook does, and where it leaves
    one out.

    Source: handbook 1.1.2; overview 3.2; req 8, 9.
    """
    register = model["risk_bearers"]
    if not len(register):
        return [
            not_checked(
                "risk_bearer",
                "risks",
                "Fill in risk_bearers; until then each risk is taken to lie where the handbook"
                " puts it.",
            )
        ]
    found = []
    for risk, usual in HANDBOOK_BEARERS.items():
        rows = register.rows_where("risk", risk)
        if not rows:
            found.append(
                warned(
                    "risk_missing",
                    risk,
                    f"The risk register leaves out {risk.replace('_', ' ')}; the handbook gives it"
                    f" to the {usual}.",
                    "Add it to risk_bearers.",
                    register.where(0, "risk"),
                )
            )
            continue
        bearer = str(register.columns["bearer"][rows[0]])
        evidence = (
            f"{risk.replace('_', ' ').capitalize()} lies with {_whom(bearer)}; the handbook gives"
            f" it to the {usual}."
        )
        found.append(
            judged(
                "risk_bearer",
                risk,
                bearer == usual,
                evidence,
                "See that whoever bears it can influence it, and that the budget pays for it.",
                register.where(rows[0], "bearer"),
            )
        )
    return found


def _whom(bearer: str) -> str:
    return "both, shared" if bearer == "shared" else f"the {bearer}"


def check_settings(model: Model, problems: ProblemLog) -> None:
    """Refuse a setting that belongs to another mechanism.

    Source: handbook 1.1.2; req 10.
    """
    table = model["mechanisms"]
    for row, (mechanism, setting) in enumerate(
        zip(table.text("mechanism"), table.text("setting"), strict=True)
    ):
        if setting not in MECHANISM_SETTINGS[mechanism]:
            problems.error(
                table.where(row, "setting"),
                f"'{setting}' is not a setting of {mechanism}.",
                f"Enter {', '.join(MECHANISM_SETTINGS[mechanism])}.",
                "mechanism_setting",
            )


def check_mechanisms(model: Model) -> list[Finding]:
    """Check that every mechanism chosen leaves each risk with its bearer.

    Source: handbook 1.1.2, 3.3.3, 4.4, 6.2; req 10.
    """
    table, held = model["mechanisms"], bearers(model)
    if not len(table):
        return [
            not_checked(
                "risk_mechanism",
                "mechanisms",
                "Fill in mechanisms with how the contract updates, shares and pays.",
            )
        ]
    found = []
    for row, (mechanism, setting) in enumerate(
        zip(table.text("mechanism"), table.text("setting"), strict=True)
    ):
        moved = {
            risk: bearer
            for risk, bearer in EFFECTS.get((mechanism, setting), {}).items()
            if bearer != held[risk]
        }
        name = f"{mechanism.replace('_', ' ')} set to {setting.replace('_', ' ')}"
        if not moved:
            found.append(
                passed(
                    "risk_mechanism",
                    mechanism,
                    f"With {name} every risk stays with its bearer.",
                    table.where(row, "setting"),
                )
            )
        for risk, bearer in moved.items():
            found.append(
                warned(
                    "risk_mechanism",
                    mechanism,
                    f"With {name}, {risk.replace('_', ' ')} lies with {_whom(bearer)}, not with"
                    f" {_whom(held[risk])} as agreed.",
                    "Choose another setting, or change the risk register and say why.",
                    table.where(row, "setting"),
                )
            )
    return found


def risks_section(model: Model) -> Section:
    """List the risks, the bearer the handbook names, the bearer agreed, and why.

    Source: handbook 1.1.2; overview 3.2; req 8, 9.
    """
    register, held = model["risk_bearers"], bearers(model)
    reasons = dict(zip(register.text("risk"), register.text("reason"), strict=True))
    columns = (
        SectionColumn("risk", "Risk"),
        SectionColumn("handbook_bearer", "Bearer in the handbook"),
        SectionColumn("bearer", "Bearer here"),
        SectionColumn("reason", "Reason"),
    )
    rows = tuple(
        (risk.replace("_", " "), usual, held[risk], reasons.get(risk, "as the handbook has it"))
        for risk, usual in HANDBOOK_BEARERS.items()
    )
    return Section(
        "risk_register",
        "Who bears each risk",
        "Each risk lies with the party best placed to influence, manage and bear it.",
        columns,
        rows,
    )
