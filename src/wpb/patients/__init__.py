"""The heavy room: people's records linked, priced, shared out and summarised; nothing about a
person leaves it.
"""
