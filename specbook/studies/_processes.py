"""Processes that share a folder: only one works in it, and workers end with their parent."""

import os
import threading
import time
from contextlib import contextmanager, suppress

try:
    import fcntl
except ImportError:  # Windows: nothing is locked
    fcntl = None


@contextmanager
def locked(path, wait):
    """Hold a lock, which ends with the process; with `wait`, until another has let go of it."""
    with open(path, "a") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                raise ValueError(
                    f"resume: another call is at work in {path.parent}; wait for it"
                ) from None
        yield
    with suppress(OSError):  # another call may have it open
        os.unlink(path)


def end_with(parent):
    """End this worker when the process that started it is gone, also if that was killed."""

    def watch():
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    if os.getpid() != parent and "end" not in {t.name for t in threading.enumerate()}:
        threading.Thread(target=watch, name="end", daemon=True).start()
