"""Evaluates the project's Nix files, and makes what the evaluation would have had built."""

import functools
import json
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
PROJECT = HERE.parent.parent

MADE = "trace: made: "

# No store, no daemon, nothing that this machine has configured.
ENVIRONMENT = {
    **os.environ,
    "NIX_REMOTE": "dummy://",
    "NIX_CONF_DIR": "/nonexistent",
    "NIX_USER_CONF_FILES": "/nonexistent",
    "NIX_CONFIG": "build-users-group =\nexperimental-features = nix-command flakes",
}


class Refused(Exception):
    """What is wrong with a configuration, in its own words."""


def nix_instantiate(*arguments):
    """(standard output, standard error); Refused with the latter."""
    done = subprocess.run(["nix-instantiate", *arguments], env=ENVIRONMENT, text=True,
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise Refused("".join(line for line in done.stderr.splitlines(True) if not line.startswith(MADE)))
    return done.stdout, done.stderr


def value(file, *arguments):
    """The value in the file, and what is to be made for it."""
    out, err = nix_instantiate("--eval", "--strict", "--json", str(file), *arguments)
    made = [json.loads(line[len(MADE):]) for line in err.splitlines() if line.startswith(MADE)]
    return json.loads(out), made


@functools.cache
def project(attribute, packages="/packages"):
    """What evaluate.nix says."""
    return value(HERE / "evaluate.nix", "--argstr", "packages", str(packages), "--attr", attribute)


def place_packages(folder, build, programs):
    """Puts packages where pkgs.nix says that they are: the programs of this machine, those that were
    built, and instead of the others `programs`, a file for each name."""
    names, _ = project("packages")
    folder.mkdir(parents=True)
    (folder / "cc-ci").symlink_to(build)
    for name in names:
        package = folder / name
        package.mkdir()
        if name in programs:
            (package / "bin").mkdir()
            (package / "bin" / name).symlink_to(programs[name])
        else:
            (package / "bin").symlink_to("/usr/bin")
            (package / "sbin").symlink_to("/usr/sbin")


def make(made):
    """What a build would: writes files and runs commands."""
    for one in made:
        path = pathlib.Path(one["path"])
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if "command" in one:
            done = subprocess.run(["bash", "-e", "-c", one["command"]], text=True, check=False,
                                  capture_output=True, env={**os.environ, "out": str(path)})
            if done.returncode != 0:
                raise Refused(done.stderr)
        else:
            path.write_text(one["text"])
            path.chmod(0o755 if one["executable"] else 0o644)


def system(host, packages):
    """What the host is made of, as evaluate.nix has it, with all of it made. Refused if there is a
    reason against it."""
    failed = [one["message"] for one in project(f"{host}.assertions", packages)[0] if not one["holds"]]
    if failed:
        raise Refused("\n".join(failed))
    parts, made = project(f"{host}.system", packages)
    make(made)
    return parts
