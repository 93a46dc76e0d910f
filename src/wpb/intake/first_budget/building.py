"""The tables and settings of a first model, made from the files and the answers.

The same answers make the same model whatever the order of rows: every table is sorted by its key.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from wpb.intake.first_budget.answers import NONE_WORDS, Answers, decimal_of
from wpb.intake.first_budget.funding import DEFLATOR, Amount, Assumed, Rate, allocations, rates
from wpb.intake.first_budget.joining import Joined, Placed
from wpb.intake.first_budget.reading import (
    ContractEntry,
    Files,
    LedgerLine,
    ServiceValue,
    code_of,
    lines_named,
)
from wpb.intake.icbs import every_icb, find_icb_on
from wpb.intake.mapping.amounts import plain
from wpb.kernel.calendar import is_financial_year, year_range
from wpb.tables.settings_shape import MODEL_SCHEMA

Rows = list[dict[str, str]]
YEARS_OF_A_BUDGET, MOST_YEARS = 10, 15
PRIMARY = "PRIMARY-MEDICAL"
GROWN = "unit_cost_and_activity"
PRICED_BY_DEFLATOR = ("social_care", "public_health")
KINDS = ("core", "primary_medical", "specialised", "social_care", "public_health", "other")
NORMALISED = {
    "non_recurrent": ("one_off", -1, "Non-recurrent"),
    "deficit_support": ("one_off", -1, "Deficit support funding"),
    "prior_year": ("anomaly", -1, "Prior-year item"),
    "full_year_effect": ("investment", 1, "Full-year effect"),
}


@dataclass(frozen=True)
class Place:
    """Step 1: the place, its parties and the term."""

    code: str
    name: str
    icb: str
    icb_name: str
    lead: str
    lead_name: str
    form: str
    spend_year: str
    first_year: str
    years: tuple[str, ...]
    prepared_by: str
    prepared_on: str


@dataclass
class FirstModel:
    """A model to write: tables by name, settings, local assumptions, and what was assumed or put
    off.
    """

    place: Place
    tables: dict[str, Rows]
    settings: dict[str, Any]
    rates: list[Rate]
    allocations: list[Amount]
    assumed: list[Assumed] = field(default_factory=list)
    put_off: list[dict[str, str]] = field(default_factory=list)


def read_place(answers: Answers, files: Files) -> Place | None:
    """Read step 1, asking for what is missing; None where a figure could not be made without it."""
    proposed = next((part for part in files.period.split(", ") if is_financial_year(part)), "")
    name = answers.needed("place.name", "What is the place called?", example="Calderbeck")
    icb = answers.needed("place.icb", "Which ICB commissions it (its code)?", example="QWO").upper()
    icb_name = _icb_name(icb, answers)
    lead = answers.needed(
        "place.lead_provider", "Which organisation would hold the contract (its code)?"
    ).upper()
    form = answers.needed(
        "place.form",
        "How do practices take part?",
        ("full", "partial", "virtual"),
        "partial",
    )
    spend = answers.year(
        "place.spend_year", "Which financial year is the ledger of?", proposed or "2026-27"
    )
    if proposed and spend and spend != proposed:
        answers.log.warning(
            answers.place("place.spend_year"),
            f"The ledger says that it is of {proposed}, and the answer is {spend}.",
            "Check which year the ledger is of.",
            "year_differs",
        )
    first = answers.text("place.first_year") or (year_range(spend, 2)[1] if spend else "")
    if first and spend and (not is_financial_year(first) or first != year_range(spend, 2)[1]):
        answers.error(
            "place.first_year",
            f"The budget's first year is {first}, and today's spend is of {spend}.",
            f"A first budget begins the year after its ledger: {year_range(spend, 2)[1]}.",
        )
        return None
    count = answers.text("place.years") or str(YEARS_OF_A_BUDGET)
    if not count.isdigit() or not 1 <= int(count) <= MOST_YEARS:
        answers.error("place.years", f"'{count}' is no number of years.", "Write 1 to 15.")
        return None
    prepared_by = answers.needed("place.prepared_by", "Who prepares the budget?")
    prepared_on = answers.needed(
        "place.prepared_on", "On what date?", example="2026-11-28", kind="date"
    )
    if not (icb and lead and spend and name):
        return None
    return Place(
        code_of(answers.text("place.code") or name).lower().replace("-", "_"),
        name,
        icb,
        icb_name,
        lead,
        answers.text("place.lead_provider_name"),
        form,
        spend,
        first,
        tuple(year_range(first, int(count))),
        prepared_by,
        prepared_on,
    )


def _icb_name(icb: str, answers: Answers) -> str:
    """Give the name of a known ICB by its code, else ask for it; one that closed before the year is
    refused, with who followed it.

    Source: req 380.
    """
    year = answers.text("place.spend_year")
    if any(one.code == icb for one in every_icb()) and is_financial_year(year):
        found = find_icb_on(
            icb, datetime.date(int(year[:4]), 4, 1), answers.place("place.icb"), answers.log
        )
        if found is not None and not answers.text("place.icb_name"):
            return found[0].name
    return answers.needed("place.icb_name", "What is the ICB called?", example="NHS ... ICB")


def build(place: Place, files: Files, joined: Joined, answers: Answers) -> FirstModel:
    """Make the tables and settings; problems and open questions stand in the answers."""
    maker = _Maker(place, files, joined, answers)
    maker.ledger_and_direct()
    for contract in files.contracts:
        maker.contract(contract)
    maker.practices()
    maker.normalisation()
    return maker.finished()


class _Maker:
    def __init__(self, place: Place, files: Files, joined: Joined, answers: Answers) -> None:
        self.place, self.files, self.joined, self.answers = place, files, joined, answers
        self.tables: dict[str, Rows] = {}
        self.services: dict[str, tuple[str, Placed]] = {}
        self.streams: dict[str, Decimal] = {}
        self.put_off: list[dict[str, str]] = []
        self.assumed: list[Assumed] = []
        self.priced: dict[tuple[str, str], Decimal] = {}
        self.budget_lines: dict[str, tuple[str, Decimal]] = {}
        """Budget lines an item of normalisation may name: what the user calls it to its code."""

    def add(self, table: str, **values: object) -> None:
        self.tables.setdefault(table, []).append(
            {name: "" if value is None else str(value) for name, value in values.items()}
        )

    def service(self, name: str, placed: Placed, owner: str) -> str:
        """Give the code of a service line; the same name elsewhere is the same line only where its
        scope and kind of care are the same.
        """
        code = code_of(name) or code_of(owner)
        if code in self.services and self.services[code][1] != placed:
            code = code_of(f"{owner} {name}")
        self.services.setdefault(code, (name, placed))
        return code

    def stream_of(self, centre: str) -> str:
        """Give the funding stream of a cost centre: as answered, else primary medical care for what
        practice payments replace, else core.
        """
        for stream, centres in self.answers.mapping("funding.streams").items():
            named = centres if isinstance(centres, list) else [centres]
            if stream not in KINDS:
                self.answers.error(
                    f"funding.streams.{stream}",
                    f"'{stream}' is no kind of funding stream.",
                    f"The kinds are {', '.join(KINDS)}.",
                    "answer_unknown",
                )
            elif centre in map(str, named):
                return stream
        return "primary_medical" if centre in {x.centre for x in self.joined.practices} else "core"

    def spent(self, stream: str, pounds: Decimal) -> str:
        self.streams[stream] = self.streams.get(stream, Decimal(0)) + pounds
        return stream

    def ledger_and_direct(self) -> None:
        """The commissioner's ledger, and a line of direct spend for whatever nothing replaces."""
        chosen = self.joined.year_column
        for line in self.joined.lines:
            value = line.amounts.get(chosen, Decimal(0))
            covers = line.replaced_by.removeprefix("contract ") or line.code
            if line.replaced_by == "practice payments":
                covers = "primary_care"
            self.add(
                "commissioner_ledger",
                commissioner=self.place.icb,
                account=line.code,
                description=line.description,
                covers=covers,
                ledger_value=plain(value),
                effective_year=self.place.spend_year,
            )
            if not line.replaced_by:
                self._direct(line, value)

    def _direct(self, line: LedgerLine, value: Decimal) -> None:
        placed = self.joined.placed.get(line.centre)
        if placed is None:
            return
        service = self.service(line.centre_name, placed, line.centre)
        self.add(
            "direct_spend",
            budget_line=line.code,
            name=line.description,
            commissioner=self.place.icb,
            service_line=service,
            funding_stream=self.spent(self.stream_of(line.centre), value),
            value=plain(value),
            effective_year=self.place.spend_year,
            population_method="population_carve_out",
            recurrent="true",
        )
        self.budget_lines[line.code] = (line.code, value)

    def contract(self, entry: ContractEntry) -> None:
        """A contract with its services, its way of payment, and the methods it starts with."""
        placed = self.joined.placed.get(entry.code)
        if placed is None or not entry.value:
            return
        replaced = self.joined.contracts.get(entry.code, [])
        stream = self.stream_of(replaced[0].centre) if replaced else "core"
        self.add(
            "contracts",
            contract=entry.code,
            title=f"{entry.provider_name}: {entry.kind}",
            commissioner=self.place.icb,
            provider=entry.provider,
            payment_basis=entry.basis,
            funding_stream=self.spent(stream, entry.value),
            value=plain(entry.value),
            fixed_value=plain(entry.fixed) if entry.basis == "aligned" else "",
            effective_year=self.place.spend_year,
            price_base_year=self.place.spend_year,
            currency="GBP",
            population_method="population_carve_out",
            carve_out_covers="commissioner",
        )
        for service in entry.services:
            if service.value:
                code = self.service(service.service, placed, entry.code)
                if entry.basis == "block":
                    self._block_service(entry, service, code)
                else:
                    self._priced_service(entry, service, code)
        if entry.basis == "block":
            self._block_methods(entry)
        self._put_off(entry)

    def _block_service(self, entry: ContractEntry, service: ServiceValue, code: str) -> None:
        self.add(
            "schedule_lines",
            contract=entry.code,
            schedule_line=code,
            line_kind="service",
            service_line=code,
            value=plain(service.value),
            reflects_actual_spend="false",
        )
        self.add(
            "contract_activity",
            contract=entry.code,
            activity_type=code,
            name=f"{service.service}: the year as one unit, until activity is counted",
            service_line=code,
            activity_source="local_report",
            units="1",
        )
        self.budget_lines[f"{entry.code}/{service.service}"] = (
            f"{entry.code}.{code}.{code}",
            service.value,
        )

    def _priced_service(self, entry: ContractEntry, service: ServiceValue, code: str) -> None:
        parts = [("fixed", service.fixed), ("variable", service.variable)]
        if entry.basis == "activity":
            parts = [("variable", service.value)]
        for part, amount in parts:
            if not amount:
                continue
            point = part.upper()
            known = self.priced.setdefault((code, point), amount)
            currency = code if known == amount else f"{entry.code}-{code}"
            self.add(
                "priced_activity",
                contract=entry.code,
                service_line=code,
                point_of_delivery=point,
                activity_currency=currency,
                payment_part=part,
                units="1",
            )
            self._price(currency, point, amount)
            name = f"{entry.code}/{service.service}"
            if name not in self.budget_lines:
                line = f"{entry.code}.{code}.{point}"
                self.budget_lines[name] = (line, amount)

    def _price(self, currency: str, point: str, amount: Decimal) -> None:
        row = {"activity_currency": currency, "point_of_delivery": point}
        if not any(row.items() <= price.items() for price in self.tables.get("prices", ())):
            self.add(
                "prices",
                activity_currency=currency,
                point_of_delivery=point,
                price_year=self.place.spend_year,
                unit_price=plain(amount),
                price_kind="local",
            )

    def _block_methods(self, entry: ContractEntry) -> None:
        for step, option, reason in (
            ("step_1", "schedule", "The contract schedule's value of each service."),
            ("step_2", "local_information", "Put off: the year of a service is one unit."),
            ("step_3", "simple_average", "Put off: one unit a service needs no weights."),
        ):
            self.add(
                "contract_methods", contract=entry.code, step=step, option=option, reason=reason
            )

    def _put_off(self, entry: ContractEntry) -> None:
        what = (
            ("activity and unit prices", "priced_activity, prices")
            if entry.basis != "block"
            else ("activity by type (step 2) and its weights (step 3)", "contract_activity")
        )
        for method, table in (
            what,
            ("use by practice, in place of its share of people", "activity_by_list"),
        ):
            self.put_off.append(
                {
                    "contract": entry.code,
                    "method": method,
                    "table": table,
                    "pounds": plain(entry.value),
                }
            )

    def practices(self) -> None:
        """The practices with their people, weights and payments."""
        for practice in self.files.practices:
            self.add(
                "gp_lists",
                list_code=practice.code,
                name=practice.name,
                kind="practice",
                commissioner=self.place.icb,
                participation=self._participation(practice.code),
                population=plain(practice.people),
                neighbourhood=practice.neighbourhood,
            )
            for need, people in practice.weights.items():
                self.add(
                    "list_weights",
                    list_code=practice.code,
                    need=need,
                    weighted_population=people,
                )
        self._payments()

    def _participation(self, practice: str) -> str:
        given = self.answers.mapping("practices.participation")
        said = str(given.get(practice) or self.place.form)
        if said not in ("full", "partial", "virtual", "none"):
            self.answers.error(
                f"practices.participation.{practice}",
                f"'{said}' is no way of taking part.",
                "Write full, partial, virtual or none.",
                "answer_unknown",
            )
        return said

    def _payments(self) -> None:
        centres = {line.centre for line in self.joined.practices}
        placed = next(
            (self.joined.placed[c] for c in sorted(centres) if c in self.joined.placed), None
        )
        if not self.files.payments:
            return
        service = self.service(
            "Primary medical care", placed or Placed("in", "primary_care"), PRIMARY
        )
        stream = self.stream_of(min(centres)) if centres else "primary_medical"
        for practice in self.files.practices:
            for name, amount in sorted(practice.payments.items()):
                self.add(
                    "primary_care_payments",
                    list_code=practice.code,
                    payment_stream=name,
                    service_line=service,
                    funding_stream=self.spent(stream, amount),
                    value=plain(amount),
                    effective_year=self.place.spend_year,
                )

    def normalisation(self) -> None:
        """Each item of step 6 as an adjustment, with pounds, reason and who agreed it."""
        given = self.answers.get("normalisation")
        if given is None or (isinstance(given, str) and given.casefold() in NONE_WORDS):
            if given is None:
                self.assumed.append(
                    Assumed(
                        "The whole of the ledger's year recurs",
                        "No answer says what is non-recurrent, of a prior year or part of a year",
                    )
                )
            return
        if not isinstance(given, list):
            self.answers.error("normalisation", "Give a list of items.", "Start each with a dash.")
            return
        for at, item in enumerate(given):
            self._item(at, item)

    def _item(self, at: int, item: Any) -> None:
        key, answers = f"normalisation.{at}", self.answers
        found = item if isinstance(item, dict) else {}
        lacking = [name for name in ("line", "kind", "amount", "reason") if not found.get(name)]
        if lacking:
            answers.error(key, f"The item lacks {', '.join(lacking)}.", "Give each of them.")
            return
        kind = str(found["kind"])
        if kind not in NORMALISED:
            answers.error(
                key, f"'{kind}' is no kind of item.", f"Write one of {', '.join(NORMALISED)}."
            )
            return
        amount = decimal_of(found["amount"])
        code = self._line_named(key, str(found["line"]))
        if amount is None or amount <= 0:
            answers.error(
                key,
                f"'{found['amount']}' is no amount above zero.",
                "Write pounds: non-recurrent, deficit support and prior-year items are taken off,"
                " full-year effects added.",
                "not_a_number",
            )
        if not code or amount is None:
            return
        adjustment_kind, sign, words = NORMALISED[kind]
        self.add(
            "adjustments",
            adjustment=f"N{at + 1:02d}",
            budget_line=code,
            adjustment_kind=adjustment_kind,
            amount=plain(sign * amount),
            reason=f"{words}: {found['reason']}",
            evidence=str(found.get("evidence") or "Not given yet"),
            agreed_by=str(found.get("agreed_by") or self.place.prepared_by),
            agreed_on=str(found.get("agreed_on") or self.place.prepared_on),
            falls_on="in_scope_part",
        )

    def _line_named(self, key: str, name: str) -> str:
        if name in self.budget_lines:
            return self.budget_lines[name][0]
        lines = [
            line for line in lines_named(self.joined.lines, name) if line.code in self.budget_lines
        ]
        if len(lines) == 1:
            return lines[0].code
        self.answers.error(
            key,
            f"'{name}' names {len(lines) or 'no'} lines of the ledger that nothing replaces"
            f"{' (' + ', '.join(line.code for line in lines) + ')' if lines else ''}.",
            "Name one line by its cost centre and account or its description, or a contract's"
            " service as CONTRACT/Service.",
            "line_unknown",
        )
        return ""

    def finished(self) -> FirstModel:
        place, areas = self.place, sorted({placed.area for _, placed in self.services.values()})
        found, assumed = rates(self.answers, areas, place.spend_year, place.years)
        amounts = allocations(self.answers, self.streams, place.spend_year, place.years)
        self._organisations()
        for stream in sorted(self.streams):
            self.add(
                "funding_streams",
                funding_stream=stream,
                name=f"ICB {stream.replace('_', ' ')}",
                kind=stream,
                funder="council" if stream in PRICED_BY_DEFLATOR else "nhs",
            )
        for code, (name, placed) in sorted(self.services.items()):
            self.add(
                "service_lines",
                service_line=code,
                name=name,
                scope=placed.scope,
                growth_category=placed.area.upper(),
            )
        self._growth(areas, found)
        for amount in amounts:
            self.add(
                "allocations",
                commissioner=place.icb,
                funding_stream=amount.stream,
                year=amount.year,
                allocation=plain(amount.pounds),
                certainty=amount.certainty,
                source=amount.source,
            )
        unknown = sorted({one.stream for one in amounts if one.certainty == "placeholder"})
        self.assumed += assumed + [
            Assumed(
                f"The allocation of {stream}: today's spend, grown by the GDP deflator",
                "Neither a letter nor a plan gives it: the margin is not determined",
            )
            for stream in unknown
        ]
        return FirstModel(
            place,
            {
                name: sorted(rows, key=lambda row: list(row.values()))
                for name, rows in self.tables.items()
            },
            self._settings(),
            found,
            amounts,
            self.assumed,
            self.put_off,
        )

    def _organisations(self) -> None:
        named: dict[str, tuple[str, str]] = {self.place.icb: (self.place.icb_name, "commissioner")}
        for contract in self.files.contracts:
            named.setdefault(contract.provider, (contract.provider_name, "provider"))
        lead = self.place.lead_name or named.get(self.place.lead, ("", ""))[0]
        if not lead:
            self.answers.ask("place.lead_provider_name", f"What is {self.place.lead} called?")
        named[self.place.lead] = (lead, "lead_provider")
        for code, (name, kind) in sorted(named.items()):
            self.add("organisations", organisation=code, name=name, kind=kind)

    def _growth(self, areas: Sequence[str], found: Sequence[Rate]) -> None:
        keys = {rate.key for rate in found}
        for area in areas:
            own = f"local.efficiency_{area}"
            cost = "local.cost_uplift" if "local.cost_uplift" in keys else DEFLATOR
            deflated = area in PRICED_BY_DEFLATOR
            self.add(
                "growth_categories",
                growth_category=area.upper(),
                name=area.replace("_", " ").capitalize(),
                growth_method="deflator" if deflated else GROWN,
                cost_rate=DEFLATOR if deflated else cost,
                demographic_rate="" if deflated else "local.demography",
                non_demographic_rate="" if deflated else "local.other_growth",
                efficiency_rate=own if own in keys else "",
            )

    def _settings(self) -> dict[str, Any]:
        place = self.place
        method = self.answers.text("growth.efficiency_method") or "multiplicative"
        return {
            "schema": MODEL_SCHEMA,
            "model": place.code,
            "title": f"{place.name}: first whole population budget",
            "currency": "GBP",
            "prepared_by": place.prepared_by,
            "prepared_on": place.prepared_on,
            "lead_provider": place.lead,
            "form": place.form,
            "contract": {"first_year": place.first_year, "years": len(place.years)},
            "baseline": {"spend_year": place.spend_year},
            "forecast": {
                "efficiency": {
                    "method": method,
                    "reason": "First budget: to be agreed with the parties",
                },
                "routes": {
                    stream: {
                        "route": "national_assumptions",
                        "reason": "First budget: each kind of care grows by its own rates",
                    }
                    for stream in sorted(self.streams)
                },
            },
            "assumptions": {
                "extend": [
                    {
                        "key": DEFLATOR,
                        "how": "hold_last",
                        "until": place.years[-1],
                        "reason": "The Office for Budget Responsibility forecasts no later year",
                    }
                ]
            },
        }


def assumption_file(found: Sequence[Rate], place: Place) -> str:
    """Write the local assumptions as a file of a model folder."""
    from ruamel.yaml import YAML

    content = []
    for rate in sorted(found, key=lambda rate: rate.key):
        content.append(
            {
                "key": rate.key,
                "title": rate.title,
                "unit": "rate",
                "kind": rate.kind,
                "in_year_change": "forbid",
                "reason": rate.reason,
                "evidence": rate.source or "None yet",
                "owner": place.prepared_by,
                **({"outside_provider_control": True} if rate.kind == "growth" else {}),
                "values": [
                    {
                        "year": year,
                        "value": float(value),
                        "status": "placeholder" if year in rate.placeholders else "forecast",
                        "published": place.prepared_on[:7],
                        "source": rate.source or "The place's own plan",
                        "locator": "as answered",
                    }
                    for year, value in rate.values.items()
                ],
            }
        )
    stream = io.StringIO()
    yaml = YAML(pure=True)
    yaml.width = 200
    yaml.dump(content, stream)
    return stream.getvalue()
