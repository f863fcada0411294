"""Run as a script by the plain interpreter: waits for its parent's word, then becomes the given program.

It waits so that a program never runs before its parent has written down its pid: a parent killed in between
closes the pipe, and the launcher leaves. It drops its rights before it asks for the death signal, because
changing the account clears that. The kernel ties the signal to the parent's *thread*: start children from the
main thread.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def become(parent: int, death_signal: int, uid: int, gid: int, argv: list[str]) -> None:
    if not os.read(0, 1):
        sys.exit("the parent ended before the start")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.umask(0o077)
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:
            sys.exit("the parent ended during the start")
    os.execv(argv[0], argv)  # noqa: S606 - exactly this program, no shell


if __name__ == "__main__":
    parent, death_signal, uid, gid = (int(value) for value in sys.argv[1:5])
    become(parent, death_signal, uid, gid, argv=sys.argv[5:])
