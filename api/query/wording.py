"""Terms of 1.2 in the words of 1.1, as SQL: what is said for a stored term, and how a word is looked for."""

from collections.abc import Sequence

from psycopg.sql import SQL, Composable, Literal

from pipelines.oneroster.v1p1 import Wording


def said(stored: Composable, terms: Sequence[str], wording: Wording) -> Composable:
    """What 1.1, which has those terms, says for a stored one; NULL for nothing."""
    cases = [SQL("WHEN {0} = ANY ({1}) THEN {0}").format(stored, Literal(list(terms)))]
    for term, word in wording.renamed.items():
        cases.append(SQL("WHEN {} = {} THEN {}").format(stored, Literal(term), Literal(word)))
    if wording.rest:
        cases.append(SQL("WHEN {} IS NOT NULL THEN {}").format(stored, Literal(wording.rest)))
    return SQL("CASE {} END").format(SQL(" ").join(cases))


def means(word: Composable, stored: Composable, terms: Sequence[str], wording: Wording) -> Composable:
    """The same as `said(stored, …) = word`, but of the kind that an index is used for.

    The planner knows the word, and leaves of all this the one comparison that is not false from the outset.
    """
    given = SQL("{}::text").format(word)
    ways = [SQL("({} = {} AND {} = ANY ({}))").format(stored, word, given, Literal(list(terms)))]
    for term, renamed in wording.renamed.items():
        ways.append(SQL("({} = {} AND {} = {})").format(stored, Literal(term), given, Literal(renamed)))
    if wording.rest:
        known = Literal([*terms, *wording.renamed])
        ways.append(SQL("({} <> ALL ({}) AND {} = {})").format(stored, known, given, Literal(wording.rest)))
    return SQL("({})").format(SQL(" OR ").join(ways))
