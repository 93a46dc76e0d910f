"""The store: frozen folders, versions, overlays, what people said and signed, and the trail of who
did what.
"""
