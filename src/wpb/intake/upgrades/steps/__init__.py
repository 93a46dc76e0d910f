"""The steps, one file each: see `wpb.intake.upgrades` for how to add one."""
