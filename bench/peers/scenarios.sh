# What is asked of a gateway. Sourced after services.sh.

QUIET=0.15 # cores that others may use during a measurement

load() { # GATEWAY MODEL load-options...
    local g=$1 model=$2 headers=() header all others
    shift 2
    IFS='|' read -ra all <<< "${HEADER[$g]}"
    for header in "${all[@]}"; do headers+=(-H "$header"); done
    others=$(rest)
    [ "$g" != direct ] || others= # the mock counts as the gateway
    taskset -c 0 "$CACHE/load" -m "$(model_for "$g" "$model")" -p "$(tree "${PID[$g]}")" -o "$others" "${headers[@]}" "$@" "${PORT[$g]}"
}

model_for() { # GATEWAY MODEL: a model of another dialect's provider is only known to a router
    case $2 in
        */*) if [ -n "${PREFIX[$1]}" ]; then echo "$2"; else echo "${2#*/}"; fi ;;
        *) echo "${PREFIX[$1]}$2" ;;
    esac
}

scenario() { # GATEWAY SCENARIO SECONDS
    case $2 in
        idle) load "$1" bench -c 1 -r 0.0001 -d "$3" ;; # nothing is asked in this time
        json) load "$1" bench -c 32 -d "$3" ;;
        json256k) load "$1" bench -c 8 -b 262144 -d "$3" ;;
        stream-saturated) load "$1" bench -s -c 16 -d "$3" ;;
        stream-paced) load "$1" bench-20000-10000 -s -c 256 -r 40 -w 2 -d "$3" ;;
        open-[0-9]*) load "$1" bench-5000 -c 512 -r "${2#open-}" -d "$3" ;;
        json-anthropic) load "$1" anthropic/bench -c 32 -d "$3" ;;
        stream-anthropic) load "$1" anthropic/bench -s -c 16 -d "$3" ;;
        json-gemini) load "$1" google-ai-studio/bench -c 32 -d "$3" ;;
        stream-gemini) load "$1" google-ai-studio/bench -s -c 16 -d "$3" ;;
        *) die "no scenario $2" ;;
    esac
}

# A JIT compiler starves beside a load that takes the whole core, so the warm-up has both; the runtime still counts one.
# It takes 30 s at least, for .NET replaces code it has found to be hot long after the first pass, and goes on until nothing got 5 % cheaper.
warm_up() { # GATEWAY
    local s kinds line now faster began=$SECONDS
    declare -A last=()
    kinds=$(tr ' ' '\n' <<< "$SCENARIOS" | sed 's/^stream-paced$/stream-saturated/; s/^open-.*/json/; s/^idle$/json/' | awk '!seen[$0]++')
    case $1 in
        direct) return ;;
        nginx) scenario nginx json 1 > /dev/null || true; return ;;
    esac
    taskset -acp 0,1 "${PID[$1]}" > /dev/null
    while [ $((SECONDS - began)) -lt 80 ]; do
        faster=0
        for s in $kinds; do
            line=$(scenario "$1" "$s" 2) || true
            now=$(cut -f 4 <<< "$line")
            if awk "BEGIN { exit !(${now:-0} < 0.95 * ${last[$s]:-999999}) }"; then faster=1; fi
            last[$s]=${now:-0}
        done
        if [ $((SECONDS - began)) -ge 30 ] && [ "$faster" = 0 ]; then break; fi
    done
    taskset -acp 1 "${PID[$1]}" > /dev/null
    say "$1 is warm after $((SECONDS - began)) s"
}

measure() { # ROUND SCENARIO GATEWAY: the quietest of up to three tries
    local line best='' noise low=99
    for _ in 1 2 3; do
        line=$(scenario "$3" "$2" "$SECONDS_EACH") || true
        noise=$(cut -f 7 <<< "$line")
        if awk "BEGIN { exit !(${noise:-99} < $low) }"; then low=$noise best=$line; fi
        awk "BEGIN { exit !($low <= $QUIET) }" && break
    done
    printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$best" >> "$RESULTS"
}
