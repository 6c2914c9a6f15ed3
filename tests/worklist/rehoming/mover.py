"""Workers that carry one move and are killed at work: `python -m tests.worklist.rehoming.mover EVENT`.

For each number that comes in (seconds), one worker lives so long and is killed; how it ended goes out. It is forked, so
that a life costs no start of Django.
"""

from __future__ import annotations

import os
import signal
import sys
import time


def main(number: int) -> None:
    import django

    django.setup()
    from worklist.rehoming import carrying  # noqa: F401  once, and not in every life

    for line in sys.stdin:
        child = os.fork()
        if not child:
            work(number)
        time.sleep(float(line))
        os.kill(child, signal.SIGKILL)
        _pid, status = os.waitpid(child, 0)
        sys.stdout.write("killed\n" if os.WIFSIGNALED(status) else "ended\n")
        sys.stdout.flush()


def work(number: int) -> None:
    from ris.events.errors import DeliveryError
    from ris.events.models import Event
    from worklist.rehoming.carrying import carry
    from worklist.rehoming.rows import Rehoming

    event = Event.objects.get(pk=number)
    try:
        while not Rehoming.objects.get(pk=event.payload["rehoming"]).is_over:
            carry(event)
    except DeliveryError as error:
        sys.stderr.write(f"{error}\n")
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
