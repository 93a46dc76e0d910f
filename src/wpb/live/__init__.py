"""The live contract: where the rooms of the chain meet once a budget is agreed.

`contract` is the whole of it on one screen; `sharing`, `incentives` and `alliance` settle what is
earned beside the annual payment; `sharing_baseline` and `sharing_links` tie an arrangement to the
budget's lines.
"""

from wpb.live.contract import LiveContract, frozen_lines, live_contract, version_named
from wpb.live.sealed import input_digest

__all__ = ["LiveContract", "frozen_lines", "input_digest", "live_contract", "version_named"]
