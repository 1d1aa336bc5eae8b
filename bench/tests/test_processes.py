"""CPU and memory are counted of a whole tree, also of a child that has come and gone."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bench import processes

BUSY = "import time\nwhile time.process_time() < 0.3: pass"


def test_the_cpu_of_children_counts_while_they_live_and_after() -> None:
    before = processes.cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", BUSY], check=True)
    assert processes.cpu_seconds(os.getpid()) - before >= 0.25
    with subprocess.Popen([sys.executable, "-c", f"{BUSY}\ninput()"], stdin=subprocess.PIPE) as child:
        deadline = time.monotonic() + 20
        while processes.cpu_seconds(child.pid) < 0.25 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert child.pid in processes.tree(os.getpid())
        assert processes.cpu_seconds(os.getpid()) - before >= 0.5


def test_memory_of_one_that_holds_thirty_megabytes() -> None:
    held = bytearray(30 * 1024**2)
    (mine,) = processes.memory([os.getpid()])
    assert mine.rss_mb > len(held) / 1024**2
    assert mine.rss_mb >= mine.pss_mb > 0


def test_one_that_is_gone_has_no_memory() -> None:
    child = subprocess.Popen(["true"])
    child.wait()
    assert processes.memory([child.pid]) == []
    assert processes.tree(child.pid) == []
