"""Writes dashboards/*.json from the declarations."""

import json
from pathlib import Path

from deploy.monitoring.grafana import boards, panels

FOLDER = Path(__file__).parent / "dashboards"


def texts() -> dict[str, str]:
    """Every file by its name."""
    return {
        f"{board.uid}.json": json.dumps(panels.written(board), indent=1, ensure_ascii=False) + "\n"
        for board in boards.DASHBOARDS
    }


if __name__ == "__main__":
    for name, text in texts().items():
        (FOLDER / name).write_text(text)
