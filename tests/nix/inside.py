"""inside.py PATH: runs commands on the machine, one line of JSON each, and answers likewise.

With PATH before the usual one. What a command says to standard error goes the sandbox's way."""

import json
import os
import pathlib
import subprocess
import sys

os.environ["PATH"] = f"{sys.argv[1]}:{os.environ['PATH']}"

# Other users are to find the programs. Above the checkout all is this machine's own copy.
for above in pathlib.Path(__file__).resolve().parents[3:]:
    os.chmod(above, os.stat(above).st_mode | 0o011)

for line in sys.stdin:
    done = subprocess.run(["bash", "-c", f"set -euo pipefail; {json.loads(line)}"], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    print(json.dumps([done.returncode, done.stdout]), flush=True)
