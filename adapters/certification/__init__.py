"""The conformance suite: named checks against any brand's system, and what its engineers have to mend."""
