"""Hospital contracts: two trusts on aligned payment and an independent hospital paid by
activity.
"""

from __future__ import annotations

from dataclasses import dataclass

from midshire.chance import as_pounds, share_out, vary
from midshire.hospital import (
    LOCAL_PRICES,
    OTHER_HOSPITAL,
    POINTS,
    PRIVATE_SHARES,
    SPECIALTIES,
    setting_line,
)
from midshire.place import CLEARWELL, EASTVALE, NORTH, ROYAL, SOUTH, GpList, people_of
from midshire.rows import Rows

SPEND_YEAR = "2026-27"

ALIGNED = {
    # contract: provider, commissioner, share of the commissioner's activity, what the fixed part is
    # to priced activity
    "MRH-N": (ROYAL, NORTH, 0.735, 1.0415),
    "MRH-S": (ROYAL, SOUTH, 0.238, 1.0235),
    "EGH-N": (EASTVALE, NORTH, 0.212, 1.0550),
    "EGH-S": (EASTVALE, SOUTH, 0.716, 1.0690),
}
PRIVATE = {"CLW-N": NORTH, "CLW-S": SOUTH}
ONLY_ROYAL = {"ONCOL-EL"}
"""Service lines that the smaller trust doesn't run."""


@dataclass(frozen=True)
class PricedLine:
    """One kind of hospital activity: where it belongs, its price in pence, rate per thousand and
    lean.
    """

    service_line: str
    point: str
    currency: str
    per_thousand: float
    price_pence: int
    part: str
    leans: tuple[float, float, float]
    specialty: str


def priced_lines() -> tuple[PricedLine, ...]:
    """List every kind of hospital activity with its price to the penny."""
    lines = []
    for specialty in SPECIALTIES:
        for point in sorted(specialty.units_and_price, key=list(POINTS).index):
            rate, price = specialty.units_and_price[point]
            pence = round(100 * price * vary(f"price/{specialty.code}/{point}", 0.02))
            leans = (
                (specialty.leans[0] + 1.1, *specialty.leans[1:])
                if point.endswith("65")
                else specialty.leans
            )
            lines.append(
                PricedLine(
                    setting_line(specialty.code, point),
                    point,
                    specialty.currency,
                    rate,
                    pence,
                    POINTS[point][2],
                    leans,
                    specialty.code,
                )
            )
    for service, _, point, currency, rate, price, part, leans in OTHER_HOSPITAL:
        lines.append(
            PricedLine(
                service,
                point,
                currency,
                rate,
                round(100 * price * vary(f"price/{point}", 0.02)),
                part,
                leans,
                service,
            )
        )
    return tuple(lines)


def acute_rows(lists: tuple[GpList, ...]) -> Rows:
    """Write prices, contracts, priced activity and activity by list of the hospitals."""
    rows = Rows()
    kinds = priced_lines()
    for kind in kinds:
        rows.add(
            "prices",
            activity_currency=kind.currency,
            point_of_delivery=kind.point,
            price_year=SPEND_YEAR,
            unit_price=as_pounds(kind.price_pence),
            price_kind="local" if kind.currency in LOCAL_PRICES else "national",
        )
    for contract, (provider, commissioner, share, fixed_to_priced) in ALIGNED.items():
        _aligned_contract(
            rows, lists, kinds, contract, provider, commissioner, share, fixed_to_priced
        )
    for contract, commissioner in PRIVATE.items():
        _private_contract(rows, lists, kinds, contract, commissioner)
    return rows


def _aligned_contract(
    rows: Rows,
    lists: tuple[GpList, ...],
    kinds: tuple[PricedLine, ...],
    contract: str,
    provider: str,
    commissioner: str,
    share: float,
    fixed_to_priced: float,
) -> None:
    priced = {"fixed": 0, "variable": 0}
    for kind in kinds:
        if provider == EASTVALE and kind.service_line in ONLY_ROYAL:
            continue
        units = round(
            people_of(lists, commissioner)
            / 1000
            * kind.per_thousand
            * share
            * vary(f"{contract}/{kind.service_line}/{kind.point}", 0.16)
        )
        if units:
            priced[kind.part] += units * kind.price_pence
            _activity(rows, lists, kind, contract, commissioner, units, kind.part)
    fixed = round(priced["fixed"] * fixed_to_priced / 100_000) * 100_000
    name = "Midshire Royal Hospitals" if provider == ROYAL else "Eastvale General Hospital"
    side = "North" if commissioner == NORTH else "South"
    rows.add(
        "contracts",
        contract=contract,
        title=f"{name}, {side} Midshire: aligned payment",
        commissioner=commissioner,
        provider=provider,
        payment_basis="aligned",
        funding_stream="core",
        value=as_pounds(fixed + priced["variable"]),
        fixed_value=as_pounds(fixed),
        effective_year=SPEND_YEAR,
        price_base_year=SPEND_YEAR,
        currency="GBP",
        population_method="activity_by_list",
    )


def _private_contract(
    rows: Rows,
    lists: tuple[GpList, ...],
    kinds: tuple[PricedLine, ...],
    contract: str,
    commissioner: str,
) -> None:
    value = 0
    for kind in kinds:
        share = PRIVATE_SHARES.get(kind.specialty, {}).get(kind.point, 0.0)
        units = round(
            people_of(lists, commissioner)
            / 1000
            * kind.per_thousand
            * share
            * vary(f"{contract}/{kind.service_line}/{kind.point}", 0.25)
        )
        if units:
            value += units * kind.price_pence
            _activity(rows, lists, kind, contract, commissioner, units, "variable")
    side = "North" if commissioner == NORTH else "South"
    rows.add(
        "contracts",
        contract=contract,
        title=f"Clearwell Independent Hospital, {side} Midshire: paid by activity",
        commissioner=commissioner,
        provider=CLEARWELL,
        payment_basis="activity",
        funding_stream="core",
        value=as_pounds(value),
        effective_year=SPEND_YEAR,
        price_base_year=SPEND_YEAR,
        currency="GBP",
        population_method="activity_by_list",
    )


def _activity(
    rows: Rows,
    lists: tuple[GpList, ...],
    kind: PricedLine,
    contract: str,
    commissioner: str,
    units: int,
    part: str,
) -> None:
    rows.add(
        "priced_activity",
        contract=contract,
        service_line=kind.service_line,
        point_of_delivery=kind.point,
        activity_currency=kind.currency,
        payment_part=part,
        units=units,
    )
    weights = {
        each.code: (
            each.leaning(*kind.leans)
            * vary(f"{contract}/{kind.service_line}/{kind.point}/{each.code}", 0.22)
            * vary(f"{contract}/{each.neighbourhood}", 0.15)
        )
        for each in lists
        if each.commissioner == commissioner
    }
    for list_code, counted in share_out(units, weights).items():
        if counted:
            rows.add(
                "activity_by_list",
                contract=contract,
                service_line=kind.service_line,
                activity_type=kind.point,
                list_code=list_code,
                units=counted,
            )
