// Asks for chat completions and measures the answers: one thread, epoll, loopback.
//
//   load [options] PORT         prints one line of tab-separated values (load -n: their names)
//
//   -c N   connections (32)                  -d S   seconds measured (4)         -w S   seconds before that (1)
//   -r N   open loop: N requests a second at random moments, the same in every run; times count from the moment a request
//          was due, so that a gateway that falls behind shows it. Without it: closed loop, each connection asks again at once
//   -m M   model (bench; see mock.c)         -s     ask for a stream             -k N   chunks a stream must have (100)
//   -b N   bytes of prompt (600)             -H 'name: value'   one more header; repeatable
//   -p PID[,PID]   the gateway's processes: their CPU time and memory
//   -o PID[,PID]   the rest of the set-up: CPU time that is no noise
//
// An answer counts when its status is 200 and it has its stamps: as many as -k and [DONE] in a stream, else one. Anything
// else, and what has not come 5 s after the end, is an error. The exit code is 1 when there was one.
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NAMES "done\terrors\trps\tcpu_us\tcores\trss_mb\tnoise\tp50\tp90\tp99\tp999\tttft_p50\tttft_p99\tchunk_p50\tchunk_p99\tfirst_error\n"
enum { MAX_PIDS = 64, HEAD = 8192, TAIL = 14 };

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec t;
    return clock_gettime(clock, &t) ? 0 : (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
static uint64_t now(void) { return nanoseconds(CLOCK_MONOTONIC); }

// ---- distributions: each doubling has 4096 steps ----
enum { STEP_BITS = 12, STEPS = 1 << STEP_BITS };
typedef struct { uint64_t count, at[(64 - STEP_BITS + 1) << STEP_BITS]; } spread;
static spread whole, first, chunk;

static void note(spread *s, uint64_t ns) {
    int shift = ns < STEPS ? 0 : 63 - __builtin_clzll(ns) - STEP_BITS;
    s->at[((uint64_t)shift << STEP_BITS) + (ns >> shift)]++;
    s->count++;
}

static double percentile(const spread *s, double share) { // us
    uint64_t rank = (uint64_t)ceil(share * (double)s->count), seen = 0;
    if (!rank) return 0;
    for (uint64_t i = 0;; i++) {
        if ((seen += s->at[i]) < rank) continue;
        uint64_t shift = i < 2 * STEPS ? 0 : (i >> STEP_BITS) - 1;
        return (double)((i - (shift << STEP_BITS)) << shift) / 1000;
    }
}

// ---- processes ----
typedef struct { int pid[MAX_PIDS], count; } processes;
static processes gateway, rest;

static void read_pids(processes *p, char *list) {
    for (char *pid = strtok(list, ","); pid && p->count < MAX_PIDS; pid = strtok(NULL, ",")) p->pid[p->count++] = atoi(pid);
}

static double cpu_us(const processes *p) { // the kernel's own count, finer than the ticks of /proc/PID/stat
    double sum = 0;
    clockid_t clock;
    for (int i = 0; i < p->count; i++)
        if (!clock_getcpuclockid(p->pid[i], &clock)) sum += (double)nanoseconds(clock) / 1000;
    return sum;
}

static double resident_mb(const processes *p) {
    double sum = 0;
    for (int i = 0; i < p->count; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/statm", p->pid[i]);
        FILE *f = fopen(path, "r");
        long pages;
        if (f && fscanf(f, "%*d %ld", &pages) == 1) sum += (double)pages * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
        if (f) fclose(f);
    }
    return sum;
}

static double machine_us(void) { // all cores, idle time left out
    unsigned long long user = 0, nice = 0, system = 0, irq = 0, soft = 0;
    FILE *f = fopen("/proc/stat", "r");
    if (f && fscanf(f, "cpu %llu %llu %llu %*u %*u %llu %llu", &user, &nice, &system, &irq, &soft) != 5) user = 0;
    if (f) fclose(f);
    return (double)(user + nice + system + irq + soft) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

typedef struct { double gateway, known, machine; uint64_t at; } reading;
static reading measure(void) {
    double mine = (double)nanoseconds(CLOCK_PROCESS_CPUTIME_ID) / 1000, theirs = cpu_us(&gateway);
    return (reading){ theirs, theirs + mine + cpu_us(&rest), machine_us(), now() };
}

// ---- connections ----
enum coding { BY_LENGTH, BY_CHUNKS, BY_END };
typedef struct {
    int fd, busy, behind, status, in_body, closing, stamps, mark;
    enum coding coding;
    size_t sent, head_len, tail_len, line_len;
    uint64_t due, left, stamp;
    int part;                       // of the chunked coding: 0 size, 1 data, 2 the line's end after data, 3 trailer
    char head[HEAD], tail[TAIL], line[32];
} conn;

static struct sockaddr_in target = { .sin_family = AF_INET };
static int ep, streaming, wanted = 100, waiting;
static char *request;
static size_t request_len;
static uint64_t from, to, done, errors;
static char first_error[120] = "-";

static void wrong(const char *what, long detail) {
    if (!errors++) snprintf(first_error, sizeof first_error, "%s (%ld)", what, detail);
}

static void leave(conn *c) {
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    if (c->busy) waiting--;
    c->busy = 0;
}

static void give_up(conn *c, const char *what, long detail) {
    wrong(what, detail);
    leave(c);
}

static void send_more(conn *c) {
    while (c->sent < request_len) {
        ssize_t n = send(c->fd, request + c->sent, request_len - c->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno != EAGAIN) { give_up(c, "send", errno); return; }
        if (n < 0) break;
        c->sent += (size_t)n;
    }
    int behind = c->sent < request_len;
    if (behind != c->behind) {
        struct epoll_event e = { .events = EPOLLIN | (behind ? EPOLLOUT : 0), .data.ptr = c };
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
        c->behind = behind;
    }
}

static void ask(conn *c, uint64_t due) {
    int yes = 1;
    c->busy = 1;
    waiting++;
    c->due = due;
    c->status = c->in_body = c->closing = c->stamps = c->mark = c->part = 0;
    c->sent = c->head_len = c->tail_len = c->line_len = 0;
    if (c->fd < 0) {
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(c->fd, (void *)&target, sizeof target)) { give_up(c, "connect", errno); return; }
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        c->behind = 0;
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
        epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
    }
    send_more(c);
}

static void ended(conn *c) {
    uint64_t t = now();
    static const char last[] = "data: [DONE]";
    if (c->status != 200) wrong("status", c->status);
    else if (c->stamps != (streaming ? wanted : 1)) wrong("stamps", c->stamps);
    else if (streaming && !memmem(c->tail, c->tail_len, last, sizeof last - 1)) wrong("no [DONE]", 0);
    else {
        if (t >= from && t < to) done++;
        if (c->due >= from && c->due < to) note(&whole, t - c->due);
    }
    c->busy = 0;
    waiting--;
    if (c->closing) leave(c);
}

static void read_body(conn *c, const char *p, size_t n, uint64_t t) {
    static const char mark[] = "@us:";
    for (size_t i = 0; i < n; i++) {
        if (!c->mark) {
            const char *found = memchr(p + i, '@', n - i);
            if (!found) break;
            i = (size_t)(found - p);
            c->mark = 1;
            c->stamp = 0;
        } else if (c->mark < 4) {
            c->mark = p[i] == mark[c->mark] ? c->mark + 1 : 0;
        } else if (p[i] < '0' || p[i] > '9') {
            c->mark = 0;
        } else {
            c->stamp = c->stamp * 10 + (uint64_t)(p[i] - '0');
            if (++c->mark < 20) continue;
            c->mark = 0;
            if (t >= from && t < to) note(&chunk, t > c->stamp * 1000 ? t - c->stamp * 1000 : 0);
            if (!c->stamps++ && c->due >= from && c->due < to) note(&first, t - c->due);
        }
    }
    size_t keep = n < TAIL ? n : TAIL, old = c->tail_len + keep > TAIL ? TAIL - keep : c->tail_len;
    memmove(c->tail, c->tail + c->tail_len - old, old);
    memcpy(c->tail + old, p + n - keep, keep);
    c->tail_len = old + keep;
}

// Returns how much of the bytes belonged to the head; c->in_body says whether it is whole.
static size_t read_head(conn *c, const char *p, size_t n) {
    size_t before = c->head_len, room = HEAD - 1 - before, take = n < room ? n : room;
    memcpy(c->head + before, p, take);
    c->head_len += take;
    c->head[c->head_len] = 0;
    char *end = strstr(c->head, "\r\n\r\n"), *value;
    if (!end) {
        if (!room) give_up(c, "head too long", HEAD);
        return take;
    }
    *end = 0;
    c->in_body = 1;
    c->status = atoi(c->head + 9);
    c->coding = BY_END;
    if ((value = strcasestr(c->head, "\r\ncontent-length:"))) { c->coding = BY_LENGTH; c->left = strtoull(value + 17, NULL, 10); }
    if (strcasestr(c->head, "\r\ntransfer-encoding: chunked")) c->coding = BY_CHUNKS;
    c->closing = strcasestr(c->head, "\r\nconnection: close") != NULL;
    return (size_t)(end - c->head) + 4 - before;
}

static size_t read_chunked(conn *c, const char *p, size_t n, uint64_t t) {
    if (c->part == 1) {
        size_t take = n < c->left ? n : c->left;
        read_body(c, p, take, t);
        if (!(c->left -= take)) c->part = 2;
        return take;
    }
    if (*p != '\n') {
        if (*p != '\r' && c->line_len < sizeof c->line - 1) c->line[c->line_len++] = *p;
        return 1;
    }
    c->line[c->line_len] = 0;
    if (c->part == 0) {
        c->left = strtoull(c->line, NULL, 16);
        c->part = c->left ? 1 : 3;
    } else if (c->part == 2) c->part = 0;
    else if (!c->line_len) ended(c);
    c->line_len = 0;
    return 1;
}

static void receive(conn *c) {
    static char input[1 << 18];
    ssize_t got = recv(c->fd, input, sizeof input, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        if (!c->busy) leave(c); // it was idle, and may be closed
        else if (c->in_body && c->coding == BY_END) { ended(c); leave(c); }
        else give_up(c, "closed early", c->status);
        return;
    }
    uint64_t t = now();
    const char *p = input;
    for (size_t n = (size_t)got, used; n && c->busy; p += used, n -= used) {
        if (!c->in_body) {
            used = read_head(c, p, n);
            if (c->in_body && c->coding == BY_LENGTH && !c->left) ended(c);
        } else if (c->coding == BY_CHUNKS) {
            used = read_chunked(c, p, n, t);
        } else {
            used = c->coding == BY_LENGTH && c->left < n ? c->left : n;
            read_body(c, p, used, t);
            if (c->coding == BY_LENGTH && !(c->left -= used)) ended(c);
        }
    }
}

static void make_request(const char *model, size_t prompt, const char *headers, int port) {
    static const char words[] = "Say in a few words why a gateway should cost little. ";
    char *body = malloc(prompt + 1024), *at = body;
    at += sprintf(at, "{\"model\":\"%s\",\"messages\":[{\"role\":\"system\",\"content\":\"You are brief.\"},{\"role\":\"user\",\"content\":\"", model);
    for (size_t i = 0; i < prompt; i++) *at++ = words[i % (sizeof words - 1)];
    at += sprintf(at, "\"}],\"temperature\":0.7,\"max_tokens\":256%s}", streaming ? ",\"stream\":true" : "");
    size_t length = (size_t)(at - body);
    request = malloc(length + HEAD);
    request_len = (size_t)sprintf(request, "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n",
        port, headers, length);
    memcpy(request + request_len, body, length);
    request_len += length;
}

static uint64_t gap(double rate) { // exponential, so that arrivals are independent
    static uint64_t state = 0x9e3779b97f4a7c15u;
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return (uint64_t)(-log(((double)(state >> 11) + 1) / 9007199254740993.0) * 1e9 / rate);
}

int main(int argc, char **argv) {
    int count = 32, option;
    double seconds = 4, before = 1, rate = 0;
    size_t prompt = 600;
    const char *model = "bench";
    static char headers[HEAD / 2];
    while ((option = getopt(argc, argv, "c:d:w:r:m:sk:b:H:p:o:n")) != -1) switch (option) {
        case 'c': count = atoi(optarg); break;
        case 'd': seconds = atof(optarg); break;
        case 'w': before = atof(optarg); break;
        case 'r': rate = atof(optarg); break;
        case 'm': model = optarg; break;
        case 's': streaming = 1; break;
        case 'k': wanted = atoi(optarg); break;
        case 'b': prompt = strtoul(optarg, NULL, 10); break;
        case 'H': if (strlen(headers) + strlen(optarg) + 3 < sizeof headers) strcat(strcat(headers, optarg), "\r\n"); break;
        case 'p': read_pids(&gateway, optarg); break;
        case 'o': read_pids(&rest, optarg); break;
        case 'n': fputs(NAMES, stdout); return 0;
        default: return 2;
    }
    if (optind != argc - 1) { fprintf(stderr, "load [options] PORT\n"); return 2; }
    int port = atoi(argv[optind]);
    target.sin_port = htons((uint16_t)port);
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    make_request(model, prompt, headers, port);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1);
    ep = epoll_create1(0);

    conn *conns = calloc((size_t)count, sizeof *conns);
    int *idle = malloc((size_t)count * sizeof *idle), idle_count = 0;
    for (int i = count - 1; i >= 0; i--) { conns[i].fd = -1; idle[idle_count++] = i; }
    uint64_t start = now(), due = start;
    from = start + (uint64_t)(before * 1e9);
    to = from + (uint64_t)(seconds * 1e9);
    reading at_from = { 0 }, at_to = { 0 };
    struct epoll_event events[256];
    for (;;) {
        uint64_t t = now();
        if (!at_from.at && t >= from) at_from = measure();
        while (idle_count && (rate > 0 ? due <= t && due < to : t < to)) {
            conn *c = &conns[idle[--idle_count]];
            ask(c, rate > 0 ? due : t);
            if (rate > 0) due += gap(rate);
            else if (!c->busy) break; // it failed at once
        }
        if (!at_to.at && t >= to) at_to = measure();
        if (at_to.at && (!waiting || t > to + 5000000000u)) break;
        uint64_t next = !at_from.at ? from : !at_to.at ? to : t + 100000000u;
        if (rate > 0 && !at_to.at && idle_count && due < next) next = due;
        uint64_t pause = next > t ? next - t : 0;
        struct timespec ts = { (time_t)(pause / 1000000000u), (long)(pause % 1000000000u) };
        int n = epoll_pwait2(ep, events, 256, &ts, NULL);
        for (int i = 0; i < n; i++) {
            conn *c = events[i].data.ptr;
            if ((events[i].events & EPOLLOUT) && c->busy) send_more(c);
            if (c->fd >= 0 && (events[i].events & ~EPOLLOUT)) receive(c);
        }
        idle_count = 0;
        for (int i = count - 1; i >= 0; i--)
            if (!conns[i].busy) idle[idle_count++] = i;
    }
    if (rate > 0) // what was due and never sent
        for (; due < to; due += gap(rate)) wrong("never sent", 0);
    for (int i = 0; i < count; i++)
        if (conns[i].busy) wrong("unfinished", conns[i].status);

    double us = (double)(at_to.at - at_from.at) / 1000, cpu = at_to.gateway - at_from.gateway;
    double noise = (at_to.machine - at_from.machine - (at_to.known - at_from.known)) / us;
    printf("%llu\t%llu\t%.0f\t%.1f\t%.2f\t%.0f\t%.2f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%.0f\t%s\n",
        (unsigned long long)done, (unsigned long long)errors, (double)done * 1e6 / us, done ? cpu / (double)done : 0, cpu / us, resident_mb(&gateway),
        noise > 0 ? noise : 0, percentile(&whole, 0.5), percentile(&whole, 0.9), percentile(&whole, 0.99), percentile(&whole, 0.999),
        percentile(&first, 0.5), percentile(&first, 0.99), percentile(&chunk, 0.5), percentile(&chunk, 0.99), first_error);
    return errors != 0;
}
