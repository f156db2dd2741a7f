"""One member, one till, one month's end: the whole of Agio as its three kinds of user see it, over HTTP alone."""
