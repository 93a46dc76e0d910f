"""The commands, one module for each family; `wpb.cli` imports one only when it is asked for."""
