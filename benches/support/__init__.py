"""What the benchmarks share; nothing here imports one of them.

measurement   the memory of this process, results that carry their own time
worker        a process that builds a task and times its calls
process       the other end of the worker's pipe
race          contestants that take turns
inputs        shapes, arrays and Parquet files made from seeds
peers, mixers what is raced: functions that build the call to be timed
document      the JSON of results, with machine and versions
options       command-line options that benchmarks share
markdown      times and tables as text
"""
