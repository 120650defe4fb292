# What the router needs beside it: PostgreSQL, Redis and the mock. All of it runs on core 0.
# Sourced by the scripts above, which set HERE, EXTRA and NEED_STATE.

ROOT=$(dirname "$HERE")
CACHE=${BENCH_CACHE:-/tmp/router-bench} BASE=${BENCH_PORT:-19100}
POLL=0.1 # seconds between two looks at whether something is there
LOGS=$CACHE/log
MOCK=$BASE PG_PORT=$((BASE + 1)) REDIS_PORT=$((BASE + 2)) SINK=$((BASE + 3))
mkdir -p "$LOGS"
PASSWORD=$(tr -dc a-z0-9 < /dev/urandom | head -c 24 || true)
DATABASE="Host=127.0.0.1;Port=$PG_PORT;Username=postgres;Password=$PASSWORD;Database=postgres"
MASTER_KEY=k1:$(head -c 32 /dev/urandom | base64 -w 0)
STARTED=()

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

listening() { (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

# launch NAME CORE PORT COMMAND...: returns when the port answers; the process is $!, kept in LAUNCHED, since when in LISTENING; it is ended with the script.
launch() {
    local name=$1 core=$2 port=$3
    shift 3
    if listening "$port"; then die "port $port is taken; set BENCH_PORT"; fi
    taskset -c "$core" "$@" > "$LOGS/$name.log" 2>&1 &
    LAUNCHED=$!
    STARTED+=("$LAUNCHED")
    local deadline=$((SECONDS + 30))
    while [ "$SECONDS" -lt "$deadline" ]; do
        if listening "$port"; then
            LISTENING=$EPOCHREALTIME
            return 0
        fi
        kill -0 "$LAUNCHED" 2> /dev/null || break
        sleep "$POLL"
    done
    die "$name did not start: see $LOGS/$name.log"
}

# tree PID: the process and those below it, with commas.
tree() {
    local all=$1 next
    next=$(pgrep -d, -P "$1") || true
    while [ -n "$next" ]; do
        all+=,$next
        next=$(pgrep -d, -P "$next") || true
    done
    echo "$all"
}

start_postgres() {
    local bin account own=()
    bin=$(dirname "$(ls -d /usr/lib/postgresql/*/bin/postgres 2> /dev/null | sort -V | tail -1 | grep . || command -v postgres)")
    [ -x "$bin/initdb" ] || die "PostgreSQL is not installed (Debian: postgresql)"
    PG_DATA=$(mktemp -d /tmp/router-bench-pg.XXXXXX)
    printf %s "$PASSWORD" > "$PG_DATA/password"
    if [ "$(id -u)" = 0 ]; then # it refuses to run as root
        account=$(id -un postgres 2> /dev/null || id -un nobody)
        chown -R "$account" "$PG_DATA"
        own=(setpriv "--reuid=$account" "--regid=$(id -g "$account")" --clear-groups)
    fi
    (cd / && "${own[@]}" "$bin/initdb" -D "$PG_DATA/data" -U postgres -A scram-sha-256 "--pwfile=$PG_DATA/password" -N -E UTF8 --no-locale > "$LOGS/initdb.log" 2>&1) ||
        die "initdb failed: see $LOGS/initdb.log"
    launch postgres 0 "$PG_PORT" env -C / "${own[@]}" "$bin/postgres" -D "$PG_DATA/data" -c "port=$PG_PORT" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200
    PG_PID=$LAUNCHED
}

start_services() {
    gcc -O2 -Wall -o "$CACHE/mock" "$HERE/peers/mock.c"
    gcc -O2 -Wall -o "$CACHE/load" "$HERE/peers/load.c" -lm
    launch mock 0 "$MOCK" "$CACHE/mock" "$MOCK"
    MOCK_PID=$LAUNCHED
    $NEED_STATE || return 0
    start_postgres
    command -v redis-server > /dev/null || die "redis-server is not installed (Debian: redis-server)"
    launch redis 0 "$REDIS_PORT" redis-server --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --appendonly no --dir /tmp
    REDIS_PID=$LAUNCHED
    launch sink 0 "$SINK" "$CACHE/mock" "$SINK" # takes telemetry
    SINK_PID=$LAUNCHED
}

# The set-up's own processes, so that their time is not taken for noise. PostgreSQL's come and go.
rest() { echo "$MOCK_PID${PG_PID:+,$(tree "$PG_PID"),$REDIS_PID,$SINK_PID}"; }

stop_all() {
    local pid all
    for pid in "${STARTED[@]+"${STARTED[@]}"}"; do
        all=$(tree "$pid")
        kill -CONT ${all//,/ } 2> /dev/null || true # a trial may have stopped it
        if [ "$pid" = "${PG_PID:-}" ]; then kill -INT "$pid" 2> /dev/null || true; else kill "$pid" 2> /dev/null || true; fi
    done
    wait 2> /dev/null || true
    [ -z "${PG_DATA:-}" ] || rm -rf "$PG_DATA"
}

trap stop_all EXIT
trap 'exit 130' INT TERM
