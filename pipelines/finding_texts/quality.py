"""What the gate finds: expectations about a bundle as a whole."""

from pipelines.finding_texts.text import Text

QUALITY: dict[str, Text] = {
    "expectation_broken": Text(
        "Expected of {file} as a whole, but not so: {expected}",
        "Check the export. If the expectation {name} is wrong for this source, change it in pipelines/quality/suites.",
    ),
}
