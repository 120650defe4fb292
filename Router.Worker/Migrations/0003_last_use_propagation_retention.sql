-- When a stored key last served or was refused live; written in batches, and no change of state.
ALTER TABLE provider_keys ADD COLUMN last_used_at timestamptz;

-- When the state last changed, so that a replica can say how long a change took to reach it. Both ends of that are read
-- from this server's clock.
ALTER TABLE state_version ADD COLUMN changed_at timestamptz NOT NULL DEFAULT clock_timestamp();

CREATE OR REPLACE FUNCTION bump_state_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bumped bigint;
BEGIN
    -- Once per transaction, however many rows it touched.
    IF current_setting('router.bumped_by', true) IS NOT DISTINCT FROM pg_current_xact_id()::text THEN
        RETURN NULL;
    END IF;
    PERFORM set_config('router.bumped_by', pg_current_xact_id()::text, true);
    UPDATE state_version SET version = version + 1, changed_at = clock_timestamp() RETURNING version INTO bumped;
    PERFORM pg_notify('router_state', bumped::text);
    RETURN NULL;
END $$;

-- The log stays append-only for everybody but retention, which says so in its own transaction and may only delete.
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('router.audit_retention', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'audit_log is append-only';
END $$;
CREATE INDEX audit_log_by_time ON audit_log (at);
