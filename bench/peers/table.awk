# One table of results.tsv: medians over the rounds. Times in us.
BEGIN { FS = "\t" }
FNR == 1 { for (i = 4; i <= NF; i++) column[$i] = i; next }
{
    key = $2 SUBSEP $3
    if (!(key in rows)) { order[++count] = key }
    rows[key]++
    for (name in column) value[key, name, rows[key]] = $column[name]
    errors[key] += $column["errors"]
    if ($column["errors"] > 0) why[key] = $column["first_error"]
}
function median(key, name,   n, i, j, t, a) {
    n = rows[key]
    for (i = 1; i <= n; i++) a[i] = value[key, name, i] + 0
    for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j - 1] > a[j]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t }
    return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
}
function added(key, base, name) {
    if (!(base in rows)) return sprintf("(%d)", median(key, name))
    return sprintf("%d", median(key, name) - median(base, name))
}
END {
    form = "%-17s %-10s %8s %9s %7s %6s %8s %8s %8s %8s %8s %8s %8s %6s %6s %s\n"
    printf form, "scenario", "gateway", "req/s", "CPU us", "xnginx", "cores", "+p50", "+p90", "+p99", "+p99.9", "+TTFT50", "chunk50", "chunk99", "RSS MB", "noise", "errors"
    for (i = 1; i <= count; i++) {
        key = order[i]
        split(key, part, SUBSEP)
        nginx = part[1] SUBSEP "nginx"
        direct = part[1] SUBSEP "direct"
        if (i > 1 && part[1] != last) print ""
        last = part[1]
        self = key == direct ? "" : direct
        stream = median(key, "chunk_p50") > 0 && part[1] ~ /^stream/
        ratio = "-"
        if ((nginx in rows) && key != direct && median(nginx, "cpu_us") > 0) ratio = sprintf("%.2f", median(key, "cpu_us") / median(nginx, "cpu_us"))
        printf form, part[1], part[2], sprintf("%d", median(key, "rps")), sprintf("%.1f", median(key, "cpu_us")),
            ratio,
            sprintf("%.2f", median(key, "cores")), added(key, self, "p50"), added(key, self, "p90"), added(key, self, "p99"), added(key, self, "p999"),
            stream ? added(key, self, "ttft_p50") : "-", stream ? sprintf("%d", median(key, "chunk_p50")) : "-", stream ? sprintf("%d", median(key, "chunk_p99")) : "-",
            sprintf("%d", median(key, "rss_mb")), sprintf("%.2f", median(key, "noise")), errors[key] ? errors[key] " " why[key] : "0"
    }
}
