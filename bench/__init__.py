"""Speed, side by side with something known, in one run: ``python -m bench`` (or ``make bench``).

upstream    a stub provider that counts and stamps, in a process of its own
nginx       the known thing: nginx before the same stub, passing through and caching
load        the load generator, in a process of its own
rig         all of these and the gateway, each on its core, and who used the processor
figures     what is measured, and which goal it has
scenarios   throughput and latency          streams     first chunks and later ones
runner      the experiment runner, a process     accuracy    its TTFT, its ceiling
footprint   memory, connections, start      runs        what they share: turns, rates, spreads
"""
