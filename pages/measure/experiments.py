"""Experiments: what a gateway should do beside what it did."""

from pages.parts import experiment_form, experiment_list, experiment_result, experiment_run

run = experiment_run.opened()
if run is not None and not run.ended:
    experiment_run.watch(run)
elif run is not None:
    experiment_result.show(run)
else:
    experiment_form.new()
    experiment_list.runs()
