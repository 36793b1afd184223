"""Nothing of the package asks the network for anything: modules and commands, with sockets that refuse."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import importlib, pkgutil, socket, sys

class Asked(BaseException):
    pass

def refused(*arguments, **options):
    raise Asked(f"the network was asked for: {arguments}")

for name in ("connect", "connect_ex", "bind", "sendto", "sendmsg"):
    # The type of C, whose methods cannot be replaced, has this Python subclass.
    setattr(socket.socket, name, refused)
for name in ("create_connection", "getaddrinfo", "gethostbyname", "gethostbyname_ex"):
    setattr(socket, name, refused)

import nngmix
from nngmix import cli

for module in pkgutil.walk_packages(nngmix.__path__, "nngmix."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
source = sys.argv[1]
with open(source, "w") as file:
    lines = [f"{i},{i * i % 7},{'bad' if i % 9 == 0 else 'fine'}" for i in range(60)]
    file.write("\\n".join(["a,b,kind", *lines]))
who = ["--label", "kind", "--anomaly", "bad"]
for arguments in (
    ["check", source, *who],
    ["augment", source, *who, "-n", "20", "-o", source + ".parquet"],
    ["augment", source, *who, "-n", "20", "-o", source[:-4] + "-folder"],
    ["rank", source, *who, "-o", source + ".ranked.csv"],
):
    assert cli.run(arguments) == 0, arguments
try:
    socket.create_connection(("127.0.0.1", 9))
except Asked:
    print("refused as it should be")
"""


def test_every_module_and_command_works_without_a_network(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "in.csv")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("refused as it should be\n")
