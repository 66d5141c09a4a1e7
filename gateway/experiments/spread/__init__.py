"""One run on several workers, for loads that outgrow one process.

    leader.Leader  --  cluster.Cluster (Dask)  --  worker.Post, one on each worker
      starts, rows, progress, pause, end             a Runner with its shard of the plan

shards   which worker sends which calls, drawn from the plan's seed
clocks   how far a worker's clock is from ours, and how sure that is
orders   what a worker is told: a recipe and where to ask
worker   what runs on a worker
lost     rows of calls whose worker is gone
version  whether a worker runs our code
cluster  the border to Dask; the only module that knows it
member   what the leader knows of a worker
leader   to those who watch a run, the same as its ``Runner``

Nothing here is a task of Dask's: what a worker does is asked of it directly, once. So no scheduler
can send a request a second time, and no key or dashboard holds what a worker was told.
"""
