#!/usr/bin/env python3
"""peer_lock_loop.py DIRECTORY: what lock_loop does, in Python."""

import fcntl
import os
import sys

free = held = 0
for entry in os.scandir(sys.argv[1]):
    fd = os.open(entry.path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free += 1
    except BlockingIOError:
        held += 1
    os.close(fd)
print(f"{free} free, {held} held")
