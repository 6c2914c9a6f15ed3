from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ris.dicom import sandbox
from ris.dicom.sandbox import SandboxRefused
from ris.dicom.sandbox.pool import CALLS_PER_CHILD, Places, Pool

HOSTILE = "tests.ris.dicom.sandbox.hostile."


@pytest.fixture
def pool() -> Iterator[Pool]:
    mine = Pool(size=2, memory=768 * 1024**2)
    yield mine
    mine.close()


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_function_gets_payload_and_arguments_and_its_answer_comes_back(pool: Pool) -> None:
    assert pool.call(HOSTILE + "echo", b"abc", 1, "x", {"a": [None, 2.5]}) == [3, 1, "x", {"a": [None, 2.5]}]


def test_a_large_payload_passes(pool: Pool) -> None:
    assert pool.call(HOSTILE + "echo", b"\0" * 20_000_000) == [20_000_000]


def test_a_child_stays_warm_between_calls(pool: Pool) -> None:
    assert len({pool.call(HOSTILE + "pid", b"") for _ in range(5)}) == 1


def test_an_endless_loop_is_ended_at_its_deadline_and_the_child_replaced(pool: Pool) -> None:
    before = pool.call(HOSTILE + "pid", b"")
    started = time.monotonic()
    with pytest.raises(SandboxRefused) as caught:
        pool.call(HOSTILE + "for_ever", b"", deadline=0.5)
    assert caught.value.code == "deadline"
    assert 0.4 < time.monotonic() - started < 3
    assert not is_running(before)
    assert pool.call(HOSTILE + "pid", b"") != before


def test_eating_memory_is_refused_and_does_not_reach_the_machine(pool: Pool) -> None:
    with pytest.raises(SandboxRefused) as caught:
        pool.call(HOSTILE + "eat_memory", b"")
    assert caught.value.code == "memory"
    assert pool.call(HOSTILE + "echo", b"ok") == [2]


@pytest.mark.parametrize(
    ("function", "code", "words"),
    [
        ("refuse", "refused", "It is not what was expected."),
        ("recurse", "refused", "It is nested too deeply."),
        ("crash", "crashed", "Its reader crashed."),
        ("leave", "crashed", "Its reader crashed."),
        ("fail_with_a_name", "failed", "It cannot be read (KeyError)."),
        ("not_json", "failed", "It cannot be read (TypeError)."),
        ("not_a_number", "failed", "It cannot be read (ValueError)."),
        ("huge_answer", "too-large", "What was read from it is too large."),
        ("no_such_function", "failed", "It cannot be read (AttributeError)."),
    ],
)
def test_each_way_to_fail_is_told_in_safe_words_and_the_pool_goes_on(
    pool: Pool, function: str, code: str, words: str
) -> None:
    with pytest.raises(SandboxRefused) as caught:
        pool.call(HOSTILE + function, b"")
    assert (caught.value.code, caught.value.reason) == (code, words)
    assert "JANE" not in str(caught.value)
    assert pool.call(HOSTILE + "echo", b"ok") == [2]


def test_what_a_library_prints_does_not_disturb_the_answer(pool: Pool) -> None:
    assert pool.call(HOSTILE + "chatter", b"") == "clean"
    assert pool.call(HOSTILE + "echo", b"ok") == [2]


def test_a_child_sees_no_secret_and_no_django(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORTHANC_PASSWORD", "do-not-tell")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "ris.settings")
    seen = pool.call(HOSTILE + "surroundings", b"")
    assert "do-not-tell" not in str(seen["environment"])
    assert "DJANGO_SETTINGS_MODULE" not in seen["environment"]
    assert seen["directory"] == "/"
    assert "ris.dicom.sandbox.content" in seen["modules"]
    assert [name for name in seen["modules"] if name.startswith(("django", "celery"))] == []


def test_a_child_cannot_write_files(pool: Pool, tmp_path: Path) -> None:
    target = tmp_path / "leak"
    with pytest.raises(SandboxRefused):
        pool.call(HOSTILE + "write_a_file", b"", str(target))
    assert not target.exists() or target.stat().st_size == 0


def test_concurrent_calls_share_two_children_and_get_their_own_answers(pool: Pool) -> None:
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = pool.call(HOSTILE + "echo", b"x" * number, number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: [number, number] for number in range(40)}
    assert 1 <= len(pool.pids()) <= 2


def test_when_all_readers_are_busy_a_caller_does_not_wait_for_ever() -> None:
    pool = Pool(size=1)
    pool.call(HOSTILE + "echo", b"")
    blocker = threading.Thread(target=pool.call, args=(HOSTILE + "slowly", b"", 1.0))
    blocker.start()
    time.sleep(0.2)
    with pytest.raises(SandboxRefused) as caught:
        pool.call(HOSTILE + "echo", b"", deadline=0.1)
    assert caught.value.code == "busy"
    blocker.join()
    assert pool.call(HOSTILE + "echo", b"") == [0]
    pool.close()


def test_who_gives_a_reader_back_does_not_get_it_again_before_those_who_wait() -> None:
    places, got = Places(1), list[bool]()
    assert places.acquire(0)
    waiting = threading.Thread(target=lambda: got.append(places.acquire(20)))
    waiting.start()
    while not places.waiting:
        time.sleep(0.001)
    places.release()
    assert not places.acquire(0)
    waiting.join()
    assert got == [True]
    places.release()
    assert places.acquire(0)


def test_who_waited_in_vain_leaves_no_trace_in_the_queue() -> None:
    places = Places(1)
    assert places.acquire(0)
    assert not places.acquire(0.01)
    places.release()
    assert (places.acquire(0), places.waiting) == (True, 0)


def test_many_calls_and_many_deaths_leave_no_process_and_no_descriptor_behind(pool: Pool) -> None:
    pool.call(HOSTILE + "echo", b"")
    open_before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    seen = set(pool.pids())
    for round_ in range(CALLS_PER_CHILD + 20):
        pool.call(HOSTILE + "echo", b"x")
        if round_ % 50 == 0:
            with pytest.raises(SandboxRefused):
                pool.call(HOSTILE + "crash", b"")
        seen |= pool.pids()
    assert len(seen) > 3
    assert [pid for pid in seen - pool.pids() if is_running(pid)] == []
    assert len(os.listdir("/proc/self/fd")) <= open_before + 2  # noqa: PTH208
    pool.close()
    assert [pid for pid in seen if is_running(pid)] == []


def test_an_old_child_is_replaced_by_a_fresh_one(pool: Pool) -> None:
    pids = [pool.call(HOSTILE + "pid", b"") for _ in range(CALLS_PER_CHILD + 1)]
    assert len(set(pids)) == 2


def test_a_warm_child_that_died_meanwhile_is_not_handed_out(pool: Pool) -> None:
    first = pool.call(HOSTILE + "pid", b"")
    os.kill(first, 9)
    while f"{first} (" in (stat := Path(f"/proc/{first}/stat").read_text()) and ") Z " not in stat:
        time.sleep(0.01)
    assert pool.call(HOSTILE + "pid", b"") != first


def test_a_payload_beyond_reason_is_not_even_sent(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ris.dicom.sandbox.pool.PAYLOAD_MAX", 10)
    with pytest.raises(SandboxRefused) as caught:
        pool.call(HOSTILE + "echo", b"x" * 11)
    assert caught.value.code == "too-large"
    assert pool.pids() == set()


FORKING = """
import os, sys
from ris.dicom import sandbox
mine = sandbox.call("tests.ris.dicom.sandbox.hostile.pid", b"")
child = os.fork()
if child == 0:
    theirs = sandbox.call("tests.ris.dicom.sandbox.hostile.pid", b"")
    os._exit(0 if theirs != mine else 1)
_, status = os.waitpid(child, 0)
again = sandbox.call("tests.ris.dicom.sandbox.hostile.pid", b"")
print(os.waitstatus_to_exitcode(status), again == mine, mine)
"""


def test_a_forked_process_has_children_of_its_own_and_the_parent_keeps_its_own() -> None:
    import sys

    root = Path(__file__).resolve().parents[4]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKING], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    code, kept, child = done.stdout.split()
    assert (code, kept) == ("0", "True")
    assert not is_running(int(child)), "the child must end with its parent"
    assert done.stderr == ""


def test_the_pool_of_the_process_answers() -> None:
    assert sandbox.call(HOSTILE + "echo", b"abc") == [3]
