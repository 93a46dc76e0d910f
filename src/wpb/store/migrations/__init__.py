"""Changes of the database's shape, one file each, applied in order when a store is opened."""

NEWEST = "0004"
"""The newest shape; a store that has it is opened without looking for changes."""
