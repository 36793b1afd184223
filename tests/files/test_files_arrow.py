"""Pyarrow, imported late."""

import subprocess
import sys

import pyarrow as pa

from nngmix.files.arrow import is_text, plain_type

CODE = """
import sys
sys.modules["pyarrow"] = None
from nngmix.files.scan import Scan
try:
    Scan("t.csv")
except ImportError as error:
    print(error)
"""


def test_without_pyarrow_the_extra_is_named():
    said = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True).stdout
    assert said == "reading and writing files needs pyarrow: pip install 'nngmix[cli]'\n"


def test_kinds_of_types():
    assert all(map(is_text, (pa.string(), pa.large_string(), pa.string_view())))
    assert not any(map(is_text, (pa.binary(), pa.dictionary(pa.int8(), pa.string()), pa.null())))
    assert plain_type(pa.dictionary(pa.int8(), pa.string())) == pa.string()
    assert plain_type(pa.run_end_encoded(pa.int32(), pa.int8())) == pa.int8()
    assert plain_type(pa.int8()) == pa.int8()
