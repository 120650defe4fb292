// A provider that costs next to nothing: one thread, epoll, loopback.
//
//   mock PORT
//
// It speaks OpenAI's chat completions (any path ending in /chat/completions), Anthropic's messages (/messages) and
// Gemini's (:generateContent, :streamGenerateContent). The model's name says how it behaves:
//
//   bench[-WAIT[-GAP[-CHUNKS[-BYTES]]]]     WAIT us before the first byte (0), GAP us between chunks (0: back to back),
//                                           CHUNKS of content in a stream (100), BYTES of text in a whole answer (640)
//
// Each chunk of content, and each whole answer, begins with @us: and 16 digits: CLOCK_MONOTONIC in us as it is written.
// Each chunk is a write of its own. Any other POST (a telemetry export, a count of tokens) and any GET is answered {}.
// "model" and "stream" are looked for only in the first and the last 1024 bytes of a body, so that a long one costs no more.
#define _GNU_SOURCE
#include <errno.h>
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

enum { EDGE = 1024, MAX_TEXT = 1 << 16, STAMP = 16 };
enum dialect { OPENAI, ANTHROPIC, GEMINI };

// How each dialect writes a stream; %s is the model. STAMPED is where the 16 digits go.
#define STAMPED "@us:0000000000000000 word"
#define OPENAI_EVENT(delta, finish) "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"%s\"," \
    "\"service_tier\":\"default\",\"choices\":[{\"index\":0,\"delta\":" delta ",\"logprobs\":null,\"finish_reason\":" finish "}]}\n\n"
#define ANTHROPIC_EVENT(type, members) "event: " type "\ndata: {\"type\":\"" type "\"" members "}\n\n"
#define GEMINI_EVENT(text, finish) "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" text "\"}],\"role\":\"model\"}" finish ",\"index\":0}]," \
    "\"usageMetadata\":{\"promptTokenCount\":42,\"candidatesTokenCount\":100,\"totalTokenCount\":142},\"modelVersion\":\"%s\",\"responseId\":\"bench\"}\r\n\r\n"

static const struct { const char *open, *chunk, *close, *usage, *whole; } wire[] = {
    [OPENAI] = {
        OPENAI_EVENT("{\"role\":\"assistant\",\"content\":\"\"}", "null"),
        OPENAI_EVENT("{\"content\":\"" STAMPED "\"}", "null"),
        OPENAI_EVENT("{}", "\"stop\"") "%sdata: [DONE]\n\n",
        "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"bench\",\"choices\":[],"
            "\"usage\":{\"prompt_tokens\":42,\"completion_tokens\":100,\"total_tokens\":142}}\n\n",
        "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1760000000,\"model\":\"%s\",\"choices\":[{\"index\":0,\"message\":"
            "{\"role\":\"assistant\",\"content\":\"" STAMPED "%.*s\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],"
            "\"usage\":{\"prompt_tokens\":42,\"completion_tokens\":128,\"total_tokens\":170,\"prompt_tokens_details\":{\"cached_tokens\":0}}}",
    },
    [ANTHROPIC] = {
        ANTHROPIC_EVENT("message_start", ",\"message\":{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%s\",\"content\":[],"
            "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":42,\"output_tokens\":1}}")
            ANTHROPIC_EVENT("content_block_start", ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"),
        ANTHROPIC_EVENT("content_block_delta", ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"" STAMPED "\"}"),
        ANTHROPIC_EVENT("content_block_stop", ",\"index\":0")
            ANTHROPIC_EVENT("message_delta", ",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":100}")
            ANTHROPIC_EVENT("message_stop", ""),
        "",
        "{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"%s\",\"content\":[{\"type\":\"text\",\"text\":\"" STAMPED "%.*s\"}],"
            "\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":42,\"output_tokens\":128}}",
    },
    [GEMINI] = {
        "",
        GEMINI_EVENT(STAMPED, ""),
        GEMINI_EVENT("", ",\"finishReason\":\"STOP\""),
        "",
        "{\"modelVersion\":\"%s\",\"responseId\":\"bench\",\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"" STAMPED "%.*s\"}],\"role\":\"model\"},"
            "\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":42,\"candidatesTokenCount\":128,\"totalTokenCount\":170}}",
    },
};

typedef struct { char *at; size_t len, cap; } buffer;
typedef struct {
    int fd, timed, blocked, busy, streaming, stream, usage, left;
    enum dialect dialect;
    unsigned wait, gap, chunks, bytes;
    uint64_t due;
    char model[128], frame[1024];
    size_t frame_len, stamp_at, sent, scanned;
    buffer in, out;
} conn;

static conn **timed;
static int timed_count, timed_cap, ep;
static char filler[MAX_TEXT];

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void reserve(buffer *b, size_t more) {
    if (b->len + more + 1 <= b->cap) return;
    b->cap = (b->len + more + 1) * 2;
    if (!(b->at = realloc(b->at, b->cap))) abort();
}

static void append(buffer *b, const char *p, size_t n) {
    reserve(b, n);
    memcpy(b->at + b->len, p, n);
    b->len += n;
}

static void append_frame(buffer *b, const char *text, size_t n) { // one chunk of HTTP's chunked coding
    char size[20];
    append(b, size, (size_t)sprintf(size, "%zx\r\n", n));
    append(b, text, n);
    append(b, "\r\n", 2);
}

static void stamp(char *digits) {
    uint64_t t = now();
    for (int i = STAMP - 1; i >= 0; i--, t /= 10) digits[i] = (char)('0' + t % 10);
}

// ---- what is to happen later: a short array that is searched, for there are few hundred connections at most ----
static void later(conn *c, uint64_t due) {
    c->due = due;
    if (c->timed >= 0) return;
    if (timed_count == timed_cap && !(timed = realloc(timed, (size_t)(timed_cap = timed_cap * 2 + 64) * sizeof *timed))) abort();
    timed[c->timed = timed_count++] = c;
}

static void not_later(conn *c) {
    if (c->timed < 0) return;
    timed[c->timed] = timed[--timed_count];
    timed[c->timed]->timed = c->timed;
    c->timed = -1;
}

static void hang_up(conn *c) {
    not_later(c);
    close(c->fd);
    free(c->in.at);
    free(c->out.at);
    free(c);
}

// Each of the following returns 0 when the connection is gone.
static int flush(conn *c) {
    while (c->sent < c->out.len) {
        ssize_t n = send(c->fd, c->out.at + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno != EAGAIN) { hang_up(c); return 0; }
        if (n < 0) break;
        c->sent += (size_t)n;
    }
    int blocked = c->sent < c->out.len;
    if (!blocked) c->sent = c->out.len = 0;
    if (blocked != c->blocked) {
        struct epoll_event e = { .events = EPOLLIN | (blocked ? EPOLLOUT : 0), .data.ptr = c };
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
        c->blocked = blocked;
    }
    return 1;
}

static void answer(conn *c, const char *body, size_t n) {
    char head[200];
    append(&c->out, head, (size_t)sprintf(head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: req_bench\r\nContent-Length: %zu\r\n\r\n", n));
    append(&c->out, body, n);
}

static void answer_whole(conn *c) {
    static char body[MAX_TEXT + 1024];
    size_t n = (size_t)snprintf(body, sizeof body, wire[c->dialect].whole, c->model, (int)c->bytes, filler);
    stamp(strstr(body, "@us:") + 4);
    answer(c, body, n);
}

static void open_stream(conn *c) {
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nx-request-id: req_bench\r\nTransfer-Encoding: chunked\r\n\r\n";
    char text[1024];
    append(&c->out, head, sizeof head - 1);
    int n = snprintf(text, sizeof text, wire[c->dialect].open, c->model);
    if (n) append_frame(&c->out, text, (size_t)n);
    n = snprintf(text, sizeof text, wire[c->dialect].chunk, c->model);
    c->frame_len = (size_t)snprintf(c->frame, sizeof c->frame, "%x\r\n%s\r\n", n, text);
    c->stamp_at = (size_t)(strstr(c->frame, "@us:") - c->frame) + 4;
    c->left = (int)c->chunks;
}

static void close_stream(conn *c) {
    char text[2048];
    int n = snprintf(text, sizeof text, wire[c->dialect].close, c->model, c->usage ? wire[c->dialect].usage : "");
    append_frame(&c->out, text, (size_t)n);
    append(&c->out, "0\r\n\r\n", 5);
}

static int step(conn *c) { // goes on with the answer until it has to wait
    if (!c->stream) {
        answer_whole(c);
        c->busy = 0;
        return flush(c);
    }
    if (!c->streaming) {
        open_stream(c);
        c->streaming = 1;
        c->due = now();
    }
    do {
        stamp(c->frame + c->stamp_at);
        append(&c->out, c->frame, c->frame_len);
        if (!--c->left) close_stream(c);
        if (!flush(c)) return 0;
    } while (c->left && !c->gap);
    if (c->left) later(c, c->due + c->gap);
    else c->busy = c->streaming = 0;
    return 1;
}

// ---- requests ----
static const char *find(const char *body, size_t n, const char *what) {
    size_t edge = n < EDGE ? n : EDGE;
    const char *found = memmem(body, edge, what, strlen(what));
    return found ? found : memmem(body + n - edge, edge, what, strlen(what));
}

// Joins the chunks of a body in place. Returns the bytes it took on the wire, 0 when it is not whole yet.
static size_t unchunk(conn *c, size_t from, size_t *length) {
    size_t at = c->scanned > from ? c->scanned : from;
    for (;;) { // is the last chunk there?
        char *line = memmem(c->in.at + at, c->in.len - at, "\r\n", 2);
        if (!line) return 0;
        size_t n = strtoul(c->in.at + at, NULL, 16), next = (size_t)(line - c->in.at) + 2 + n + 2;
        if (next > c->in.len) return 0;
        c->scanned = at = next;
        if (!n) break;
    }
    size_t used = at - from, to = from;
    for (at = from;;) {
        char *line = memmem(c->in.at + at, c->in.len - at, "\r\n", 2);
        size_t n = strtoul(c->in.at + at, NULL, 16), text = (size_t)(line - c->in.at) + 2;
        if (!n) break;
        memmove(c->in.at + to, c->in.at + text, n);
        to += n;
        at = text + n + 2;
    }
    *length = to - from;
    return used;
}

static void read_model(conn *c, const char *from, const char *end) {
    size_t n = 0;
    while (from + n < end && n < sizeof c->model - 1 && (from[n] == '-' || from[n] == '.' || from[n] == '/' || from[n] == '_' ||
        (from[n] >= '0' && from[n] <= '9') || (from[n] >= 'a' && from[n] <= 'z') || (from[n] >= 'A' && from[n] <= 'Z'))) n++;
    memcpy(c->model, from, n);
    c->model[n] = 0;
    c->wait = c->gap = 0;
    c->chunks = 100;
    c->bytes = 640;
    const char *script = strstr(c->model, "bench-");
    if (script) sscanf(script, "bench-%u-%u-%u-%u", &c->wait, &c->gap, &c->chunks, &c->bytes);
    if (!c->chunks) c->chunks = 1;
    if (c->bytes >= MAX_TEXT) c->bytes = MAX_TEXT - 1;
}

static int begin(conn *c, char *path, const char *body, size_t n) {
    const char *value, *end = body + n;
    char *gemini = strstr(path, "enerateContent");
    if (gemini) {
        c->dialect = GEMINI;
        c->stream = strstr(path, ":stream") != NULL;
        const char *models = strstr(path, "/models/");
        read_model(c, models ? models + 8 : path, gemini);
    } else {
        c->dialect = strstr(path, "/messages") ? ANTHROPIC : OPENAI;
        c->stream = (value = find(body, n, "\"stream\":")) && memmem(value, (size_t)(end - value) < 16 ? (size_t)(end - value) : 16, "true", 4);
        c->usage = find(body, n, "\"include_usage\":true") != NULL;
        value = find(body, n, "\"model\":");
        const char *quote = value ? memchr(value + 8, '"', (size_t)(end - value) - 8) : NULL;
        read_model(c, quote ? quote + 1 : end, end);
    }
    c->busy = 1;
    if (!c->wait) return step(c);
    later(c, now() + c->wait);
    return 1;
}

static int serve(conn *c) { // takes whole requests off the input while nothing is being answered
    while (!c->busy && c->in.len) {
        c->in.at[c->in.len] = 0;
        char *end = memmem(c->in.at, c->in.len, "\r\n\r\n", 4);
        if (!end) return 1;
        size_t head = (size_t)(end - c->in.at) + 4, length = 0, used;
        *end = 0;
        char *sized = strcasestr(c->in.at, "\r\ncontent-length:"), *chunked = strcasestr(c->in.at, "\r\ntransfer-encoding: chunked");
        *end = '\r';
        if (chunked) {
            if (!(used = unchunk(c, head, &length))) return 1;
        } else {
            used = length = sized ? strtoul(sized + 17, NULL, 10) : 0;
            if (c->in.len < head + used) return 1;
        }
        char path[512];
        size_t line = strcspn(c->in.at, "\r");
        if (line >= sizeof path) line = sizeof path - 1;
        memcpy(path, c->in.at, line);
        path[line] = 0;
        c->scanned = 0;
        int chat = strstr(path, "/chat/completions") || strstr(path, "/messages ") || strstr(path, ":generateContent") || strstr(path, ":streamGenerateContent");
        if (chat && !memcmp(path, "POST", 4)) {
            if (!begin(c, path, c->in.at + head, length)) return 0;
        } else {
            answer(c, "{}", 2);
            if (!flush(c)) return 0;
        }
        c->in.len -= head + used;
        memmove(c->in.at, c->in.at + head + used, c->in.len);
    }
    return 1;
}

static void receive(conn *c) {
    reserve(&c->in, 65536);
    ssize_t n = recv(c->fd, c->in.at + c->in.len, c->in.cap - c->in.len - 1, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) { hang_up(c); return; }
    c->in.len += (size_t)n;
    serve(c);
}

static void greet(int listener) {
    int fd, yes = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        conn *c = calloc(1, sizeof *c);
        c->fd = fd;
        c->timed = -1;
        struct epoll_event e = { .events = EPOLLIN, .data.ptr = c };
        epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
    }
}

// Runs what is due; returns how long until the next, in us, or -1.
static int64_t run_due(void) {
    uint64_t t = now(), next = UINT64_MAX;
    for (int i = timed_count - 1; i >= 0; i--) { // what is taken out leaves its place to the last, which was seen already
        conn *c = timed[i];
        if (c->due > t) continue;
        not_later(c);
        if (step(c) && !c->busy) serve(c);
    }
    for (int i = 0; i < timed_count; i++)
        if (timed[i]->due < next) next = timed[i]->due;
    t = now();
    return next == UINT64_MAX ? -1 : next > t ? (int64_t)(next - t) : 0;
}

int main(int argc, char **argv) {
    if (argc != 2) { fprintf(stderr, "mock PORT\n"); return 2; }
    static const char words[] = " a gateway reads the prompt, picks a provider and hands the answer on.";
    for (size_t i = 0; i < sizeof filler - 1; i++) filler[i] = words[i % (sizeof words - 1)];
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    if (bind(listener, (void *)&here, sizeof here) || listen(listener, 4096)) { perror("mock"); return 1; }
    ep = epoll_create1(0);
    struct epoll_event events[256], e = { .events = EPOLLIN, .data.ptr = NULL };
    epoll_ctl(ep, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int64_t us = run_due();
        struct timespec t = { us / 1000000, us % 1000000 * 1000 };
        int n = epoll_pwait2(ep, events, 256, us < 0 ? NULL : &t, NULL);
        for (int i = 0; i < n; i++) {
            conn *c = events[i].data.ptr;
            if (!c) { greet(listener); continue; }
            if ((events[i].events & EPOLLOUT) && !flush(c)) continue;
            if (events[i].events & ~EPOLLOUT) receive(c);
        }
    }
}
