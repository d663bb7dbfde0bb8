"""What staging finds: headers, cells, rows, duplicates."""

from pipelines.finding_texts.text import Text

STAGED: dict[str, Text] = {
    # the file as text
    "not_utf8": Text(
        "{file} is not UTF-8: byte {offset} cannot be read. The file looks like {encoding}.",
        "Export the file as UTF-8, or convert it (for example: iconv -f CP932 -t UTF-8), and deliver it again.",
    ),
    "quotes_malformed": Text(
        "In {file} the double quotes do not match at line {line}, so it is unclear where its cells end.",
        "Put cells that hold a quote or a comma in double quotes, and write a quote inside them twice.",
    ),
    "bom_doubled": Text("{file} begins with two byte order marks.", "Save the file as UTF-8 with one BOM or none."),
    "line_ends_cr": Text(
        "{file} has {count} line ends that are a bare carriage return.",
        "Export with CRLF or LF line ends.",
    ),
    "row_empty": Text("{file} has {count} rows of empty cells only; they are ignored.", "Remove those rows."),
    # the header
    "column_missing": Text(
        "{file} lacks the required columns {columns}.{looks}",
        "Export the file with all columns of the OneRoster tables.",
    ),
    "column_absent": Text(
        "{file} lacks the optional columns {columns}; they are taken as empty.",
        "The standard asks for every column in the header, also where all its cells are empty.",
    ),
    "column_unknown": Text(
        'The column "{column}" of {file} is not one of OneRoster\'s; it is ignored.',
        "Correct the name; extension columns begin with metadata.",
    ),
    "header_nameless": Text("Column {position} of {file} has no name; it is ignored.", "Name the column or remove it."),
    "header_duplicate": Text(
        'The column "{column}" stands {times} times in the header of {file}.',
        "Remove all but one: it cannot be told which of them holds the data.",
    ),
    "header_spaces": Text('The header of {file} has spaces around "{column}".', "Remove the spaces."),
    "header_case": Text(
        'The header of {file} says "{column}" where the standard says "{expected}".',
        "Write column names exactly as the standard does.",
    ),
    "header_order": Text(
        "The columns of {file} are not in the standard's order.",
        "Order them as in the OneRoster tables, extension columns last.",
    ),
    "lifecycle_missing": Text(
        "{file} lacks {columns}; in a bulk file they are empty anyway.",
        "Keep the columns status and dateLastModified in the header.",
    ),
    "lifecycle_missing_in_delta": Text(
        "{file} is declared delta and lacks {columns}.",
        "A delta file needs status and dateLastModified in every row; declare a full export as bulk.",
    ),
    # the shape of a row
    "cells_missing": Text("The row has fewer cells than the header of {file}.", "Check the row for a missing comma."),
    "cells_surplus": Text(
        "The row has more filled cells than the header of {file}.",
        "Put cells that hold a comma in double quotes.",
    ),
    "cells_surplus_empty": Text("The row ends in extra empty cells.", "Remove the commas at the end of the row."),
    "line_break": Text('A cell of "{column}" holds a line break.', "Remove the line break."),
    "cell_nul": Text('A cell of "{column}" holds a NUL character.', "Remove the character and export again."),
    "control_characters": Text('A cell of "{column}" holds a tab or another control character.', "Remove it."),
    "cell_too_long": Text(
        'A cell of "{column}" is longer than 1 MiB.', "Shorten it: a missing quote may be the cause."
    ),
    # cells
    "id_blank": Text("The row has no sourcedId.", "Every record needs its sourcedId."),
    "id_unusable": Text(
        "The sourcedId is longer than 255 characters or holds control characters.",
        "Use an id that is shorter than 256 characters.",
    ),
    "id_characters": Text(
        "The sourcedId has characters outside the standard's set (0-9 A-Z a-z . - _ / @).",
        "The record is kept; some systems refuse such ids.",
    ),
    "required_blank": Text('"{column}" is required and empty.', "Fill it in the source system."),
    "spaces_trimmed": Text('Cells of "{column}" have spaces around the value; they are ignored.', "Remove the spaces."),
    "null_word": Text('"{column}" holds the word NULL; it is taken as empty.', "Leave the cell empty."),
    "enum_unknown": Text(
        'The value of "{column}" is not in the standard\'s list.',
        "Use one of the standard's words, or ext: and a name where that is allowed.",
    ),
    "enum_case": Text('Values of "{column}" differ from the standard\'s in upper and lower case.', "Use its spelling."),
    "boolean_unknown": Text('"{column}" is neither true nor false.', "Write true or false."),
    "date_unusable": Text(
        'The date in "{column}" cannot be used: expected YYYY-MM-DD and a day that exists.',
        "Export dates as YYYY-MM-DD; other orders are never guessed.",
    ),
    "date_unlikely": Text('The date in "{column}" is before 1900 or after 2200.', "Check it in the source system."),
    "datetime_unusable": Text(
        'The date-time in "{column}" cannot be used: expected for example 2026-04-01T08:00:00.000Z.',
        "Export date-times in UTC in that form.",
    ),
    "datetime_form": Text(
        'Date-times in "{column}" are not written in UTC with a Z; they were converted.',
        "Export them for example as 2026-04-01T08:00:00.000Z.",
    ),
    "year_unusable": Text('"{column}" is not a year.', "Write the four digits of the year."),
    "year_span": Text(
        'Values of "{column}" are written as a span; the year in which the school year ends was taken.',
        "Write the four digits of the year.",
    ),
    "number_unusable": Text('"{column}" is not a number of the expected form.', "Write it with digits and a point."),
    "list_untidy": Text('Lists in "{column}" have empty items or spaces; they are ignored.', "Remove them."),
    "text_long": Text(
        '"{column}" is longer than 1,024 bytes: a text that records are looked up by has to be shorter.',
        "Shorten it; the standard asks systems to keep 255 characters.",
    ),
    "pairs_unusable": Text(
        '"{column}" is not a list of {{type:value}} items.',
        "Write each item as {{type:value}}, separated by commas.",
    ),
    # several cells
    "dates_reversed": Text('"{column}" is before the date at which it begins.', "Check both dates."),
    "range_reversed": Text('"{column}" is below the minimum.', "Check both values."),
    "subject_codes_differ": Text(
        "subjects and subjectCodes have different lengths.",
        "List a code for every subject, in the same order.",
    ),
    "objective_not_uuid": Text("A learning objective of source case must be a UUID.", "Use the CASE item's UUID."),
    "reference_repeated": Text('"{column}" names the same record twice.', "Name it once."),
    "own_agent": Text("The person is named as their own agent.", "Remove the person's own id from the list."),
    # the Japan profile
    "jp_vocabulary": Text(
        '"{column}" holds a word that the Japan profile does not have.',
        "Use one of the profile's words; the base standard's others are not exchanged in Japan.",
    ),
    "jp_must_be_blank": Text('"{column}" is filled; the Japan profile leaves it empty.', "Leave the cell empty."),
    "jp_one_grade": Text("A user has more than one grade.", "Give the one grade the pupil is in."),
    "jp_half_width": Text('"{column}" holds half-width katakana.', "Use full-width katakana."),
    "jp_id_form": Text('"{column}" is not a UUID (version 4, lower case).', "Use UUIDs, as the Japan profile does."),
    "jp_code_form": Text('"{column}" is no school code or board code.', "Check the code."),
    "jp_kana_form": Text('"{column}" is not full-width katakana.', "Use full-width katakana."),
    "jp_title_form": Text('"{column}" does not begin with the school year (2026年度).', "Begin with the school year."),
    "jp_value_form": Text('"{column}" has an unexpected form.', "See the Japan profile for the column's values."),
    "jp_expected_blank": Text(
        '"{column}" is empty; the learning portal standards require it.',
        "Fill it where the data goes to a learning portal.",
    ),
    "jp_extension_missing": Text("{file} lacks the column {column} of the Japan profile.", "Add the column."),
    "jp_delta": Text("{file} is a delta; the Japan profile exchanges bulk files.", "Deliver bulk files."),
    # identity and lifecycle
    "id_repeated": Text(
        "The same record stands in {file} more than once; one of its rows was taken.",
        "Export every record once.",
    ),
    "id_duplicate": Text(
        "Rows with the same sourcedId contradict each other; none of them was taken.",
        "Give every record an id of its own, or export it once.",
    ),
    "lifecycle_filled": Text(
        "status or dateLastModified are filled in {file}, a bulk file; the status is used.",
        "In bulk files status and dateLastModified are empty.",
    ),
    "delta_lifecycle_blank": Text(
        '"{column}" is empty in a delta row.',
        "Every row of a delta file needs its status and its dateLastModified.",
    ),
    "delta_without_lifecycle": Text(
        "{file} is declared delta and no row has status and dateLastModified: it may be a bulk file.",
        "Declare the file as bulk in the manifest, or fill the two columns.",
    ),
}
