"""For every status that is decided by the transfer and its id alone a table of transfers in which it is given."""

from ledger import Status

FORM_TABLES = {
    Status.GROUP_BROKEN: """
        a issued > ann 1 group=g group_broken
        b issued > ann 1 created
        c issued > ann 1 group=g group_broken
        --
        d issued > ann 1 group=g created
        e issued > ann 1 group=h group_broken
        f issued > ann 1 group=i created
        g issued > ann 1 group=h group_broken
    """,
    Status.ID_NOT_TIME_ORDERED: "timeless issued > ann 1 id_not_time_ordered",
    Status.ACCOUNTS_MUST_DIFFER: "a ann > ann 1 accounts_must_differ",
    Status.AMOUNT_MUST_BE_POSITIVE: """
        a issued > ann 0 amount_must_be_positive
        b issued > ann -1 amount_must_be_positive
        c issued > ann 0 kind=pending amount_must_be_positive
        d issued > ann -1 kind=post of=c amount_must_be_positive
        e issued > ann -1 kind=lot_expiry event=-1h amount_must_be_positive
    """,
    Status.AMOUNT_TOO_LARGE: """
        a issued > ann 9223372036854775808 amount_too_large
        b issued > ann 9223372036854775808 kind=expire of=a amount_too_large
        c issued > ann 9223372036854775807 created
    """,
    Status.AMOUNT_MUST_BE_ZERO: """
        a issued > ann 1 kind=expire of=b amount_must_be_zero
        b ann > issued 1 kind=lot_expiry event=-1h amount_must_be_zero
    """,
    Status.CODE_OUT_OF_RANGE: """
        a issued > ann 1 code=-1 code_out_of_range
        b issued > ann 1 code=2147483648 code_out_of_range
        c issued > ann 1 code=2147483647 created
        d issued > ann 1 code=0 created
        e issued > ann 1 code=0 kind=pending created
        f issued > ann 1 code=2147483647 kind=pending created
    """,
    Status.LOT_TERMS_OUT_OF_RANGE: """
        a issued > ann 1 lot=-,-,-1 lot_terms_out_of_range
        b issued > ann 1 lot=-,-,9223372036854775808 lot_terms_out_of_range
        c issued > ann 1 lot=+1d,+1d lot_terms_out_of_range
        d issued > ann 1 lot=+2d,+1d,9223372036854775807 created
    """,
    Status.TIMEOUT_OUT_OF_RANGE: """
        a issued > ann 1 kind=pending timeout=0 timeout_out_of_range
        b issued > ann 1 kind=pending timeout=2147483648 timeout_out_of_range
        c issued > ann 1 kind=pending timeout=2147483647 created
        d issued > ann 1 timeout=-1 timeout_out_of_range
    """,
    Status.TIMEOUT_RESERVED_FOR_PENDING: "a issued > ann 1 timeout=60 timeout_reserved_for_pending",
    Status.PENDING_ID_MUST_BE_GIVEN: """
        a issued > ann 1 kind=post pending_id_must_be_given
        b issued > ann 0 kind=void pending_id_must_be_given
        c issued > ann 0 kind=expire pending_id_must_be_given
    """,
    Status.PENDING_ID_MUST_NOT_BE_GIVEN: """
        a issued > ann 1 of=b pending_id_must_not_be_given
        b issued > ann 1 kind=pending of=a pending_id_must_not_be_given
    """,
    Status.REVERSES_ID_MUST_NOT_BE_GIVEN: """
        a issued > ann 1 created
        b ann > issued 1 kind=pending reverses=a reverses_id_must_not_be_given
        c ann > issued 0 kind=close reverses=a reverses_id_must_not_be_given
    """,
    Status.LOTS_OF_MUST_NOT_BE_GIVEN: """
        a issued > ann 1 created
        b ann > issued 1 kind=pending lots_of=a lots_of_must_not_be_given
        c ann > issued 1 reverses=a lots_of=a lots_of_must_not_be_given
    """,
    Status.BALANCING_MUST_NOT_BE_GIVEN: """
        a issued > ann 1 created
        b ann > issued 1 reverses=a up_to=debit balancing_must_not_be_given
        c ann > issued 1 lots_of=a up_to=debit balancing_must_not_be_given
        d ann > issued 0 kind=close up_to=debit balancing_must_not_be_given
    """,
    Status.EVENT_TIME_MUST_BE_GIVEN: "a ann > issued 0 kind=lot_expiry event_time_must_be_given",
    Status.EXISTS_WITH_DIFFERENT_KIND: """
        a issued > ann 1 created
        a issued > ann 1 kind=pending exists_with_different_kind
    """,
    Status.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID: """
        a issued > ann 1 created
        a spent > ann 1 exists_with_different_debit_account_id
    """,
    Status.EXISTS_WITH_DIFFERENT_CREDIT_ACCOUNT_ID: """
        a issued > ann 1 created
        a issued > bob 1 exists_with_different_credit_account_id
    """,
    Status.EXISTS_WITH_DIFFERENT_AMOUNT: """
        a issued > ann 1 created
        a issued > ann 2 exists_with_different_amount
        b issued > pot 5 created
        c pot > issued 9 up_to=debit created 5
        c pot > issued 5 up_to=debit exists_with_different_amount
        c pot > issued 9 up_to=debit exists 5
    """,
    Status.EXISTS_WITH_DIFFERENT_CODE: """
        a issued > ann 1 created
        a issued > ann 1 code=2 exists_with_different_code
    """,
    Status.EXISTS_WITH_DIFFERENT_GROUP_ID: """
        a issued > ann 1 created
        --
        a issued > ann 1 group=g exists_with_different_group_id
    """,
    Status.EXISTS_WITH_DIFFERENT_PENDING_ID: """
        a issued > ann 1 kind=pending created
        b issued > ann 1 kind=pending created
        c issued > ann 1 kind=post of=a created
        c issued > ann 1 kind=post of=b exists_with_different_pending_id
    """,
    Status.EXISTS_WITH_DIFFERENT_REVERSES_ID: """
        a issued > ann 1 created
        b ann > issued 1 reverses=a created
        b ann > issued 1 exists_with_different_reverses_id
    """,
    Status.EXISTS_WITH_DIFFERENT_LOTS_OF: """
        a issued > ann 1 created
        b ann > issued 1 lots_of=a created
        b ann > issued 1 exists_with_different_lots_of
    """,
    Status.EXISTS_WITH_DIFFERENT_TIMEOUT_SECONDS: """
        a issued > ann 1 kind=pending timeout=5 created
        a issued > ann 1 kind=pending timeout=6 exists_with_different_timeout_seconds
    """,
    Status.EXISTS_WITH_DIFFERENT_EVENT_TIME: """
        a issued > ann 1 event=-5s created
        a issued > ann 1 event=-6s exists_with_different_event_time
    """,
    Status.EXISTS_WITH_DIFFERENT_REFERENCE: """
        a issued > ann 1 ref=x created
        a issued > ann 1 ref=y exists_with_different_reference
    """,
    Status.EXISTS_WITH_DIFFERENT_BALANCING: """
        a issued > shop 1 created
        b shop > issued 1 up_to=debit created
        b shop > issued 1 up_to=credit exists_with_different_balancing
    """,
    Status.EXISTS_WITH_DIFFERENT_LOT: """
        a issued > ann 1 lot=+1d created
        a issued > ann 1 lot=+2d exists_with_different_lot
        a issued > ann 1 exists_with_different_lot
    """,
}
