-- One row for every request made to a provider. Partitioned by day, so that retention drops whole tables; the worker makes the
-- partitions ahead, and the default one catches what comes before it did.
CREATE TABLE usage_attempts (
    id                     uuid NOT NULL,
    at                     timestamptz NOT NULL,
    workspace_id           text NOT NULL,
    router_key_id          text,
    generation_id          uuid NOT NULL,
    attempt                int NOT NULL,
    trace_id               text,
    provider               text NOT NULL,
    model                  text NOT NULL,
    response_model         text,
    credential_type        text NOT NULL,
    credential_source      text NOT NULL,
    credential_fingerprint text NOT NULL,
    stream                 boolean NOT NULL,
    outcome                text NOT NULL,
    http_status            int,
    duration_ms            bigint NOT NULL,
    time_to_first_token_ms bigint,
    input_tokens           bigint,
    cached_tokens          bigint,
    output_tokens          bigint,
    reasoning_tokens       bigint,
    estimated              boolean NOT NULL,
    list_price_usd         numeric,
    charge_usd             numeric,
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE TABLE usage_attempts_default PARTITION OF usage_attempts DEFAULT;
CREATE INDEX usage_attempts_by_workspace ON usage_attempts (workspace_id, at DESC, id DESC);
CREATE INDEX usage_attempts_by_generation ON usage_attempts (generation_id);
CREATE INDEX usage_attempts_by_trace ON usage_attempts (trace_id);
