"""Taking a bundle that lies in a folder. Nothing is copied; links are refused, for they could lead anywhere.

Zips and sub-folders beside CSV files are not looked at: in a source's landing folder they are bundles of their own.
"""

from pathlib import Path

from pipelines.landing.delivery import DeliveredFile, digest_of, is_litter, is_unfinished
from pipelines.landing.remarks import Remarks


def collect(folder: Path, remarks: Remarks) -> tuple[DeliveredFile, ...]:
    """The files of a folder, or of the one folder in it; () and a refusal among the remarks if there are none."""
    files, folders = _contents(folder, remarks)
    if not files and len(folders) == 1:
        remarks.deviation("enclosing_folder", entry=folders[0].name)
        files, deeper = _contents(folders[0], remarks)
        if deeper:
            remarks.refusal("folder_levels", entry=f"{folders[0].name}/{deeper[0].name}")
    if not files and not remarks.refused:
        remarks.refusal("folder_empty")
    if remarks.refused:
        return ()
    return tuple(DeliveredFile(path.name, path, digest_of(path)) for path in files)


def _contents(folder: Path, remarks: Remarks) -> tuple[list[Path], list[Path]]:
    """Files and sub-folders, by name."""
    entries = sorted(folder.iterdir())
    litter = [entry for entry in entries if is_litter((entry.name,))]
    if litter:
        remarks.deviation("litter", entry=litter[0].name, count=len(litter))
    kept = [entry for entry in entries if entry not in litter and not is_unfinished(entry.name)]
    files = [entry for entry in kept if entry.is_file() and entry.suffix.lower() != ".zip"]
    for entry in files:
        if entry.is_symlink():
            remarks.refusal("link_inside", entry=entry.name)
    return files, [entry for entry in kept if entry.is_dir() and not entry.is_symlink()]
