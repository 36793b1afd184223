"""What Dask and Spark share: passes run over the partitions of a frame and merge, rows are made from a table.

`roles` says what each column is, `partitions` runs the passes of a fit and numbers rows, `row_names` keeps
the values of an id column, `maker` makes rows. An engine brings two things: a function that runs a state over
all partitions and merges (`dask_collection`, `spark_frame`), and a collection of made partitions.
"""
