"""What whoever keeps an installation running does to it while its servers run or stand still.

`skill-fleet db` (upgrade, check, backup, copy) and `skill-fleet doctor`. May import everything below the API; nothing
imports it but the program's own command line.
"""
