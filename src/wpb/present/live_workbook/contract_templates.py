"""Rules of a live contract and of gain and loss sharing as spreadsheet formulas, by the rule's
name.

Source: overview 2, Table 1; handbook 4.3, 4.4, 6; req 210, 234, 286, 367.
"""

from __future__ import annotations

from wpb.present.live_workbook.template import Template

CONTRACT_TEMPLATES: dict[str, Template] = {
    "achievement": Template(
        "IF({full_at}={threshold},IF({wants_less}>0,IF({value}<={threshold},1,0),IF({value}>={threshold},1,0)),MIN(MAX(({value}-{threshold})/({full_at}-{threshold}),0),1))"
    ),
    "all_or_none": Template("IF({reached}={metrics},1,0)"),
    "in_full": Template("IF({part}>=1,1,0)"),
    "weighed": Template("{part}*{weight}"),
    "activity_cost": Template("{units}*{unit_price_pence}"),
    "added_up": Template("{first_pence}+{second_pence}+{third_pence}+{fourth_pence}+{fifth_pence}"),
    "agreed_part": Template("{change_pence}*{accepted_share}"),
    "annual_payment": Template("{payment_pence}-{withheld_pence}"),
    "before_withholding": Template("{lines_pence}*{share_of_year}-{personal_pence}"),
    "core_funding": Template("{weighted_people}*{weighted_funding_pence}*{index}*{direction}"),
    "due_to_party": Template("{share_pence}+{fund_pence}-{fell_on_it_pence}"),
    "earned_of_payment": Template("{payment_pence}*{rate}*{achieved}"),
    "growth_since": Template("IF({level_then_pence}=0,1,{level_pence}/{level_then_pence})"),
    "joining_lines": Template("{out_of_scope_pence}*{population_share}"),
    "leaving_lines": Template("-{forecast_pence}"),
    "moved_people": Template("{registered}-{planned}"),
    "new_less_old": Template("{new_pence}-{old_pence}"),
    "part_of_year": Template("{amount_pence}*{share_of_year}"),
    "replacement_cost": Template("{people}*{cost_pence}*{index}*{direction}"),
    "saving_left_less_saving": Template("{saving_left_pence}-{saving_pence}"),
    "scope_factor": Template("1+IF({lines_pence}=0,0,{change_pence}/{lines_pence})"),
    "share_of_payment": Template("{payment_pence}*{rate}"),
    "subcontract_share": Template("{payment_pence}*{share}*{share_of_year}"),
    "subcontract_sum": Template("{amount_pence}*{share_of_year}"),
    "undone": Template("-{rate_pence}"),
    "valued": Template("{people}*{value_pence}*{scope_factor}"),
}
"""Rules of the contract and of incentive schemes, and those by which sharing meets them."""

SHARING_TEMPLATES: dict[str, Template] = {
    "by_side": Template("{amount}*IF({amount}>0,{gains},{losses})"),
    "corridor_weight": Template(
        "MAX(IF(OR({gap_rate}>={minimum_savings_rate},-{gap_rate}>={minimum_loss_rate}),1,0),IF({gap_rate}>0,{reduced_share},0))"
    ),
    "counted_as_excess": Template(
        "IF({weight}>0,IF({amount}>0,IF({amount}>={minimum_savings_rate}*{base},{amount}-{minimum_savings_rate}*{base},{amount}),MIN({amount}+{minimum_loss_rate}*{base},0)),0)"
    ),
    "counted_from_first_pound": Template("IF({weight}>0,{amount},0)"),
    "first_given": Template("{first}"),
    "gain_rate": Template("{maximum}*{quality}*MAX({weight},IF({weight}=0,1,0))"),
    "gap": Template("{baseline}-{outturn}"),
    "inverse_loss_rate": Template("MIN(MAX(1-{maximum}*{quality},{at_least}),{at_most})"),
    "least": Template("MIN({first},{second})"),
    "less": Template("{amount}-{taken}"),
    "limit_binds": Template("IF(OR({amount}>{cap},{amount}<-{collar}),1,0)"),
    "limited": Template("MIN(MAX({amount},-{collar}),{cap})"),
    "more": Template("{amount}+{added}"),
    "part_of_gain": Template("MAX({amount},0)*{rate}"),
    "priced": Template("{units}*{unit_price}"),
    "product": Template("{rate}*{of}"),
    "quality_for_gains": Template("{in_full}+{by_score}*{score}"),
    "quality_for_losses": Template("{score}*{counts}"),
    "rate_of": Template("{amount}/{base}"),
    "reached": Template("IF({measure}>={at_least},1,0)"),
    "recouped": Template("MIN(MAX({amount},0),{balance})"),
    "relief_used": Template("MIN({relief},MAX(-{amount},0))"),
    "score_used": Template("MAX({full_score},{score})"),
    "score_for_losses": Template("IF({full_score}>0,MAX({full_score},{score}),{score})"),
    "side_limit": Template("IF({counted}<0,{collar},{cap})"),
    "tier_part": Template(
        "SIGN({amount})*MAX(MIN(ABS({amount}),{to_rate}*{base})-{from_rate}*{base},0)"
    ),
}
"""Steps of an arrangement. A figure of the ledger is never blank there, so the first of two is
always given.
"""
