"""Block contracts: schedules, costs, activity, weights and patient groups, each contract by its own
methods.
"""

from __future__ import annotations

from dataclasses import dataclass

from midshire.acute import SPEND_YEAR
from midshire.chance import as_pounds, share_out, vary
from midshire.community import ContactKind, community_kinds, public_health_kinds
from midshire.mental import mental_kinds
from midshire.place import COMMUNITY, COUNCIL, MENTAL, NORTH, SOUTH, GpList, people_of
from midshire.rows import Rows


@dataclass(frozen=True)
class Block:
    """One block contract and the choices made for it."""

    contract: str
    title: str
    commissioner: str
    provider: str
    stream: str
    value_pence: int
    kinds: tuple[ContactKind, ...]
    population_method: str
    driver: str
    methods: tuple[tuple[str, str, str], ...]
    admin_share: float = 0.0
    stale: bool = False
    covers: str = ""
    shared: tuple[tuple[str, float], ...] = ()


_HOSPICE = (
    ContactKind(
        "HOBEDS", "Hospice bed day", "HOSPIC", 19.0, 496.0, 0.0, (1.0, 0.1, 0.0), (), "local_report"
    ),
    ContactKind(
        "HODAYS",
        "Hospice day care attendance",
        "HOSPIC",
        13.5,
        131.0,
        0.0,
        (1.0, 0.1, 0.0),
        (),
        "local_report",
    ),
    ContactKind(
        "HOHOME",
        "Hospice at home visit",
        "EOLHOM",
        33.0,
        96.0,
        0.0,
        (1.0, 0.1, 0.0),
        (),
        "local_report",
    ),
    ContactKind(
        "HOBERE",
        "Bereavement support contact",
        "HOSPIC",
        9.0,
        58.0,
        0.0,
        (1.0, 0.1, 0.0),
        (),
        "local_report",
    ),
)
_TRANSPORT = (
    ContactKind(
        "PTCARJ", "Journey by car", "PATTRA", 92.0, 29.0, 0.0, (1.0, 0.2, 0.0), (), "local_report"
    ),
    ContactKind(
        "PTAMBJ",
        "Journey by ambulance, seated",
        "PATTRA",
        44.0,
        51.0,
        0.0,
        (1.0, 0.2, 0.0),
        (),
        "local_report",
    ),
    ContactKind(
        "PTSTRE",
        "Journey by stretcher",
        "PATTRA",
        7.4,
        118.0,
        0.0,
        (1.0, 0.2, 0.0),
        (),
        "local_report",
    ),
)
_CARE_HOME_ROUNDS = (
    ContactKind(
        "CHROUN",
        "Weekly care home round",
        "OTHPRI",
        31.0,
        118.0,
        0.0,
        (1.5, 0.0, 0.0),
        (),
        "local_report",
    ),
    ContactKind(
        "CHREVI", "Care plan review", "OTHPRI", 11.0, 84.0, 0.0, (1.5, 0.0, 0.0), (), "local_report"
    ),
    ContactKind(
        "CHMEDS",
        "Medicines review in a care home",
        "OTHPRI",
        8.0,
        62.0,
        0.0,
        (1.5, 0.0, 0.0),
        (),
        "local_report",
    ),
)
_DIETETICS = (("LTCNUR", 0.6), ("CHICOM", 0.4))
FINANCE_GROUP = "Midshire finance and clinical group, 14 October 2026"


def block_contracts() -> tuple[Block, ...]:
    """List the block contracts of Midshire, each with the option at every step and why."""
    community, mental = community_kinds(), mental_kinds()
    return (
        Block(
            "MCH-N",
            "Midshire Community Health, North Midshire",
            NORTH,
            COMMUNITY,
            "core",
            2_158_400_000,
            community,
            "activity_by_list",
            "",
            (
                (
                    "non_service_split",
                    "cost_driver",
                    "Administration follows staff, and the trust reports staff by service line.",
                ),
                (
                    "step_1",
                    "schedule",
                    "The schedule was rebuilt in 2025-26 and tested against the trust's ledger.",
                ),
                (
                    "step_2",
                    "national_standard",
                    "The community data set names the service line of nine contacts in ten.",
                ),
                (
                    "step_3",
                    "relative_resource",
                    "A two-week time and motion study covered every service in May 2026.",
                ),
                (
                    "step_4",
                    "patient_identifiers",
                    "Every contact carries the practice code of the patient.",
                ),
            ),
            admin_share=0.071,
            shared=_DIETETICS,
        ),
        Block(
            "MCH-S",
            "Midshire Community Health, South Midshire",
            SOUTH,
            COMMUNITY,
            "core",
            1_651_275_000,
            community,
            "patient_groups",
            "",
            (
                (
                    "non_service_split",
                    "schedule_value",
                    "Kept for comparison; costs are used at step 1.",
                ),
                (
                    "step_1",
                    "absorbed_cost",
                    "The schedule dates from 2019 and no longer reflects what is spent.",
                ),
                (
                    "step_2",
                    "local_information",
                    "The trust's southern records use team codes that the service leads mapped.",
                ),
                (
                    "step_3",
                    "national_reference_costs",
                    "No time study covers the southern teams yet.",
                ),
                (
                    "step_4",
                    "patient_groups",
                    "Southern records carry no practice code before August 2026.",
                ),
            ),
            admin_share=0.064,
            stale=True,
            shared=_DIETETICS,
        ),
        Block(
            "MCH-C",
            "Midshire Community Health, children aged 0 to 19",
            COUNCIL,
            COMMUNITY,
            "public_health",
            724_060_000,
            public_health_kinds(),
            "activity_by_list",
            "",
            (
                (
                    "non_service_split",
                    "equal",
                    "Two services share one office and its costs equally.",
                ),
                (
                    "step_1",
                    "schedule",
                    "The council's contract prices health visiting and school nursing apart.",
                ),
                (
                    "step_2",
                    "local_information",
                    "Counts come from the provider's quarterly return.",
                ),
                (
                    "step_3",
                    "other_unit_costs",
                    "Published unit costs of the staff groups were the best to hand.",
                ),
                ("step_4", "patient_identifiers", "The return counts children by practice."),
            ),
            admin_share=0.052,
        ),
        Block(
            "MMH-N",
            "Midshire Mental Health, North Midshire",
            NORTH,
            MENTAL,
            "core",
            3_236_918_500,
            mental,
            "patient_groups",
            "",
            (
                (
                    "non_service_split",
                    "schedule_value",
                    "Staff by service line was not agreed in time, so schedule values were used.",
                ),
                ("step_1", "schedule", "Reviewed line by line with the trust in September 2026."),
                (
                    "step_2",
                    "national_standard",
                    "Clusters and the mental health data set cover all of it since April 2026.",
                ),
                (
                    "step_3",
                    "benchmark_weighted",
                    "Four comparable trusts share unit costs; larger ones are steadier.",
                ),
                (
                    "step_4",
                    "patient_groups",
                    "Clusters point to condition registers; identifiers were not released.",
                ),
            ),
            admin_share=0.058,
        ),
        Block(
            "MMH-S",
            "Midshire Mental Health, South Midshire",
            SOUTH,
            MENTAL,
            "core",
            2_460_330_000,
            mental,
            "weighted_carve_out",
            "mental_health",
            (
                (
                    "non_service_split",
                    "schedule_value",
                    "Kept for comparison; costs are used at step 1.",
                ),
                (
                    "step_1",
                    "direct_cost",
                    "The schedule is stale, and overheads are not split for southern teams.",
                ),
                (
                    "step_2",
                    "local_information",
                    "Some southern teams report only on the trust's own system.",
                ),
                (
                    "step_3",
                    "benchmark_unweighted",
                    "Four comparable trusts, each counted once, as the southern teams are small.",
                ),
            ),
            admin_share=0.060,
            stale=True,
            covers="commissioner",
        ),
        Block(
            "HOS-N",
            "St Hilda's Hospice, North Midshire",
            NORTH,
            "HOSP",
            "core",
            234_500_000,
            _HOSPICE,
            "condition_carve_out",
            "palliative",
            (
                (
                    "step_1",
                    "undivided",
                    "The hospice holds one budget and could not split it by service.",
                ),
                ("step_2", "local_information", "Counts come from the hospice's own return."),
                ("step_3", "simple_average", "No unit costs exist; the sum is small."),
            ),
            covers="commissioner",
        ),
        Block(
            "PTS-S",
            "Patient transport, South Midshire",
            SOUTH,
            "PTSCO",
            "core",
            161_300_000,
            _TRANSPORT,
            "population_carve_out",
            "",
            (
                ("step_1", "undivided", "One sum for all journeys."),
                ("step_2", "local_information", "Journeys are counted by the operator."),
                ("step_3", "simple_average", "Out of scope, so no more effort was spent."),
            ),
            covers="commissioner",
        ),
        Block(
            "FED-N",
            "Care home rounds, North Midshire",
            NORTH,
            "GPFED",
            "core",
            96_250_000,
            _CARE_HOME_ROUNDS,
            "whole_contract",
            "",
            (
                ("step_1", "schedule", "The schedule has one line."),
                ("step_2", "local_information", "Rounds are counted by the federation."),
                ("step_3", "other_unit_costs", "Staff time at published unit costs."),
            ),
        ),
    )


def block_rows(lists: tuple[GpList, ...]) -> Rows:
    """Write the block contracts with everything their four steps need."""
    rows = Rows()
    for block in block_contracts():
        _contract(rows, block)
        units = {kind.code: _units(block, kind, lists) for kind in block.kinds}
        modelled = _modelled_cost(block, units)
        _schedule(rows, block, modelled)
        _costs_and_staff(rows, block, modelled)
        for kind in block.kinds:
            _activity(rows, block, kind, units[kind.code], lists)
    _unit_costs(rows)
    return rows


def _contract(rows: Rows, block: Block) -> None:
    rows.add(
        "contracts",
        contract=block.contract,
        title=f"{block.title}: block contract",
        commissioner=block.commissioner,
        provider=block.provider,
        payment_basis="block",
        funding_stream=block.stream,
        value=as_pounds(block.value_pence),
        effective_year=SPEND_YEAR,
        price_base_year=SPEND_YEAR,
        currency="GBP",
        population_method=block.population_method,
        carve_out_driver=block.driver,
        carve_out_covers=block.covers,
    )
    for step, option, reason in block.methods:
        rows.add(
            "contract_methods",
            contract=block.contract,
            step=step,
            option=option,
            reason=reason,
            agreed_by=FINANCE_GROUP,
        )


def _units(block: Block, kind: ContactKind, lists: tuple[GpList, ...]) -> int:
    people = (
        sum(each.people for each in lists if each.commissioner)
        if block.commissioner == COUNCIL
        else people_of(lists, block.commissioner)
    )
    units = round(people / 1000 * kind.per_thousand * vary(f"{block.contract}/{kind.code}", 0.18))
    return 5 * round(units / 5) if not kind.service_line else units


def _modelled_cost(block: Block, units: dict[str, int]) -> dict[str, float]:
    """Cost by service line at national unit costs: only its proportions matter."""
    cost: dict[str, float] = {}
    for kind in block.kinds:
        for line, share in ((kind.service_line, 1.0),) if kind.service_line else block.shared:
            cost[line] = cost.get(line, 0.0) + units[kind.code] * kind.unit_cost * share
    return cost


def _schedule(rows: Rows, block: Block, modelled: dict[str, float]) -> None:
    if {step: option for step, option, _ in block.methods}.get("step_1") == "undivided":
        return
    spread = 0.42 if block.stale else 0.06
    admin = round(block.value_pence * block.admin_share / 100_000) * 100_000
    weights = {
        line: cost * vary(f"{block.contract}/schedule/{line}", spread)
        for line, cost in modelled.items()
    }
    parts = share_out((block.value_pence - admin) // 100, weights)
    for line, value in parts.items():
        rows.add(
            "schedule_lines",
            contract=block.contract,
            schedule_line=f"SCH-{line}",
            line_kind="service",
            service_line=line,
            value=as_pounds(100 * value),
            reflects_actual_spend=not block.stale,
        )
    left = block.value_pence - 100 * sum(parts.values())
    if left:
        rows.add(
            "schedule_lines",
            contract=block.contract,
            schedule_line="ADMIN",
            line_kind="non_service",
            value=as_pounds(left),
            reflects_actual_spend=not block.stale,
        )


COST_SHARES = (("direct", 0.64, 0.10), ("indirect", 0.15, 0.30), ("overhead", 0.19, 0.18))
OTHER_COSTS = (("education_and_training", 0.021), ("research", 0.004), ("commercial", 0.007))


def _costs_and_staff(rows: Rows, block: Block, modelled: dict[str, float]) -> None:
    if block.provider not in (COMMUNITY, MENTAL):
        return
    scale = block.value_pence * 1.012 / sum(modelled.values())
    for line, cost in modelled.items():
        for kind, share, spread in COST_SHARES:
            thousands = round(
                cost * scale * share * vary(f"{block.contract}/{line}/{kind}", spread) / 100_000
            )
            rows.add(
                "provider_costs",
                contract=block.contract,
                service_line=line,
                cost_kind=kind,
                cost=as_pounds(100_000 * thousands),
            )
    for kind, share in OTHER_COSTS:
        rows.add(
            "provider_costs",
            contract=block.contract,
            cost_kind=kind,
            cost=as_pounds(round(block.value_pence * share / 100_000) * 100_000),
        )
    if any(option == "cost_driver" for _, option, _ in block.methods):
        for line, cost in modelled.items():
            staff = (
                cost * scale * 0.72 / 100 / 49_500 * vary(f"{block.contract}/staff/{line}", 0.12)
            )
            rows.add(
                "cost_drivers",
                contract=block.contract,
                service_line=line,
                driver="WTE",
                units=f"{staff:.1f}",
            )


def _activity(
    rows: Rows, block: Block, kind: ContactKind, units: int, lists: tuple[GpList, ...]
) -> None:
    shared = not kind.service_line
    source = "mhlds" if block.contract == "MMH-N" and kind.source != "mh_clusters" else kind.source
    rows.add(
        "contract_activity",
        contract=block.contract,
        activity_type=kind.code,
        name=kind.name,
        service_line=kind.service_line,
        activity_source=source,
        units=units,
    )
    for line, share in block.shared if shared else ():
        rows.add(
            "activity_mapping",
            contract=block.contract,
            activity_type=kind.code,
            service_line=line,
            share=f"{share:.2f}",
            clinician_source="Head of dietetics, September 2026",
        )
    _weight(rows, block, kind)
    if block.population_method == "activity_by_list":
        for line, share in block.shared if shared else ((kind.service_line, 1.0),):
            _by_list(rows, block, kind, line, round(units * share), lists)
    if block.population_method == "patient_groups":
        for condition, share in kind.groups:
            rows.add(
                "patient_group_mapping",
                contract=block.contract,
                activity_type=kind.code,
                condition=condition,
                share=f"{share:.2f}",
                clinician_source="Clinical leads' workshop, October 2026",
            )


def _weight(rows: Rows, block: Block, kind: ContactKind) -> None:
    option = {step: option for step, option, _ in block.methods}["step_3"]
    if option == "relative_resource":
        weight = kind.minutes / 30.0 * vary(f"{block.contract}/time/{kind.code}", 0.09)
        rows.add(
            "cost_weights",
            contract=block.contract,
            activity_type=kind.code,
            weight_source="time_and_motion",
            weight=f"{weight:.2f}",
        )
    if option == "other_unit_costs":
        rows.add(
            "cost_weights",
            contract=block.contract,
            activity_type=kind.code,
            weight_source="other_unit_costs",
            weight=f"{kind.unit_cost * vary(f'{block.contract}/other/{kind.code}', 0.08):.2f}",
        )


def _by_list(
    rows: Rows, block: Block, kind: ContactKind, line: str, units: int, lists: tuple[GpList, ...]
) -> None:
    covered = [
        each
        for each in lists
        if each.commissioner and (block.commissioner in (COUNCIL, each.commissioner))
    ]
    weights = {
        each.code: (
            each.leaning(*kind.leans) * vary(f"{block.contract}/{kind.code}/{each.code}", 0.25)
        )
        for each in covered
    }
    if block.contract == "MCH-N":
        # patients of neighbouring areas who use clinics here
        elsewhere = next(each for each in lists if each.kind == "elsewhere")
        weights[elsewhere.code] = (
            0.021 * sum(weights.values()) * vary(f"elsewhere/{kind.code}", 0.5)
        )
    for list_code, counted in share_out(units, weights).items():
        if counted:
            rows.add(
                "activity_by_list",
                contract=block.contract,
                service_line=line,
                activity_type=kind.code,
                list_code=list_code,
                units=counted,
            )


BENCHMARKS = {"BENCH-A": 1.9, "BENCH-B": 1.2, "BENCH-C": 0.8, "BENCH-D": 0.5}


def _unit_costs(rows: Rows) -> None:
    """National average costs of every kind of contact, and four comparable trusts' for mental
    health.
    """
    for kind in (*community_kinds(), *public_health_kinds(), *mental_kinds()):
        cost = kind.unit_cost * vary(f"national/{kind.code}", 0.03)
        rows.add(
            "national_unit_costs",
            activity_type=kind.code,
            category=kind.category,
            unit_cost=f"{cost:.2f}",
            collection_year="2024-25",
        )
    for kind in mental_kinds():
        for provider, size in BENCHMARKS.items():
            cost = kind.unit_cost * vary(f"{provider}/{kind.code}", 0.22)
            units = max(
                1,
                round(300 * kind.per_thousand * size * vary(f"{provider}/units/{kind.code}", 0.3)),
            )
            rows.add(
                "benchmark_costs",
                activity_type=kind.code,
                benchmark_provider=provider,
                unit_cost=f"{cost:.2f}",
                units=units,
            )
