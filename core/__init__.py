"""Clock, ids, amounts, settings, database, coalescing, jobs and errors: what every package stands on."""
