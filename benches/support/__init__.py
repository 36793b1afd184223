"""What the benchmarks share; nothing here imports one of them.

Measured in turns, each contestant in a process of its own:

    race                 contestants and limits; who waits, who is stopped, medians and quartiles
    process, worker      both ends of the pipe: a process that builds a task and times its calls
    measurement          the memory of a process, results that carry their own time
    agreement            whether results are the same bytes, or of the same distribution

Made from seeds:

    shapes, arrays       search problems by name, and their arrays
    hard_inputs          inputs known to break a search
    parquet_rows         files of any size
    wide_tables          files of many columns

What is measured, as functions that build a call:

    peers, numpy_search  searches: ours, other libraries', the best of NumPy
    search_contestants   who races on a shape; search_hard_inputs, search_variants: ours alone
    mixers, numpy_mix, published_script, reference_times    ways to make rows
    containers           one table in every container
    growth_modes         reading, searching and writing files
    clusters             Dask workers and a Spark session
    command_line         the command nngmix
    version_cases, version_tasks, installed                 what two versions are compared by

What comes out:

    document, machine    the JSON of results, with machine and versions
    markdown             times and tables as text
    evidence             tables and picture of an evaluation
    options              command-line options that benchmarks share
"""
