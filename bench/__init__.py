"""Speed, side by side with something known, in one run: ``python -m bench`` (or ``make bench``).

upstream    a stub provider that counts and stamps, in a process of its own
load        the load generator, in a process of its own
rig         both of these, the gateway between them, and who used the processor
scenarios   what is measured, and how hits and misses are proven
"""
