"""What landing finds: archives, folders, manifests, and which files of a bundle are read."""

from pipelines.finding_texts.text import Text

_ZIP_AGAIN = "Zip the CSV files themselves, without folders, and upload the zip again."

ARCHIVES: dict[str, Text] = {
    "zip_unreadable": Text(
        "{file} is not a zip archive that can be read: it is damaged, or the upload was cut off.",
        "Upload it again. If it fails again, open the file on your own computer to see whether it was made correctly.",
    ),
    "zip_entry_damaged": Text(
        "{entry} in {file} is damaged: its content does not match its checksum, or it ends too early.",
        "Make the zip again and upload it again.",
    ),
    "zip_empty": Text("{file} is a zip archive without any file in it.", "Export again and upload the new zip."),
    "zip_encrypted": Text(
        "{entry} in {file} is protected by a password.", "Make the zip without a password; protect the way it travels."
    ),
    "zip_compression": Text(
        "{entry} in {file} is compressed by a method other than deflate, the only one OneRoster allows.",
        "Make the zip with the ordinary (deflate) setting of your program.",
    ),
    "zip_prefixed": Text(
        "{file} has other data before the zip archive begins, as self-extracting programs have.",
        "Make a plain zip.",
    ),
    "zip_path_unsafe": Text(
        "{file} has an entry whose name leads out of the archive or cannot be a file name: {entry}", _ZIP_AGAIN
    ),
    "zip_link": Text("{entry} in {file} is a link, not a file.", _ZIP_AGAIN),
    "zip_nested": Text(
        "{file} holds another archive, {entry}.", "Upload the inner archive by itself, or zip its CSV files directly."
    ),
    "zip_duplicate": Text(
        "{file} holds {entry} more than once, so it cannot be told which one is meant.",
        "Leave one of them in the zip. (Names that differ only in capital letters count as the same.)",
    ),
    "zip_too_many_entries": Text(
        "{file} has more entries than the {limit} that are accepted.",
        "A bundle has at most 22 files: leave out the others. The limit is the setting ROSTERHUB_MAX_ENTRIES.",
    ),
    "zip_too_large": Text(
        "{file} unpacks to more than the {limit} bytes that are accepted.",
        "If the bundle is really that large, raise the setting ROSTERHUB_MAX_UNPACKED_BYTES.",
    ),
    "zip_ratio": Text(
        "{file} unpacks to more than {limit} times its size, as archives do that are made to fill up a disk.",
        "If the bundle is genuine, raise the setting ROSTERHUB_MAX_RATIO.",
    ),
    "zip_backslashes": Text(
        "Names in {file} are written with \\ where zip archives have / ({entry}).",
        "Nothing, if the program that makes the zip cannot be changed.",
    ),
}

FOLDERS: dict[str, Text] = {
    "folder_empty": Text("{file} holds no files.", "Put manifest.csv and the other CSV files into it."),
    "folder_levels": Text("{file} holds folders within folders ({entry}).", _ZIP_AGAIN),
    "folder_beside_files": Text(
        "{file} holds files and, beside them, a folder ({entry}), so it cannot be told which of them are meant.",
        _ZIP_AGAIN,
    ),
    "enclosing_folder": Text(
        "The files of {file} lie in a folder of their own, {entry}; OneRoster wants them at the top.",
        "Zip the files and not the folder that they lie in.",
    ),
    "link_inside": Text(
        "{entry} in {file} is a link. Links are not followed, since they could lead to other people's files.",
        "Put the file itself there.",
    ),
    "litter": Text(
        "{file} holds what an operating system left there ({entry}); it was ignored.",
        "Nothing. On a Mac, a zip made with `zip -X` comes without it.",
    ),
}

MANIFEST: dict[str, Text] = {
    "manifest_missing": Text(
        "{file} has no manifest.csv, which says the version and which files are meant. {looks}",
        "Export OneRoster 1.1 or 1.2, whose bundles have a manifest.csv.",
    ),
    "manifest_not_utf8": Text(
        "{file} is not written in UTF-8 (the first other byte is number {offset}).", "Save it as UTF-8."
    ),
    "manifest_empty": Text(
        "{file} has no rows.", "It needs one row per property, the first being manifest.version,1.0."
    ),
    "manifest_shape": Text(
        "{file} is no table of two columns (line {line}).", "Write it as: propertyName,value and one row per property."
    ),
    "manifest_header": Text(
        "The columns of {file} are headed {said} and not propertyName,value; they were read as those.",
        "Head the columns propertyName,value.",
    ),
    "manifest_surplus": Text(
        "Line {line} of {file} has more than two cells; the others were ignored.",
        "Remove the extra commas, or put a value that holds a comma into double quotes.",
    ),
    "manifest_spaces": Text(
        "There are spaces around {property} or its value in {file} (line {line}); they were ignored.",
        "Remove the spaces.",
    ),
    "property_case": Text(
        "{property} in {file} is spelt {likely} in the standard; it was read as that.", "Write it as {likely}."
    ),
    "property_misspelt": Text(
        "{property} is no property of {file}; probably {likely} is meant. It was ignored.",
        "Write it as {likely}. Until then that file is read by what is in it.",
    ),
    "property_unknown": Text(
        "{property} is no property that {file} has in OneRoster {version}; it was ignored.", "Remove the row."
    ),
    "property_repeated": Text(
        "{property} occurs more than once in {file}, always with the same value.", "Keep one row."
    ),
    "property_contradictory": Text(
        "{property} occurs more than once in {file} and with different values, so it cannot be told which one holds.",
        "Keep the row that is right.",
    ),
    "properties_missing": Text(
        "{file} does not mention {properties}.",
        "Add a row for each, with the value absent where there is no such file. Until then a file that is not there "
        "counts as absent, and one that is there is read by what is in it.",
    ),
    "manifest_version": Text(
        "manifest.version in {file} is {said}; OneRoster knows only 1.0. It was read as that.",
        "Write manifest.version,1.0",
    ),
    "version_missing": Text(
        "{file} does not say which version of OneRoster it follows.",
        "Add the row oneroster.version with the value 1.1 or 1.2, whichever your export is.",
    ),
    "version_unknown": Text(
        "oneroster.version in {file} is {said}, which is not supported. Accepted are {accepted}.",
        "Export OneRoster 1.1 or 1.2 and let the manifest say so.",
    ),
    "version_outside_japan": Text(
        "oneroster.version in {file} is {said}, as only bundles of the Japan Profile have it; it was read as 1.2.",
        "Write 1.2. If this is a bundle of the Japan Profile, choose that profile for the source.",
    ),
    "mode_unknown": Text(
        "{property} in {file} is {said}. Accepted are absent, bulk and delta.",
        "Write bulk if the file is complete, delta if it holds changes only, absent if there is none.",
    ),
    "mode_case": Text("{property} in {file} is written {said}; it was read as {mode}.", "Write it as {mode}."),
    "mode_blank": Text(
        "{property} in {file} has no value.",
        "Write absent, bulk or delta. Until then a file that is not there counts as absent, and one that is there is "
        "read by what is in it.",
    ),
}

FILES: dict[str, Text] = {
    "file_missing": Text(
        "manifest.csv declares {file} as {mode}, but the bundle does not hold it.",
        "Add the file, or write absent in the manifest.",
    ),
    "file_declared_absent": Text(
        "The bundle holds {file}, but manifest.csv declares it absent; it was ignored.",
        "Write bulk or delta in the manifest if it is to be read, else leave it out.",
    ),
    "file_unknown": Text(
        "{file} is no file of OneRoster; it was ignored.{likely}", "Leave it out, or rename it if it is misnamed."
    ),
    "file_name_case": Text(
        "{file} is spelt {expected} in the standard; it was read as that.", "Rename it to {expected}."
    ),
    "file_name_twice": Text(
        "The bundle holds {file} and another file whose name differs only in capital letters.",
        "Leave one of them there.",
    ),
    "file_not_in_version": Text(
        "{file} does not exist in OneRoster {version}, which manifest.csv says this bundle is; it was ignored.",
        "Leave it out, or write oneroster.version,1.2 if the other files have the columns of 1.2.",
    ),
    "file_of_1_0": Text(
        "{file} has columns of OneRoster 1.0 ({columns}), which is not supported.",
        "Export OneRoster 1.1 or 1.2; if your program offers no other version, ask its maker.",
    ),
    "file_unrecognised": Text(
        "It cannot be told which file of OneRoster {file} is: neither its name nor its columns are those of one.",
        "Name it as in the standard, for example users.csv.",
    ),
    "file_empty": Text("{file} has no rows; it counts as absent.", "Leave it out and write absent in the manifest."),
    "core_file_empty": Text(
        "{file} is declared bulk, that is complete, and has no rows: it would remove every record of its kind.",
        "Export it with its rows. If it is not meant to be part of this bundle, write absent in the manifest.",
    ),
    "mode_from_data": Text(
        "manifest.csv does not say whether {file} is complete or holds changes; by its rows it was read as {mode}.",
        "Say so in the manifest.",
    ),
}

LANDING: dict[str, Text] = {**ARCHIVES, **FOLDERS, **MANIFEST, **FILES}
