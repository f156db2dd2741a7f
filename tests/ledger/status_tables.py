"""For every status a table of transfers in which it is given."""

from ledger import Status
from tests.ledger.status_tables_form import FORM_TABLES

TABLES = FORM_TABLES | {
    Status.CREATED: "a issued > ann 1 created",
    Status.EXISTS: """
        a issued > ann 1 lot=+1d created
        a issued > ann 1 lot=+1d exists
        --
        a issued > ann 1 lot=+1d exists
        --
        b issued > ann 60 up_to=debit exceeds_credits
    """,
    Status.LINKED_FAILED: """
        a issued > ann 10 group=g linked_failed
        b ann > issued 99 group=g exceeds_credits
        c issued > ann 10 group=g linked_failed
        d issued > ann 10 created
        --
        a issued > ann 10 group=g linked_failed
        b ann > issued 99 group=g exceeds_credits
        e issued > ann 10 group=g linked_failed
        --
        f bob > issued 0 kind=close group=h linked_failed
        g bob > issued 9 group=h debit_account_closed
        h issued > bob 1 created
        --
        i issued > held 9 created
        j held > issued 5 created
        --
        k issued > held 5 lots_of=j group=k linked_failed
        l held > issued 10 group=k exceeds_credits
        m issued > held 5 lots_of=j created
        n issued > held 1 lots_of=j exceeds_lots_of
    """,
    Status.GROUP_ALREADY_DECIDED: """
        a issued > ann 10 group=g created
        b ann > issued 4 group=g created
        --
        a issued > ann 10 group=g exists
        c ann > issued 4 group=g group_already_decided
        b ann > issued 4 group=g exists
    """,
    Status.ID_AHEAD_OF_CLOCK: "ahead issued > ann 1 id_ahead_of_clock",
    Status.EVENT_TIME_IN_FUTURE: """
        a issued > ann 1 event=+1s event_time_in_future
        b issued > ann 1 event=-0s created
    """,
    Status.DEBIT_ACCOUNT_NOT_FOUND: "a ghost > ann 1 debit_account_not_found",
    Status.CREDIT_ACCOUNT_NOT_FOUND: "a issued > ghost 1 credit_account_not_found",
    Status.ACCOUNTS_HAVE_DIFFERENT_ASSETS: "a issued > bank 1 accounts_have_different_assets",
    Status.DEBIT_ACCOUNT_CLOSED: """
        a issued > pot 7 created
        b pot > spent 0 kind=close created 7
        c pot > spent 1 debit_account_closed
        --
        d pot > spent 1 debit_account_closed
        e pot > spent 0 kind=close debit_account_closed
    """,
    Status.CREDIT_ACCOUNT_CLOSED: """
        a issued > pot 7 created
        b pot > spent 7 kind=close created 7
        c issued > pot 1 credit_account_closed
        --
        d spent > pot 7 reverses=b credit_account_closed
    """,
    Status.PENDING_TRANSFER_NOT_FOUND: """
        a pot > issued 1 exceeds_credits
        b pot > issued 1 kind=post of=a pending_transfer_not_found
        c pot > issued 0 kind=void of=nothing pending_transfer_not_found
    """,
    Status.PENDING_TRANSFER_NOT_PENDING: """
        a issued > pot 1 created
        b issued > pot 1 kind=post of=a pending_transfer_not_pending
    """,
    Status.PENDING_TRANSFER_HAS_DIFFERENT_DEBIT_ACCOUNT_ID: """
        a issued > pot 1 kind=pending created
        b spent > pot 1 kind=post of=a pending_transfer_has_different_debit_account_id
    """,
    Status.PENDING_TRANSFER_HAS_DIFFERENT_CREDIT_ACCOUNT_ID: """
        a issued > pot 1 kind=pending created
        b issued > ann 1 kind=post of=a pending_transfer_has_different_credit_account_id
    """,
    Status.PENDING_TRANSFER_ALREADY_POSTED: """
        a issued > pot 5 kind=pending created
        b issued > pot 2 kind=post of=a created
        c issued > pot 3 kind=post of=a pending_transfer_already_posted
        --
        d issued > pot 0 kind=void of=a pending_transfer_already_posted
    """,
    Status.PENDING_TRANSFER_ALREADY_VOIDED: """
        a issued > pot 5 kind=pending created
        b issued > pot 5 kind=void of=a created
        --
        c issued > pot 5 kind=post of=a pending_transfer_already_voided
    """,
    Status.PENDING_TRANSFER_EXPIRED: """
        a issued > pot 5 kind=pending timeout=60 created
        +60s
        b issued > pot 5 kind=post of=a pending_transfer_expired
        c issued > pot 5 kind=void of=a pending_transfer_expired
        d issued > pot 0 kind=expire of=a created 5
        e issued > pot 5 kind=post of=a pending_transfer_expired
        --
        f issued > pot 0 kind=expire of=a pending_transfer_expired
    """,
    Status.PENDING_TRANSFER_NOT_EXPIRED: """
        a issued > pot 5 kind=pending timeout=60 created
        b issued > pot 5 kind=pending created
        +59s
        c issued > pot 0 kind=expire of=a pending_transfer_not_expired
        d issued > pot 0 kind=expire of=b pending_transfer_not_expired
        e issued > pot 0 kind=post of=a created 5
    """,
    Status.EXCEEDS_PENDING_TRANSFER_AMOUNT: """
        a issued > pot 5 kind=pending created
        b issued > pot 6 kind=post of=a exceeds_pending_transfer_amount
        c issued > pot 5 kind=post of=a created
    """,
    Status.PENDING_TRANSFER_HAS_DIFFERENT_AMOUNT: """
        a issued > pot 5 kind=pending created
        b issued > pot 4 kind=void of=a pending_transfer_has_different_amount
    """,
    Status.ORIGINAL_NOT_FOUND: """
        a ann > issued 1 exceeds_credits
        b issued > ann 1 reverses=a original_not_found
        c issued > ann 1 lots_of=nothing original_not_found
    """,
    Status.ORIGINAL_NOT_REVERSIBLE: """
        a issued > pot 5 kind=pending created
        b pot > issued 5 reverses=a original_not_reversible
        c issued > pot 5 created
        d pot > issued 5 reverses=c created
        e issued > pot 5 reverses=d original_not_reversible
        f issued > pot 0 kind=void of=a created 5
        g pot > issued 5 reverses=f original_not_reversible
    """,
    Status.ORIGINAL_HAS_DIFFERENT_ACCOUNTS: """
        a issued > pot 5 created
        b issued > pot 5 reverses=a original_has_different_accounts
        c pot > spent 5 reverses=a original_has_different_accounts
    """,
    Status.ALREADY_REVERSED: """
        a issued > pot 5 created
        b pot > issued 2 reverses=a created
        c pot > issued 2 reverses=a already_reversed
        --
        d pot > issued 3 reverses=a already_reversed
    """,
    Status.EXCEEDS_ORIGINAL_AMOUNT: """
        a issued > pot 5 created
        b issued > pot 5 created
        c pot > issued 6 reverses=a exceeds_original_amount
    """,
    Status.CLOSING_ACCOUNT_HAS_PENDING: """
        a issued > pot 5 created
        b pot > issued 5 kind=pending created
        c pot > issued 0 kind=close closing_account_has_pending
        d pot > issued 0 kind=void of=b created 5
        e issued > pot 1 kind=pending created
        f pot > issued 0 kind=close closing_account_has_pending
    """,
    Status.CLOSING_AMOUNT_DIFFERS: """
        a issued > pot 5 created
        b pot > spent 4 kind=close closing_amount_differs
        c issued > spent 0 kind=close closing_amount_differs
        d spent > issued 0 kind=close created
        e other > issued 1 created
        f other > issued 0 kind=close closing_amount_differs
    """,
    Status.NOTHING_TO_EXPIRE: """
        a issued > ann 5 lot=+1h created
        b ann > issued 0 kind=lot_expiry event=-0s nothing_to_expire
        c spent > issued 0 kind=lot_expiry event=-0s nothing_to_expire
        +1h
        d ann > issued 0 kind=lot_expiry event=-0s created 5
        e ann > issued 0 kind=lot_expiry event=-0s nothing_to_expire
    """,
    Status.EXCEEDS_CREDITS: """
        a issued > pot 5 created
        b pot > issued 6 exceeds_credits
        c pot > issued 3 kind=pending created
        d pot > issued 3 exceeds_credits
        e pot > issued 2 created
        f pot > issued 9 up_to=debit exceeds_credits
        g shop > issued 51 exceeds_credits
        h shop > issued 50 created
    """,
    Status.EXCEEDS_DEBITS: """
        a stock > issued 5 created
        b issued > stock 16 exceeds_debits
        c issued > stock 9 kind=pending created
        d issued > stock 7 exceeds_debits
        e issued > stock 6 created
        f issued > stock 1 up_to=credit exceeds_debits
        g issued > pot 5 created
        h pot > stock 0 kind=close exceeds_debits
        i pot > issued 5 created
    """,
    Status.OVERFLOWS_DEBITS: """
        a issued > ann 9223372036854775807 created
        b issued > bob 1 overflows_debits
    """,
    Status.OVERFLOWS_CREDITS: """
        a other > spent 9223372036854775806 kind=pending created
        b issued > spent 2 overflows_credits
        c issued > spent 1 created
    """,
    Status.EXCEEDS_LOTS_OF: """
        a issued > ann 5 created
        b issued > ann 5 created
        c ann > issued 6 lots_of=a exceeds_lots_of
        d ann > held 5 lots_of=a created
        e ann > issued 1 lots_of=a exceeds_lots_of
        f issued > bob 1 lots_of=d exceeds_lots_of
        g issued > ann 6 lots_of=d exceeds_lots_of
        h issued > ann 1 lots_of=d created
        i held > ann 5 reverses=d exceeds_lots_of
        j held > ann 4 reverses=d created
    """,
    Status.EXCEEDS_SPENDABLE: """
        a issued > ann 5 lot=+1h created
        b issued > ann 5 lot=-,+1h created
        c issued > ann 5 created
        d ann > issued 11 exceeds_spendable
        +1h
        e ann > issued 11 exceeds_spendable
        f ann > issued 10 created
        g ann > issued 5 up_to=debit exceeds_spendable
        --
        h issued > bob 5 lot=+1d created
        i issued > bob 5 lot=+2d created
        j bob > issued 5 created
        k issued > bob 5 lot=-,+1h created
        l bob > issued 6 exceeds_spendable
        m issued > bob 5 lots_of=j created
        n bob > issued 10 created
        --
        o issued > held 1 lot=+1d created
        p issued > held 5 lot=+2d created
        q held > issued 1 created
        r issued > held 1 lot=-,+1h created
        s held > issued 6 exceeds_spendable
        t issued > held 1 lots_of=q created
        u held > issued 6 created
        --
        +1h
        v bob > issued 5 created
        w issued > bob 5 lot=+1d created
        x issued > bob 5 lot=+2d created
        y bob > issued 5 group=y linked_failed
        z bob > issued 1 group=y linked_failed
        aa bob > issued 5 group=y exceeds_credits
        bb bob > issued 10 created
        cc issued > bob 5 lot=+1h created
        dd bob > issued 5 created
        +1h
        ee issued > bob 5 reverses=dd created
        ff bob > issued 5 created
    """,
}
