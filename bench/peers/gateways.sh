# How each gateway is made and started. Sourced after services.sh. A gateway runs on core 1 and forwards to the mock.

declare -A PORT PID HEADER PREFIX SPEC
NEXT_PORT=$((BASE + 10))
ADMIN=bench-admin-key-of-this-run-only

# ---- the router ----
publish() { # PROJECT DIR OPTIONS...: skipped when nothing is newer than the last build
    local program=$2/$1
    if [ -e "$program" ] && [ -z "$(find "$ROOT"/Router.{Api,Core,ServiceDefaults,Worker} "$ROOT"/Directory.* -newer "$program" -type f \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.sql' -o -name '*.lua' -o -name '*.razor' \) -not -path '*/obj/*' -print -quit)" ]; then return; fi
    say "publishing $1"
    dotnet publish "$ROOT/$1" -c Release -v q -o "$2" "${@:3}" > "$LOGS/publish.log" 2>&1 || die "publishing $1 failed: see $LOGS/publish.log"
    touch "$program"
}

call() { # METHOD PATH BODY: the control plane of the first router
    curl -sS -X "$1" "http://127.0.0.1:$API$2" -H "Authorization: Bearer $ADMIN" -H 'Content-Type: application/json' -d "$3" >> "$LOGS/control-plane.log" -w '\n' -o "$LOGS/answer.json"
}

migrate() {
    publish Router.Worker "$CACHE/worker"
    env "ConnectionStrings__routerdb=$DATABASE" "ConnectionStrings__cache=127.0.0.1:$REDIS_PORT" "Router__MasterKeys__0=$MASTER_KEY" \
        dotnet "$CACHE/worker/Router.Worker.dll" migrate > "$LOGS/migrate.log" 2>&1 || die "migrations failed: see $LOGS/migrate.log"
}

# A workspace with limits that count and never refuse, a router key with the same, and a stored key for each dialect's provider.
furnish() {
    call POST /api/workspaces '{"id":"bench","display_name":"Bench"}'
    call PUT /api/workspaces/bench/policy '{"limits":{"requests_per_second":900000,"tokens_per_minute":900000000000}}'
    call POST /api/workspaces/bench/api-keys '{"name":"bench","limits":{"requests_per_second":900000,"tokens_per_minute":900000000000}}'
    ROUTER_KEY=$(sed -n 's/.*"api_key":"\([^"]*\)".*/\1/p' "$LOGS/answer.json")
    [ -n "$ROUTER_KEY" ] || die "no router key: see $LOGS/answer.json"
    local provider
    for provider in openai anthropic google-ai-studio; do
        call PUT "/api/workspaces/bench/provider-keys/$provider" "{\"api_key\":\"sk-bench-0123456789abcdef0123456789abcdef-$provider\"}"
        grep -q '"status":"valid"' "$LOGS/answer.json" || die "the key for $provider was not stored: see $LOGS/answer.json"
    done
}

start_router() { # NAME PORT; SPEC is DIR[,NAME=VALUE...]
    local parts dir
    IFS=, read -ra parts <<< "${SPEC[$1]:-}"
    dir=${parts[0]:-}
    if [ -z "$dir" ]; then
        dir=$CACHE/api
        command -v clang > /dev/null || die "clang is not installed, which links the native API (Debian: clang, zlib1g-dev); '-r router=DIR' measures one built otherwise"
        publish Router.Api "$dir" -p:Native=true
    fi
    [ -e "$dir/Router.Api" ] || die "$dir has no Router.Api"
    [ -n "${ROUTER_KEY:-}" ] || migrate
    launch "$1" 1 "$2" env -C "$dir" \
        "ConnectionStrings__routerdb=$DATABASE" "ConnectionStrings__cache=127.0.0.1:$REDIS_PORT" \
        "Router__MasterKeys__0=$MASTER_KEY" "Router__AdminKey=$ADMIN" \
        "Router__Providers__openai__BaseUrl=http://127.0.0.1:$MOCK/v1" \
        "Router__Providers__anthropic__BaseUrl=http://127.0.0.1:$MOCK/v1" \
        "Router__Providers__google-ai-studio__BaseUrl=http://127.0.0.1:$MOCK/v1beta" \
        "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$SINK" OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_SERVICE_NAME=api \
        "ASPNETCORE_URLS=http://127.0.0.1:$2" "XDG_STATE_HOME=$CACHE/state" "DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")" \
        "${EXTRA[@]+"${EXTRA[@]}"}" "${parts[@]:1}" ./Router.Api
    API=$2
    local deadline=$((SECONDS + 30))
    while [ "$SECONDS" -lt "$deadline" ]; do
        curl -sf "http://127.0.0.1:$2/health" > /dev/null && break
        sleep "$POLL"
    done
    [ -n "${ROUTER_KEY:-}" ] || furnish
    HEADER[$1]="Authorization: Bearer $ROUTER_KEY"
    PREFIX[$1]=openai/
    await_key "$1" "$2"
}

await_key() { # until the snapshot has the key
    local deadline=$((SECONDS + 10))
    while [ "$SECONDS" -lt "$deadline" ]; do
        curl -sf "http://127.0.0.1:$2/v1/chat/completions" -H "${HEADER[$1]}" -H 'Content-Type: application/json' \
            -d '{"model":"openai/bench","messages":[{"role":"user","content":"Hi"}]}' > "$LOGS/$1.first.json" && return 0
        sleep "$POLL"
    done
    die "$1 does not serve: see $LOGS/$1.log"
}

# ---- peers ----
debian() { # PACKAGE: unpacked into the cache, nothing is installed or started
    [ -e "$CACHE/deb/$1.done" ] && return
    mkdir -p "$CACHE/deb"
    (cd "$CACHE/deb" && apt-get download -q "$1" > "$LOGS/apt.log" 2>&1 && dpkg -x "$1"_*.deb root && touch "$1.done") || die "no Debian package $1: see $LOGS/apt.log"
}

start_nginx() {
    local nginx dir=$CACHE/nginx
    nginx=$(command -v nginx || true)
    if [ -z "$nginx" ]; then
        debian nginx
        nginx=$CACHE/deb/root/usr/sbin/nginx
    fi
    mkdir -p "$dir"
    cat > "$dir/nginx.conf" << END
daemon off;
worker_processes 1;
pid $dir/nginx.pid;
events { worker_connections 4096; }
http {
    access_log off;
    tcp_nodelay on;
    keepalive_requests 1000000000;
    client_max_body_size 64m;
    client_body_buffer_size 1m;
    client_body_temp_path $dir/body;
    proxy_temp_path $dir/proxy;
    fastcgi_temp_path $dir/fastcgi;
    uwsgi_temp_path $dir/uwsgi;
    scgi_temp_path $dir/scgi;
    upstream provider { server 127.0.0.1:$MOCK; keepalive 1024; keepalive_requests 1000000000; }
    server {
        listen 127.0.0.1:$2;
        location / {
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }
    }
}
END
    launch "$1" 1 "$2" "$nginx" -p "$dir" -e "$dir/error.log" -c "$dir/nginx.conf"
}

start_yarp() {
    local dll=$CACHE/yarp/yarp.dll
    if [ ! -e "$dll" ] || [ "$HERE/peers/yarp/Program.cs" -nt "$dll" ]; then
        dotnet publish "$HERE/peers/yarp" -c Release -v q -o "$CACHE/yarp" > "$LOGS/yarp.build.log" 2>&1 || die "building yarp failed: see $LOGS/yarp.build.log"
        touch "$dll"
    fi
    launch "$1" 1 "$2" dotnet "$dll" --urls "http://127.0.0.1:$2" --provider "http://127.0.0.1:$MOCK"
}

start_portkey() {
    local dir=$CACHE/portkey
    if [ ! -e "$dir/done" ]; then
        mkdir -p "$dir"
        # With a newer node-server this version answers every stream with 500.
        echo '{"private":true,"overrides":{"@hono/node-server":"1.3.3"}}' > "$dir/package.json"
        (cd "$dir" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error @portkey-ai/gateway@1.15.2 > "$LOGS/npm.log" 2>&1 && touch done) || die "npm failed: see $LOGS/npm.log"
    fi
    HEADER[$1]="Authorization: Bearer sk-bench|x-portkey-provider: openai|x-portkey-custom-host: http://127.0.0.1:$MOCK/v1"
    launch "$1" 1 "$2" env NODE_ENV=production node "$dir/node_modules/@portkey-ai/gateway/build/start-server.js" --headless "--port=$2"
}

start_gateway() { # NAME
    local name=$1
    HEADER[$name]='Authorization: Bearer sk-bench' PREFIX[$name]=''
    if [ "$name" = direct ]; then
        PORT[direct]=$MOCK PID[direct]=$MOCK_PID
        return
    fi
    PORT[$name]=$NEXT_PORT
    NEXT_PORT=$((NEXT_PORT + 1))
    case $name in
        nginx | yarp | portkey) "start_$name" "$name" "${PORT[$name]}" ;;
        *) start_router "$name" "${PORT[$name]}" ;;
    esac
    PID[$name]=$LAUNCHED
}
