"""The files of a host of which evaluate.nix says what they are, and what systemd says to them."""

import os
import subprocess

SYSTEM = "etc/systemd/system"
# Those that systemd brings itself; NixOS then adds what it is told and leaves the rest.
UPSTREAM = {"user@.service"}


def write(system, tree):
    """As NixOS puts them, below the folder tree."""
    for name, unit in system["units"].items():
        put(tree / SYSTEM / (f"{name}.d/overrides.conf" if name in UPSTREAM else name), unit["text"])
        for kind in ("wantedBy", "requiredBy"):
            for other in unit[kind]:
                link = tree / SYSTEM / f"{other}.{'wants' if kind == 'wantedBy' else 'requires'}" / name
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(f"../{name}")
    for path, text in system["files"].items():
        put(tree / path, text)
    for path, source in system["etc"].items():
        put(tree / "etc" / path, "").unlink()
        (tree / "etc" / path).symlink_to(source)


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def analyze(tree, *arguments):
    # NixOS has it, this machine may not.
    docker = put(tree / "others/docker.service", "[Service]\nExecStart=/bin/true\n")
    # With the colon at the end those of this machine come after them.
    path = f"{tree / SYSTEM}:{docker.parent}:"
    return subprocess.run(["systemd-analyze", *arguments], text=True, capture_output=True, check=False,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": path})


def verify(tree):
    """What systemd says of the units, a line each; nothing if it understands every line."""
    ours = sorted(path.name.removesuffix(".d") for path in (tree / SYSTEM).iterdir()
                  if path.is_file() or path.suffix == ".d")
    done = analyze(tree, "verify", "--man=no", *(name.replace("@.", "@1.") for name in ours))
    said = [line for line in done.stderr.splitlines() if any(name in line for name in ours)]
    return said or ([] if done.returncode == 0 else [done.stderr])


def exposures(tree):
    """What systemd-analyze thinks of the services' restrictions, a line each; nothing on an older one."""
    for path in sorted((tree / SYSTEM).glob("*.service")):
        done = analyze(tree, "security", "--offline=true", "--no-pager", str(path))
        yield from (line.strip("→ ") for line in done.stdout.splitlines() if "Overall" in line)
