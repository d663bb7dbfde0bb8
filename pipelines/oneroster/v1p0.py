"""OneRoster 1.0, as far as it must be recognised: it had no manifest and other column names. It is not read."""

# Column names, in lower case, that 1.0 exports have and that 1.1 renamed or dropped.
OLD_NAMES = frozenset({"grade", "schoolyearid", "userid", "agents", "termsourcedid"})
