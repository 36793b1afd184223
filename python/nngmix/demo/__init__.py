"""The demo: what NNG-Mix does and what it is worth, on real data that ships with the river package.

Everything is printed as it came out, whichever way of making anomalies wins.
"""

from nngmix.demo.run import run_demo

__all__ = ["run_demo"]
