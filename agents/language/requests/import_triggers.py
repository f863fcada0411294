"""The words that show a request about a plan that comes in; see `triggers`."""

TRIGGERS: dict[str, str] = {
    "commit_import": r"""
        ^(commit|finish|complete|apply|accept|confirm|save){the} import
        ^import (it|them|this) (now|anyway|as (it is|shown|previewed))
        ^^(yes ?,? ?)?(please )?(go ahead|proceed)( (with|and) (it|{the} import))?
        ^(go ahead|proceed|import it|save it)( ?,? and|,)? (raise|increase|adjust|change|lift){the}{some} budget
        ^(go ahead|proceed|import it|save it) with{the} budget (as|it)
        """,
    "preview_import": r"""
        ^(import|load|read in|bring in|take over|re-?import)(?! (it|them|this) (now|anyway|as)){the} ?{something}
        ^^(import|preview)
        ^(preview|check|look at|show|try){the}{some} import
        ^(use|take|treat|map|make){the} column {something}
        ^column {something} (as|is|holds|has|means)
        ^(ignore|skip|leave out|drop){the} (column|row)s? {something}
        ^(the )?headers? (are|is)? ?(in|on|at) row
        ^(use|take|read){the} sheet {something}
        ^(the )?(day|month)s? (comes?|goes?|is) first
        ^{amount} (is|=|equals) {amount}
        ^{quoted} (is|means|=) ?{channel}
        """,
}
