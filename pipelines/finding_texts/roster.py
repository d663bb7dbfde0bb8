"""What publishing finds: references, roles, what the store makes of a delta."""

from pipelines.finding_texts.text import Text

ROSTER: dict[str, Text] = {
    "reference_missing": Text(
        '"{column}" names a record that is not in {target}.csv{cause}.',
        "Deliver the record it names, or correct the id.",
    ),
    "reference_missing_here": Text(
        '"{column}" names a record that is not in {target}.csv{cause}.',
        "Deliver the record it names. A hub that already has it would accept this row.",
    ),
    "reference_dangling": Text(
        '"{column}" names a record that is not in {target}.csv{cause}; the reference is left out until it is.',
        "Deliver the record it names, or correct the id.",
    ),
    "not_checked": Text(
        'References in "{column}" were not checked: the changes of a delta may refer to stored records.',
        "Nothing to do; the hub checks them when it publishes.",
    ),
    "reference_cycle": Text(
        'The records named in "{column}" are each other\'s parents; these references are left out.',
        "Correct the parents so that they end at a top.",
    ),
    "profile_of_another": Text(
        '"{column}" names the profile of another user.',
        "Name a profile of the user whose role this is.",
    ),
    "user_without_role": Text(
        "The user has no role in roles.csv; OneRoster cannot show such a user.",
        "Add a row to roles.csv for the user.",
    ),
    "class_at_district": Text(
        '"{column}" names an organisation that is not a school.',
        "Classes and enrollments belong to schools.",
    ),
    "course_in_term": Text(
        '"{column}" names a session that is not a school year.',
        "A course belongs to a school year; its classes belong to terms.",
    ),
    "primary_roles_doubled": Text(
        "The user has more than one primary role at the same organisation.",
        "Mark one of them as secondary.",
    ),
    "secondary_without_primary": Text("The user has secondary roles only.", "Add the user's primary role."),
    "row_waits": Text(
        '"{column}" names a record that has not come yet; the row waits for it.',
        "Nothing to do if the record comes with a later delta; else deliver a bulk file.",
    ),
    "delta_outdated": Text(
        "{count} delta rows of {file} are older than the stored record; they are ignored.",
        "Deliver deltas in their order.",
    ),
    "tombstone_unknown": Text(
        "{count} rows of {file} mark records as deleted that were never delivered; they are ignored.",
        "Nothing to do.",
    ),
    "target_deleted": Text(
        '"{column}" names a record that is marked as deleted.',
        "Check whether the record it names should be active.",
    ),
    "kept_previous": Text(
        "{count} rejected rows of {file} have an earlier version, which stays published as it was.",
        "Correct the rows; nothing was deleted.",
    ),
    "too_many_rejected": Text(
        "{rejected} of {total} rows of {file} were rejected; more than {limit} % refuses the bundle.",
        "Correct the rows named above and deliver the bundle again. Nothing was published.",
    ),
}
