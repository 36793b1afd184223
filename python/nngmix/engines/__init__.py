"""What Dask and Spark share: workers fold states over partitions, states merge, rows are made from a table.

`columns` takes rows from blocks of columns, `partitions` searches, `making` makes rows. An engine brings two
things: a function that runs a state over all partitions and merges, and a collection of made partitions.
"""
