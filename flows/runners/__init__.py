"""Who does the jobs, by Prefect's task runners: processes, threads, workers of a Dask or Ray cluster."""
