"""A first budget from the files people have: a ledger extract, a contract schedule and a list of
practices, with one file of answers (`wpb start`).

    answers    what the user said, with the line of each answer; questions that are still open
    sources    the three files read through the guarded reader: rows, units, totals, control totals
    joining    files overlap: which ledger lines a contract and practice payments replace
    funding    allocations by stream and year, growth and efficiency, and what had to be assumed
    building   the tables and settings of the model
    telling    the schedule from the ledger to the model, and the account of what was done
"""
