#!/bin/sh
# Runs the command it is given, a PostgreSQL server, until that ends, and ends as it did.
# The orchestrator stops programs by SIGTERM, for PostgreSQL the shutdown that waits for its clients to leave; SIGINT is its word for
# "at once". PostgreSQL logs to standard error, which a dashboard marks as errors.
trap 'kill -INT "$server" 2>/dev/null' TERM INT
"$@" 2>&1 &
server=$!
wait "$server"
code=$?
# A signal ends the wait and not the server.
while kill -0 "$server" 2>/dev/null; do
  wait "$server"
  code=$?
done
exit "$code"
