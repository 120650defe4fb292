CREATE TABLE workspaces (
    id           text PRIMARY KEY,
    display_name text NOT NULL,
    policy       jsonb,
    created_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE router_keys (
    id             text PRIMARY KEY,
    workspace_id   text NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name           text NOT NULL,
    secret_hash    bytea NOT NULL,
    permissions    int NOT NULL,
    is_development boolean NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL DEFAULT now(),
    revoked_at     timestamptz
);
CREATE INDEX router_keys_by_workspace ON router_keys (workspace_id);
CREATE UNIQUE INDEX router_keys_one_development ON router_keys (workspace_id) WHERE is_development;

CREATE TABLE provider_keys (
    id                   uuid PRIMARY KEY,
    workspace_id         text NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    provider             text NOT NULL,
    version              int NOT NULL,
    ciphertext           bytea NOT NULL,
    wrapped_key          bytea NOT NULL,
    master_key_id        text NOT NULL,
    last_four            text NOT NULL,
    fingerprint          text NOT NULL,
    status               text NOT NULL,
    status_detail        text,
    cooling_until        timestamptz,
    checked_at           timestamptz,
    next_check_at        timestamptz NOT NULL,
    claimed_until        timestamptz,
    claimed_by           text,
    consecutive_failures int NOT NULL DEFAULT 0,
    recheck_requested_at timestamptz,
    recheck_traceparent  text,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, provider)
);
CREATE INDEX provider_keys_due ON provider_keys (next_check_at);
CREATE INDEX provider_keys_by_master_key ON provider_keys (master_key_id, id);

CREATE TABLE provider_key_history (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key_id      uuid NOT NULL REFERENCES provider_keys (id) ON DELETE CASCADE,
    version     int NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    from_status text,
    to_status   text NOT NULL,
    reason      text,
    source      text NOT NULL
);
CREATE INDEX provider_key_history_by_key ON provider_key_history (key_id, at DESC);

-- The version replicas poll. A row, not a sequence: a sequence moves before its transaction commits, so that a replica
-- could load the old contents under the new number and never look again. The row becomes visible with the change itself.
CREATE TABLE state_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  bigint NOT NULL
);
INSERT INTO state_version (version) VALUES (0);

CREATE FUNCTION bump_state_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bumped bigint;
BEGIN
    -- Once per transaction, however many rows it touched.
    IF current_setting('router.bumped_by', true) IS NOT DISTINCT FROM pg_current_xact_id()::text THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('router.bumped_by', pg_current_xact_id()::text, true);
    UPDATE state_version SET version = version + 1 RETURNING version INTO bumped;
    PERFORM pg_notify('router_state', bumped::text);
    RETURN NULL;
END $$;

-- Deferred to the commit: the version's row lock is then always the last one taken, so writers cannot deadlock on it.
CREATE CONSTRAINT TRIGGER workspaces_bump AFTER INSERT OR UPDATE OR DELETE ON workspaces
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_state_version();
CREATE CONSTRAINT TRIGGER router_keys_bump AFTER INSERT OR UPDATE OR DELETE ON router_keys
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_state_version();

-- Only columns a replica serves from: the worker's claims and uneventful checks leave the version alone.
CREATE CONSTRAINT TRIGGER provider_keys_bump AFTER INSERT OR DELETE
    OR UPDATE OF version, ciphertext, wrapped_key, master_key_id, fingerprint, status, cooling_until ON provider_keys
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_state_version();
