"""What share of a line's spend is for the lists in scope: activity by list, patient groups, or a
carve-out.

Each distinct way of sharing is a population profile; lines name the profile they take. One line has
one profile, so a line never has both practice-level apportionment and a carve-out.
Source: handbook 2.3 Table 1, 2.4 Encompass, 2.4.5; req 42-44, 96-99, 101.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from wpb.kernel.arithmetic import share_of, times
from wpb.kernel.ledger import Axis, Block, Ledger, Ref, Rows
from wpb.kernel.places import Cell
from wpb.kernel.problems import ProblemLog
from wpb.tables.model import Model
from wpb.tables.records import Scope

EVERYONE = "everyone"
"""All lists, those of people elsewhere too."""


@dataclass
class _Profile:
    code: str
    lists: list[str] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    places: list[Cell] = field(default_factory=list)
    groups: list[tuple[str, float, Cell]] = field(default_factory=list)
    """Profile of each patient group, its share of the activity, and where that share was entered.
    """
    unmapped_at: Cell | None = None


@dataclass(frozen=True)
class SharesBuilt:
    """The blocks of all profiles: share in scope, share mapped to no one, and each list's share of
    what is in scope.
    """

    axis: Axis
    in_scope: Block
    unmapped: Block
    by_list: Block
    by_list_pairs: tuple[tuple[str, str], ...]


class PopulationShares:
    """Collects the profiles that lines ask for, then works them all out at once."""

    def __init__(self, model: Model, scope: Scope, problems: ProblemLog) -> None:
        self.model, self.scope, self.problems = model, scope, problems
        self._profiles: dict[str, _Profile] = {}
        self._activity_rows = self._index_activity()

    def on(self, model: Model, problems: ProblemLog) -> PopulationShares:
        """Go on with other problems, on a model whose tables may be watched."""
        found = copy.copy(self)
        found.model, found.problems, found._profiles = model, problems, dict(self._profiles)  # noqa: SLF001 - a copy of its own kind
        return found

    def _index_activity(self) -> dict[tuple[str, str, str], list[int]]:
        table = self.model["activity_by_list"]
        rows: dict[tuple[str, str, str], list[int]] = {}
        for row, key in enumerate(
            zip(
                table.text("contract"),
                table.text("service_line"),
                table.text("activity_type"),
                strict=True,
            )
        ):
            rows.setdefault(key, []).append(row)
        return rows

    def one_list(self, list_code: str) -> str:
        """Spend on one list's own people.

        Source: handbook 2.5, 2.6; req 104, 126.
        """
        code = f"list.{list_code}"
        if code not in self._profiles:
            position = self.scope.lists.positions[list_code]
            place = self.model["gp_lists"].where(position, "list_code")
            self._profiles[code] = _Profile(code, [list_code], [1.0], [place])
        return code

    def whole(self, place: Cell) -> str:
        """Spend that serves only lists in scope, shared by their population for the view by list.

        Source: handbook 2.4.1 (block contracts that cover a specific GP list); req 36.
        """
        return self._carve(
            "whole", "gp_lists", "population", lambda _: True, "*", only_in_scope=True, place=place
        )

    def population_carve_out(self, commissioner: str, place: Cell) -> str:
        """Share by people on lists: lists in scope / all lists covered; the handbook's least
        accurate way.

        Source: handbook Table 1; req 43.
        """
        return self._carve(
            "population", "gp_lists", "population", lambda _: True, commissioner, place=place
        )

    def weighted_carve_out(self, need: str, commissioner: str, place: Cell) -> str:
        """Share by need-weighted lists: weighted population in scope / that of all lists covered.

        Source: handbook 2.4 Encompass; req 44.
        """
        needs = self.model["list_weights"].text("need")
        return self._carve(
            need,
            "list_weights",
            "weighted_population",
            lambda row: needs[row] == need,
            commissioner,
            place=place,
        )

    def boundary_carve_out(self, payer: str, place: Cell) -> str:
        """Share by residents of the payer's area: residents on lists in scope / all its residents,
        wherever registered.

        Source: Mid-Nottinghamshire article; req 14.
        """
        payers = self.model["footprints"].text("organisation")
        return self._carve(
            f"boundary-{payer}",
            "footprints",
            "residents",
            lambda row: payers[row] == payer,
            EVERYONE,
            place=place,
        )

    def condition_carve_out(self, condition: str, commissioner: str, place: Cell) -> str:
        """Share by disease prevalence: patients on a register in scope / all on it on the lists
        covered.

        Source: handbook Table 1; req 42.
        """
        conditions = self.model["condition_registers"].text("condition")
        return self._carve(
            f"condition-{condition}",
            "condition_registers",
            "patients",
            lambda row: conditions[row] == condition,
            commissioner,
            place=place,
        )

    def activity_by_list(
        self, contract: str, service_line: str, activity_type: str, place: Cell
    ) -> str:
        """Share by activity recorded for each list; with no records at all the spend is mapped to
        no one, and reported.

        Source: handbook 2.3, 2.4.5; req 38, 99, 101.
        """
        code = f"activity.{contract}.{service_line}.{activity_type}"
        if code in self._profiles:
            return code
        table = self.model["activity_by_list"]
        units, lists = table.columns["units"], table.columns["list_code"]
        rows = [
            row
            for row in self._activity_rows.get((contract, service_line, activity_type), [])
            if units[row] != 0
        ]
        if not rows:
            return self._by_proxy(code, contract, activity_type, place)
        self._profiles[code] = _Profile(
            code,
            [str(lists[row]) for row in rows],
            [float(units[row]) for row in rows],
            [table.where(row, "units") for row in rows],
        )
        return code

    def is_recorded(self, contract: str, service_line: str, activity_type: str) -> bool:
        """Whether any activity of a kind is recorded by list.

        Source: handbook 2.4.5; req 46, 101.
        """
        units = self.model["activity_by_list"].columns["units"]
        return any(
            units[row] != 0
            for row in self._activity_rows.get((contract, service_line, activity_type), [])
        )

    def _by_proxy(self, code: str, contract: str, activity_type: str, place: Cell) -> str:
        """Share activity that is not recorded by list by the pattern of activity that is; without a
        proxy it is mapped to no one.

        Source: handbook 2.4 Encompass (acute assessments by mental health clusters); req 46, 99.
        """
        table = self.model["activity_proxies"]
        rows = [
            row
            for row in table.rows_where("contract", contract)
            if table.columns["activity_type"][row] == activity_type
        ]
        patterns = []
        for row in rows:
            service, kind = (
                str(table.columns["proxy_service_line"][row]),
                str(table.columns["proxy_activity_type"][row]),
            )
            if not self.is_recorded(contract, service, kind):
                self.problems.error(
                    table.where(row, "proxy_activity_type"),
                    f"The proxy {service} {kind} of contract {contract} is not recorded by list"
                    " either.",
                    "Name activity that activity_by_list has rows for.",
                    "proxy_unrecorded",
                )
                continue
            patterns.append(
                (
                    self.activity_by_list(contract, service, kind, place),
                    float(table.numbers("share")[row]),
                    table.where(row, "share"),
                )
            )
        if not patterns:
            return self.unmapped(code, place)
        self._profiles[code] = _Profile(code, groups=patterns)
        return code

    def patient_groups(
        self, contract: str, activity_type: str, commissioner: str, place: Cell
    ) -> str:
        """Share by the condition groups an activity type serves: sum over groups of mapped share x
        prevalence share.

        Activity that no group was named for stays unmapped: it is never spread over everyone.
        Source: handbook 2.4.5 Fig 13; req 96, 97, 99.
        """
        code = f"groups.{contract}.{activity_type}"
        if code in self._profiles:
            return code
        table = self.model["patient_group_mapping"]
        rows = [
            row
            for row in table.rows_where("contract", contract)
            if table.columns["activity_type"][row] == activity_type
        ]
        if not rows:
            return self.unmapped(code, place)
        groups = [
            (
                self.condition_carve_out(str(table.columns["condition"][row]), commissioner, place),
                float(table.numbers("share")[row]),
                table.where(row, "share"),
            )
            for row in rows
        ]
        self._profiles[code] = _Profile(code, groups=groups)
        return code

    def unmapped(self, code: str, place: Cell) -> str:
        """Spend that could be mapped to no one.

        Source: handbook 2.4.5; req 99.
        """
        self._profiles[code] = _Profile(code, unmapped_at=place)
        return code

    def _carve(
        self,
        driver: str,
        table_name: str,
        column: str,
        wanted: Callable[[int], bool],
        commissioner: str,
        only_in_scope: bool = False,
        place: Cell | None = None,
    ) -> str:
        code = f"{driver}.{commissioner}"
        if code in self._profiles:
            return code
        table, profile = self.model[table_name], _Profile(code)
        numbers, lists = table.numbers(column), table.text("list_code")
        for row, list_code in enumerate(lists):
            if (
                wanted(row)
                and numbers[row]
                and self._covered(list_code, commissioner, only_in_scope)
            ):
                profile.lists.append(list_code)
                profile.weights.append(float(numbers[row]))
                profile.places.append(table.where(row, column))
        if not profile.lists:
            self.problems.error(
                place,
                f"No list has a figure for '{driver}' among those the carve-out covers.",
                f"Add rows to {table_name}, or choose another population method.",
                "carve_out_empty",
            )
            profile.unmapped_at = place
        self._profiles[code] = profile
        return code

    def _covered(self, list_code: str, commissioner: str, only_in_scope: bool) -> bool:
        position = self.scope.lists.positions[list_code]
        if only_in_scope:
            return self.scope.list_in_scope(list_code)
        if commissioner == EVERYONE:
            return True
        if commissioner == "*":
            return self.scope.list_kind[position] != "elsewhere"
        return self.scope.list_commissioner[position] == commissioner

    def build(self, ledger: Ledger) -> SharesBuilt:
        """Work out every profile: in-scope weight / whole weight, and each list's share of the
        in-scope weight.
        """
        simple = [p for p in self._profiles.values() if p.lists]
        grouped = [p for p in self._profiles.values() if p.groups]
        empty = [p for p in self._profiles.values() if p.unmapped_at is not None and not p.lists]
        axis = Axis("population profile", tuple(p.code for p in (*simple, *grouped, *empty)))
        base = _BaseShares(ledger, self.scope, simple)
        group_parts = _group_products(ledger, grouped, base, axis)
        unmapped_flags = [float(i >= len(axis) - len(empty)) for i in range(len(axis))]
        unmapped_place = {len(axis) - len(empty) + i: p.unmapped_at for i, p in enumerate(empty)}
        anywhere = self.model["gp_lists"].where(0, "list_code")
        unmapped = ledger.leaf(
            "population/unmapped_share",
            axis,
            "share",
            unmapped_flags,
            lambda row, year: unmapped_place.get(row) or anywhere,
            title="Share mapped to no one",
        )
        in_scope = ledger.total(
            "population/in_scope_share",
            axis,
            (base.share, np.arange(len(simple))),
            *group_parts.shares,
            title="Share for lists in scope",
        )
        return SharesBuilt(axis, in_scope, unmapped, *_by_list(ledger, base, grouped, in_scope))


class _BaseShares:
    """Profiles with weights by list: the weights, their totals, and the shares in scope."""

    def __init__(self, ledger: Ledger, scope: Scope, profiles: list[_Profile]) -> None:
        self.profiles = profiles
        self.axis = Axis("weighted profile", tuple(p.code for p in profiles))
        self.pairs = [
            (number, list_code) for number, p in enumerate(profiles) for list_code in p.lists
        ]
        places = [place for p in profiles for place in p.places]
        self.pair_axis = Axis(
            "profile and list",
            tuple(f"{profiles[n].code}~{list_code}" for n, list_code in self.pairs),
        )
        self.weights = ledger.leaf(
            "population/weight",
            self.pair_axis,
            "weight",
            [w for p in profiles for w in p.weights],
            lambda row, year: places[row],
            title="Weight of a list",
        )
        owner = np.array([number for number, _ in self.pairs], dtype=np.int64)
        self.in_scope_pairs = np.array(
            [scope.list_in_scope(list_code) for _, list_code in self.pairs], dtype=bool
        )
        self.whole = ledger.total(
            "population/whole_weight",
            self.axis,
            (self.weights, owner),
            title="Weight of all lists covered",
        )
        self.inside = ledger.total(
            "population/in_scope_weight",
            self.axis,
            (self.weights, np.where(self.in_scope_pairs, owner, -1)),
            title="Weight of lists in scope",
        )
        self.share = ledger.add(
            "population/profile_share",
            share_of,
            self.axis,
            "share",
            part=self.inside,
            whole=self.whole,
            title="Share of lists in scope",
        )
        self.owner = owner


@dataclass(frozen=True)
class _GroupParts:
    shares: tuple[tuple[Block, Rows], ...]


def _group_products(
    ledger: Ledger, grouped: list[_Profile], base: _BaseShares, axis: Axis
) -> _GroupParts:
    rows = [(p.code, group, share, place) for p in grouped for group, share, place in p.groups]
    if not rows:
        return _GroupParts(())
    pair_axis = Axis(
        "activity and patient group", tuple(f"{code}~{group}" for code, group, _, _ in rows)
    )
    mapped = ledger.leaf(
        "population/group_mapping",
        pair_axis,
        "share",
        [share for _, _, share, _ in rows],
        lambda row, year: rows[row][3],
        title="Share of the activity for a patient group",
    )
    prevalence = Ref(
        base.share,
        np.array([base.axis.positions[group] for _, group, _, _ in rows], dtype=np.int64),
    )
    product = ledger.add(
        "population/group_share",
        times,
        pair_axis,
        "share",
        quantity=mapped,
        factor=prevalence,
        title="Share through a patient group",
    )
    into = np.array([axis.positions[code] for code, _, _, _ in rows], dtype=np.int64)
    return _GroupParts(((product, into),))


def _by_list(
    ledger: Ledger, base: _BaseShares, grouped: list[_Profile], in_scope: Block
) -> tuple[Block, tuple[tuple[str, str], ...]]:
    """Each list's share of what is in scope, for profiles with weights; grouped profiles are
    weighted through their groups.
    """
    chosen = np.flatnonzero(base.in_scope_pairs)
    simple_pairs = [(base.profiles[base.pairs[i][0]].code, base.pairs[i][1]) for i in chosen]
    simple_axis = Axis(
        "profile and list in scope",
        tuple(f"{profile}~{list_code}" for profile, list_code in simple_pairs),
    )
    simple = ledger.add(
        "population/list_share_direct",
        share_of,
        simple_axis,
        "share",
        part=Ref(base.weights, chosen),
        whole=Ref(base.inside, base.owner[chosen]),
        title="A list's share of what is in scope",
    )
    if not grouped:
        return simple, tuple(simple_pairs)
    found: dict[tuple[str, str], int] = {}
    rows: list[tuple[int, int]] = []
    of_profile: dict[str, list[int]] = {}
    for i, (profile, _) in enumerate(simple_pairs):
        of_profile.setdefault(profile, []).append(i)
    parts = {f"{p.code}~{group}": (p.code, group) for p in grouped for group, _, _ in p.groups}
    product = ledger["population/group_share"]
    for position, key in enumerate(product.axis.codes):
        code, group = parts[key]
        for i in of_profile.get(group, ()):
            found.setdefault((code, simple_pairs[i][1]), len(found))
            rows.append((position, i))
    flow_axis = Axis(
        "activity, patient group and list",
        tuple(f"{product.axis.codes[a]}~{simple_pairs[i][1]}" for a, i in rows),
    )
    flow = ledger.add(
        "population/group_flow",
        times,
        flow_axis,
        "share",
        quantity=Ref(product, np.array([a for a, _ in rows])),
        factor=Ref(simple, np.array([i for _, i in rows])),
        title="Share through a group to a list",
    )
    pairs = list(found)
    grouped_axis = Axis(
        "grouped profile and list", tuple(f"{profile}~{list_code}" for profile, list_code in pairs)
    )
    into = np.array([found[parts[product.axis.codes[a]][0], simple_pairs[i][1]] for a, i in rows])
    summed = ledger.total(
        "population/group_list_weight",
        grouped_axis,
        (flow, into),
        title="Weight of a list through its patient groups",
    )
    share = ledger.add(
        "population/list_share_grouped",
        share_of,
        grouped_axis,
        "share",
        part=summed,
        whole=Ref(in_scope, np.array([in_scope.axis.positions[profile] for profile, _ in pairs])),
        title="A list's share of what is in scope",
    )
    both = Axis("profile and list", (*simple_axis.codes, *grouped_axis.codes))
    joined = ledger.total(
        "population/list_share",
        both,
        (simple, np.arange(len(simple_axis))),
        (share, len(simple_axis) + np.arange(len(grouped_axis))),
        title="A list's share of what is in scope",
    )
    return joined, (*simple_pairs, *pairs)
