"""The contract: from estimated values to contractual ones, and how they move over its life.

Source: handbook chapter 4; overview 2, 3.5.
"""
