"""What benchmarks over HTTP share: a server, members, a load generator, and turns of measuring."""
