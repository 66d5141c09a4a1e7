"""A worker whose clock isn't ours: ``skewed.py SECONDS ADDRESS ...`` starts one."""

import runpy
import sys
import time

if __name__ == "__main__":
    honest, ahead_s = time.perf_counter, float(sys.argv[1])
    time.perf_counter = lambda: honest() + ahead_s
    sys.argv = sys.argv[1:]
    runpy.run_module("distributed.cli.dask_worker", run_name="__main__", alter_sys=True)
