"""What is remembered, for how long and how much of it."""

import pytest

from api.memory import Memory


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
