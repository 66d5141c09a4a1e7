"""Experiments: what a gateway should do beside what it did.

plan        a recipe, and the variants and calls that it comes to
draw        arrivals, keys and faults from one seed
site        a local gateway of the run's own, or a hosted one as it is
runner      sends the calls when they are due; progress, pause, stop
pace        what keeps the runner punctual
lease       how long a paid run goes on when nobody looks
basket      finished rows on their way to the records
attempts    what the journal knows of each call
staircase   attempts read off latencies, where no journal tells them
marks       what only a whole run says of its single requests
rows        one call as one row of the requests table
dryrun      what a plan is likely to take and cost
honesty     whether the generator kept to the plan
story       a run told in a few words
compare     two runs beside each other
oracle      which rule explains every hit and miss, and every 429
explained   the oracle over a whole run
certificate what a gateway's probes answered
bundle      a run as one file that can be read back; sheets, report, asserted: as other files
once        one recipe, run once
null        how much our own generator could send
metrics     what is measured of a group of requests
summary     each metric of each variant, beside its prediction
statistics  intervals, differences, verdicts
theory/     the formulas: cache, retries, load
planner     the same workload at a million to a billion requests a day
projection  what a recorded sample says about other rates
"""
