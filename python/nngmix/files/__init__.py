"""Tables on disk: one reader, one writer, whatever the format.

Every file is a `source` (CSV, Parquet, Feather); a `catalog` reads the headers of all files of an input,
unites their types (`schema`) and tells which columns nobody chose; `scan` streams their rows as Arrow batches
in these types. `reader` takes a whole file through the same scan, `writer` puts old and new rows into one.
Everything that could make the writing fail is asked beforehand by `check_target` and `check_writing`: no long
run is lost at its end. Rows count from 0, in messages too, as `MixPlan` and ``--plan`` count them.
"""
