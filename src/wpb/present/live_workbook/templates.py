"""Each rule of the calculation as a spreadsheet formula over the cells of its inputs.

A rule that has no template here cannot go into the live workbook, and a test says so.
Source: handbook 3.7; req 367.
"""

from __future__ import annotations

from collections.abc import Callable

from wpb.kernel.ledger import Rule
from wpb.kernel.problems import UsageProblem
from wpb.present.live_workbook.contract_templates import CONTRACT_TEMPLATES, SHARING_TEMPLATES
from wpb.present.live_workbook.template import Template


def _ratio(part: str, whole: str) -> str:
    return f"IF({whole}=0,0,{part}/{whole})"


def _ratio_if_positive(part: str, whole: str, otherwise: str = "0") -> str:
    return f"IF({whole}>0,{part}/{whole},{otherwise})"


_UPLIFT = "({cost_pressure_rate}+{litigation_rate}+{combined_rate})"
_NONE = {"cost_pressure_rate": "0", "combined_rate": "0", "litigation_rate": "0"}

TEMPLATES: dict[str, Template] = {
    "_as_weight": Template("{mean}"),
    "_opposite": Template("-{amount_pence}"),
    "activity_growth": Template(
        "{units}*{demographic}*{non_demographic}*{activity}",
        absent={"demographic": "1", "non_demographic": "1", "activity": "1"},
    ),
    "additive_efficiency_factor": Template(
        f"{{before}}*(1+{_UPLIFT}-{{efficiency_rate}})/(1+{_UPLIFT})",
        f"(1+{_UPLIFT}-{{efficiency_rate}})/(1+{_UPLIFT})",
        _NONE,
    ),
    "after_change": Template("{before_pence}+{change_pence}"),
    "apportion": Template("{total_pence}*" + _ratio("{weight}", "{all_weights}")),
    "as_weight": Template("{mean}"),
    "asked_rate": Template(
        "1-"
        + _ratio_if_positive("MAX({after_pence}-{residual_pence},0)", "{before_pence}", "1")
        + "^(1/{years_of_growth})"
    ),
    "commitment_gap": Template("{forecast_pence}-{committed_pence}"),
    "compound_factor": Template("{before}*(1+{growth_rate})", "1+{growth_rate}"),
    "contribution": Template(_ratio("{forecast_pence}", "{total_pence}")),
    "cover": Template("{spend_pence}-{efficient_cost_pence}"),
    "changed_use": Template("{units}*{use_change}"),
    "currency": Template(_ratio("{class_pence}", "{class_appointments}")),
    "delivered_rate": Template("{delivered_saving_pence}/{cost_base_pence}"),
    "difference": Template("{after}-{before_level}"),
    "difference_of_methods": Template("{level_pence}*({multiplicative}-{additive})"),
    "effect_alone": Template("{level_pence}*({factor}-1)"),
    "efficiency_with_plans": Template(
        "{planned}+MAX(MAX({target_rate},{expected_rate})-{planned},0)"
    ),
    "grow": Template("{level_pence}*{factor}"),
    "headroom": Template("{allocation_pence}-{forecast_pence}-{out_of_scope_pence}"),
    "held_level": Template("{level_pence}"),
    "in_scope_from": Template("{base_pence}*{in_scope}"),
    "in_scope_part": Template("{spend_pence}*{population_share}*{service_in_scope}"),
    "index_gap": Template("{index}-{basis_index}"),
    "index_to_first": Template("{people}/{people_in_first_year}"),
    "left_over": Template("{whole}-{in_scope}-{unmapped}"),
    "less": Template("{whole}-{part}"),
    "litigation_factor": Template(
        "{before}*(1+{cost_pressure_rate}+{litigation_rate})/(1+{cost_pressure_rate})",
        "(1+{cost_pressure_rate}+{litigation_rate})/(1+{cost_pressure_rate})",
    ),
    "local_cost_factor": Template(_ratio("{part}", "{whole}")),
    "lowered": Template("-({before_pence}*{rate})"),
    "mean_minutes": Template("{total_minutes}/{observations}"),
    "multiplicative_efficiency_factor": Template(
        "{before}*(1-{efficiency_rate})", "1-{efficiency_rate}"
    ),
    "net_impact": Template("{investment_pence}-{saving_pence}*{share_in_budget}"),
    "net_tariff_uplift_added": Template("{tariff_cost_rate}-{tariff_efficiency_rate}"),
    "net_tariff_uplift_multiplied": Template(
        "(1+{tariff_cost_rate})*(1-{tariff_efficiency_rate})-1"
    ),
    "not_yet_in_scope": Template("{outside_pence}+{base_pence}*(1-{in_scope})"),
    "overlaid_activity": Template("{units}*(1+{activity_change})"),
    "overlay_cost": Template("{level_pence}*MAX({activity_change},0)"),
    "overlay_saving": Template("{level_pence}*MAX(-{activity_change},0)"),
    "overridden_rate": Template("IF({is_overridden}>0,{local_rate},{rate})"),
    "people_of_segment": Template("{people}*{people_in_segment}/{people_in_band}"),
    "planned_rate": Template(_ratio_if_positive("{planned_saving_pence}", "{cost_base_pence}")),
    "plus": Template("{before_pence}+{adjustment_pence}"),
    "priced_share": Template(
        "{activity_share}*{relative_price}/SUMPRODUCT({activity_share_all},{relative_price_all})",
        whole_columns=True,
    ),
    "priced_units": Template("{units}*{unit_price_pence}"),
    "raised": Template("{before_pence}*{rate}"),
    "rate_due": Template("{rate}*{is_due}"),
    "recurrent_only": Template("({out_of_scope_pence}+{unmapped_pence})*{recurrent}"),
    "residual_before_unidentified": Template(
        "MAX({forecast_pence}+{unidentified_pence}-({allocation_pence}-{out_of_scope_pence}),0)"
    ),
    "residual_efficiency": Template(
        "MAX({forecast_pence}-({allocation_pence}-{out_of_scope_pence}),0)"
    ),
    "same_rate": Template("{rate}"),
    "saving_left_to_sharing": Template("{saving_pence}*(1-{share_in_budget})"),
    "share_by_ability": Template("{residual_pence}*{weight}/{weight_total}"),
    "share_in_scope": Template(
        "IF({in_scope_pence}+{out_of_scope_pence}=0,0,{in_scope_pence}/({in_scope_pence}+{out_of_scope_pence}))"
    ),
    "share_of": Template(_ratio("{part}", "{whole}")),
    "share_of_other_plans": Template(_ratio_if_positive("{gap_pence}", "{out_of_scope_pence}")),
    "share_saved": Template("-{total_pence}*" + _ratio("{weight}", "{all_weights}")),
    "share_of_use": Template("{changed_units}/{units}"),
    "shared_by_key": Template("{amount_pence}*" + _ratio("{key}", "{key_total}")),
    "spend_from_cost": Template("{cost_pence}*{spend_per_cost}"),
    "stretch_ratio": Template(_ratio_if_positive("{asked}", "{delivered}")),
    "summed_activity_factor": Template(
        "{before}*IF({summed}>0,(1+{demographic_rate}+{non_demographic_rate})/(1+{demographic_rate}),1+{non_demographic_rate})",
        "IF({summed}>0,(1+{demographic_rate}+{non_demographic_rate})/(1+{demographic_rate}),1+{non_demographic_rate})",
    ),
    "switched_rate": Template("IF({on_allocation}>0,{allocation_rate},{rate})"),
    "target_allocation": Template("{allocation_pence}*{area_weighted}/{whole_weighted}"),
    "times": Template("{quantity}*{factor}"),
    "to_blend": Template("{before_pence}*{blended_pence}/{historic_pence}-{before_pence}"),
    "to_full_year": Template("{before_pence}/{known_share}-{before_pence}"),
    "unit_cost_growth": Template(
        "{level_pence}*{cost_pressure}*{litigation}",
        absent={"cost_pressure": "1", "litigation": "1"},
    ),
    "units_arriving": Template("{units_leaving}*{units_per_unit}"),
    "vat_effect": Template(
        "{spend_pence}*((1+{vatable_share}*{vat_rate}*(1-{recovered_share}))/(1+{vatable_share}*{vat_rate}*(1-{recovered_today}))-1)"
    ),
    "weighted_inflation": Template("{weights}*{inflation}"),
    "weighted_mean": Template(_ratio("{cost}", "{units}")),
    "weighted_people": Template("{people}*{use_per_person}"),
    "weighted_uplift": Template(
        "{gms_pms_weight}*{gms_pms_rate}+(1-{gms_pms_weight})*{net_tariff_rate}"
    ),
    "with_non_service": Template(
        "{service_pence}+{non_service_pence}*" + _ratio("{driver}", "{all_drivers}")
    ),
    "year_on_year": Template("{this_year}/{last_year}-1"),
}
"""By the rule's name. Rules with inputs that vary in number stand in FOR_INPUTS."""


def _interaction(names: list[str]) -> Template:
    effects = "".join(f"-{{{name}}}" for name in names if name not in ("after", "before_level"))
    return Template("{after}-{before_level}" + effects)


def _override_effect(names: list[str]) -> Template:
    products = {
        side: "*".join(f"{{{name}}}" for name in names if name.partition("_")[0] == side) or "1"
        for side in ("with", "without")
    }
    return Template(f"{{start_pence}}*({products['with']}-{products['without']})")


FOR_INPUTS: dict[str, Callable[[list[str]], Template]] = {
    "interaction": _interaction,
    "override_effect": _override_effect,
}


def own_name(name: str) -> str:
    """Give the name an input has in a template: `before` there means the year before, so a level
    before is told apart.
    """
    return "before_level" if name == "before" else name


def template_of(rule: Rule, names: list[str]) -> Template:
    """Find the formula of a rule for the inputs it was given.

    Raises UsageProblem for a rule that has none.
    """
    name = rule.__name__
    if name in FOR_INPUTS:
        return FOR_INPUTS[name]([own_name(each) for each in names])
    known = _of_room(rule.__module__)
    if name not in known:
        raise UsageProblem(
            f"the rule '{name}' cannot be written as a spreadsheet formula yet, so there is no live"
            " workbook of this model"
        )
    return known[name]


def has_template(rule: Rule, names: list[str]) -> bool:
    """Say whether a rule can be written as a formula."""
    try:
        template_of(rule, names)
    except UsageProblem:
        return False
    return True


def _of_room(module: str) -> dict[str, Template]:
    """The templates of the room a rule is from: two rooms may call different rules by one name."""
    if module.startswith("wpb.sharing."):
        return SHARING_TEMPLATES
    return (
        CONTRACT_TEMPLATES
        if module.startswith(("wpb.contract.", "wpb.incentives.", "wpb.live"))
        else TEMPLATES
    )
