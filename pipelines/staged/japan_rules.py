"""The Japan profile's rules over staged rows (facts: `oneroster.japan`). An overlay: base rules stay as they are."""

NEVER_FAIL: frozenset[str] = frozenset()


def with_profile(entity, typed, raw, reading):
    return typed
