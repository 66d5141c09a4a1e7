"""What a gateway should do, in formulas: hit ratios, retries, limits and load.

    cache     C1-C13: time-to-live caches, cold starts, fills, evictions, mixtures
    retries   R1-R13: attempts, waits, timeouts, fallback, outages, storms
    load      Q1-Q6: rate limits, closed and open loops, streams, sockets

The names C1, R1, Q1 ... are those of the experiments' formula blocks; a prediction carries them.
All functions are pure; rates are per second, times in seconds unless a name says otherwise.
"""
