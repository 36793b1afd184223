"""What is in a file, and what augmenting it would refuse: every fault at once, each found at the one door."""

from nngmix.inspection.inspection import Inspection, inspect_file

__all__ = ["Inspection", "inspect_file"]
