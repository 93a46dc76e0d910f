"""Cells: which contract, service line and activity type a record belongs to, and the price of one
unit of it.

Source: handbook 2.3, 2.4.3; req 38-41, 78.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal

from wpb.kernel.money import exact, pounds, whole_pence
from wpb.kernel.problems import ProblemLog
from wpb.patients.specifications import ACTIVITY, ActivityShape
from wpb.patients.way_in import SERVICE_STEP
from wpb.tables.schema import TypedTable

ChargeKey = tuple[str, str, str]
"""Contract, service line and activity type."""
SHAPES = {shape.name: shape for shape in ACTIVITY}


@dataclass(frozen=True)
class Service:
    """One row of commissioned_activity, with its number."""

    number: int
    activity_table: str
    provider: str
    point_of_delivery: str
    service_code: str
    contract: str
    service_line: str
    activity_type: str
    valuation: str
    payment_part: str

    @property
    def priced(self) -> bool:
        """Whether units are valued at unit prices."""
        return self.valuation in ("priced", "proxy_priced")

    @property
    def charge_key(self) -> tuple[str, str, str]:
        """Contract, service line and activity type."""
        return self.contract, self.service_line, self.activity_type


@dataclass
class Cells:
    """Services, currencies and unit prices, by number."""

    services: dict[int, Service]
    currencies: dict[int, tuple[str, str]]
    """Currency code and point of delivery by number."""
    unit_pence: dict[int, int]
    """Price of one unit by currency number, before any market forces factor."""
    national: frozenset[int]
    factors: dict[str, Decimal]
    suppressed: frozenset[ChargeKey] = frozenset()
    """Activities that nothing may be made of: too few people, and no neighbour."""
    without_factor: set[str] = field(default_factory=set)
    _prices: dict[tuple[str, int], int] = field(default_factory=dict)

    def service_of(self, cell: int) -> Service | None:
        """The service of a cell; None for records of no known service, or of a suppressed one."""
        service = self.services.get(cell // SERVICE_STEP)
        return None if service and service.charge_key in self.suppressed else service

    def price_of(self, cell: int) -> int:
        """Price of one unit of a cell in whole pence, market forces factor applied: half-up once,
        per unit.

        unit price x factor for national prices; local prices as they stand.
        Source: handbook 2.3; req 39, 40.
        """
        service, currency = self.services[cell // SERVICE_STEP], cell % SERVICE_STEP
        known = self._prices.get((service.provider, currency))
        if known is None:
            known = self._prices[service.provider, currency] = self._price(
                service.provider, currency
            )
        return known

    def _price(self, provider: str, currency: int) -> int:
        price = self.unit_pence[currency]
        if currency not in self.national:
            return price
        if provider not in self.factors:
            self.without_factor.add(provider)
            return price
        return whole_pence(price * self.factors[provider])

    def pooled(
        self, key_of: Callable[[ChargeKey], ChargeKey], without: Collection[ChargeKey]
    ) -> Cells:
        """The same cells with each service charged to the activity that its own is counted with,
        and without the services of some activities.
        """
        services = {}
        for number, service in self.services.items():
            _, line, kind = key_of(service.charge_key)
            services[number] = replace(service, service_line=line, activity_type=kind)
        return replace(self, services=services, suppressed=frozenset(without))

    def services_by_key(self) -> dict[tuple[str, str, str], str]:
        """The payment part ('' for block activity) by contract, service line and activity type."""
        return {service.charge_key: service.payment_part for service in self.services.values()}

    @property
    def priced_lines(self) -> set[str]:
        """The service lines of which some activity is valued at unit prices."""
        return {service.service_line for service in self.services.values() if service.priced}

    def shapes(self) -> dict[str, ActivityShape]:
        """The activity tables that some service names."""
        used = {service.activity_table for service in self.services.values()}
        return {name: shape for name, shape in SHAPES.items() if name in used}

    def services_in(self, table: str) -> list[Service]:
        """The services of one activity table."""
        return [service for service in self.services.values() if service.activity_table == table]


def read_cells(
    commissioned: TypedTable,
    prices: TypedTable,
    providers: TypedTable,
    price_year: str,
    log: ProblemLog,
) -> Cells:
    """Number the services and currencies and check that they fit together.

    Services are numbered in order of their key and currencies in order of theirs, so the order of
    rows is no matter.
    Source: handbook 2.3; req 38-41.
    """
    services = _services(commissioned, log)
    _check_single_valuation(commissioned, services, log)
    keys = sorted(
        (
            str(prices.columns["activity_currency"][row]),
            str(prices.columns["point_of_delivery"][row]),
            row,
        )
        for row in range(len(prices))
        if str(prices.columns["price_year"][row]) == price_year
    )
    if len(keys) >= SERVICE_STEP:
        log.error(
            prices.where(0, "activity_currency"),
            f"There are {len(keys):,} prices for {price_year}; the engine holds up to"
            f" {SERVICE_STEP - 1:,}.",
            "Leave out currencies that no record has.",
            "prices_too_many",
        )
    currencies, unit_pence, national = {}, {}, set()
    for number, (code, point, row) in enumerate(keys, 1):
        amount = exact(float(prices.numbers("unit_price")[row]))
        if amount != whole_pence(amount):
            log.error(
                prices.where(row, "unit_price"),
                f"The price of {code} {point} is {pounds(amount, 4)}, finer than a penny.",
                "Give prices in pounds and whole pence.",
                "price_part_penny",
            )
        currencies[number], unit_pence[number] = (code, point), whole_pence(amount)
        if str(prices.columns["price_kind"][row]) == "national":
            national.add(number)
    return Cells(
        {service.number: service for service in services},
        currencies,
        unit_pence,
        frozenset(national),
        _factors(providers, price_year),
    )


def _services(commissioned: TypedTable, log: ProblemLog) -> list[Service]:
    names = (
        "activity_table",
        "provider",
        "point_of_delivery",
        "service_code",
        "contract",
        "service_line",
        "activity_type",
        "valuation",
        "payment_part",
    )
    rows = sorted(
        (tuple(str(commissioned.columns[name][row]) for name in names), row)
        for row in range(len(commissioned))
    )
    services = []
    for number, (values, row) in enumerate(rows, 1):
        service = Service(number, *values)
        shape = SHAPES.get(service.activity_table)
        if shape is None:
            log.error(
                commissioned.where(row, "activity_table"),
                f"'{service.activity_table}' is not a table of records.",
                f"Use one of {', '.join(SHAPES)}.",
                "activity_table_unknown",
            )
            continue
        for column in ("provider", "point_of_delivery", "service_code"):
            if getattr(service, column) and not getattr(shape, column):
                log.error(
                    commissioned.where(row, column),
                    f"Records of {service.activity_table} have no {column.replace('_', ' ')}, so"
                    f" '{getattr(service, column)}' would match none.",
                    "Leave the cell blank.",
                    "commissioned_column_unused",
                )
        if service.priced and not service.payment_part:
            log.error(
                commissioned.where(row, "payment_part"),
                "Priced activity needs a payment part.",
                "Enter variable, or fixed where it weighs the fixed part of an aligned contract.",
                "payment_part_missing",
            )
        services.append(service)
    return services


def _check_single_valuation(
    commissioned: TypedTable, services: list[Service], log: ProblemLog
) -> None:
    """Refuse block money on top of priced activity for the same service of the same provider.

    Source: handbook 2.4 Encompass, Table 1; req 41, 45.
    """
    ways: dict[tuple[str, str], dict[str, Service]] = defaultdict(dict)
    for service in services:
        ways[service.provider, service.service_line].setdefault(
            "block" if service.valuation == "block" else service.valuation, service
        )
    for (provider, line), found in ways.items():
        if "block" in found and ("priced" in found or "proxy_priced" in found):
            row = next(
                row
                for row in range(len(commissioned))
                if str(commissioned.columns["service_line"][row]) == line
                and str(commissioned.columns["valuation"][row]) == "block"
            )
            log.error(
                commissioned.where(row, "valuation"),
                f"Service line {line} of provider {provider} is valued both from a block sum"
                f" (contract {found['block'].contract}) and at"
                f" {'proxy ' if 'proxy_priced' in found else ''}prices: the service would be"
                " counted twice.",
                "Value it one way, or split it into two service lines.",
                "block_and_priced",
            )


def check_block_schedules(
    cells: Cells, contracts: TypedTable, schedule: TypedTable, log: ProblemLog
) -> None:
    """Refuse activity priced on top of a block contract whose schedule already holds the same
    service of the same provider.

    Source: handbook 2.4 Encompass, Table 1; req 41, 45.
    """
    block = {
        code: provider
        for code, provider, basis in zip(
            *(contracts.text(name) for name in ("contract", "provider", "payment_basis")),
            strict=True,
        )
        if basis == "block"
    }
    held: dict[tuple[str, str], int] = {}
    for row, (code, line, kind) in enumerate(
        zip(
            *(schedule.text(name) for name in ("contract", "service_line", "line_kind")),
            strict=True,
        )
    ):
        if code in block and kind == "service":
            held.setdefault((block[code], line), row)
    for provider, line in sorted(
        {
            (service.provider, service.service_line)
            for service in cells.services.values()
            if service.priced
        }
        & set(held)
    ):
        row = held[provider, line]
        log.error(
            schedule.where(row, "service_line"),
            f"Service line {line} of provider {provider} is in the block contract"
            f" {schedule.columns['contract'][row]}, and its records are valued at prices too: the"
            " service would be counted twice.",
            "Value its records from the block sum, or take the line and its money out of the"
            " schedule.",
            "block_and_priced",
        )


def _factors(providers: TypedTable, year: str) -> dict[str, Decimal]:
    return {
        str(providers.columns["provider"][row]): exact(
            float(providers.numbers("market_forces_factor")[row])
        )
        for row in range(len(providers))
        if str(providers.columns["year"][row]) == year
    }
