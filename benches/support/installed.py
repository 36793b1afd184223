"""Which nngmix an interpreter has: ``python -m support.installed`` prints it as JSON."""

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

from support.machine import versions

LIBRARIES = ("numpy", "scikit-learn", "pyarrow", "click")


def installed() -> dict[str, Any]:
    """Version and a digest of the files, which tells two installs of the same version apart."""
    import nngmix

    folder = Path(nngmix.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".so", ".pyd"):
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return {
        "nngmix": nngmix.__version__,
        "digest": digest.hexdigest()[:12],
        "python": platform.python_version(),
        **versions(LIBRARIES),
    }


if __name__ == "__main__":
    print(json.dumps(installed()))
