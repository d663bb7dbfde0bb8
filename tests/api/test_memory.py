"""What is remembered, for how long and how much of it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from api.memory import Costly, Memory


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    moment = [0.0]
    monkeypatch.setattr("api.memory.monotonic", lambda: moment[0])
    return moment


def test_a_value_is_found_until_its_time_is_over(now: list[float]) -> None:
    memory: Memory[str, int] = Memory(10, seconds=5)
    memory.put("a", 0)
    now[0] = 4.9
    assert memory.get("a") == 0
    now[0] = 5.0
    assert memory.get("a") is None


def test_the_value_not_asked_for_longest_goes_first() -> None:
    memory: Memory[str, int] = Memory(2)
    memory.put("a", 1)
    memory.put("b", 2)
    memory.get("a")
    memory.put("c", 3)
    assert [memory.get(key) for key in "abc"] == [1, None, 3]


def test_a_value_is_looked_up_once_and_a_failure_is_not_remembered() -> None:
    memory: Memory[str, int] = Memory(2)
    found = iter([1, 2])

    def fail() -> int:
        raise ValueError("away")

    with pytest.raises(ValueError, match="away"):
        memory.get_or("a", fail)
    assert [memory.get_or("a", lambda: next(found)) for _ in range(2)] == [1, 1]


def test_what_is_costly_is_found_by_one_thread() -> None:
    memory: Costly[str, int] = Costly(10)
    started, asked, begin = Event(), [], Barrier(2)

    def find() -> int:
        asked.append("a")
        started.set()
        begin.wait(10)
        return 7

    with ThreadPoolExecutor(3) as pool:
        found = [pool.submit(memory.get_or, "a", find)]
        started.wait(10)
        found += [pool.submit(memory.get_or, "a", find) for _ in range(2)]
        begin.wait(10)
        assert [one.result(10) for one in found] == [7, 7, 7]
    assert asked == ["a"]


def test_what_could_not_be_found_is_looked_for_again() -> None:
    memory: Costly[str, int] = Costly(10)
    with pytest.raises(ZeroDivisionError):
        memory.get_or("a", lambda: 1 // 0)
    assert memory.get_or("a", lambda: 7) == 7
