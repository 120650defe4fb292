-- Providers an administrator made live where the simulator would stand in for them. Configuration wins over it. Replicas serve by it, so
-- that a change bumps the state's version like any other.
CREATE TABLE live_providers (
    provider text PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now()
);
CREATE CONSTRAINT TRIGGER live_providers_bump AFTER INSERT OR UPDATE OR DELETE ON live_providers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_state_version();

-- The Studio's sessions that have not ended. The cookie holds the id; what is kept is its hash, and whose it is as a hash too.
CREATE TABLE studio_sessions (
    id_hash    bytea PRIMARY KEY,
    holder     bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX studio_sessions_by_holder ON studio_sessions (holder, created_at DESC);
CREATE INDEX studio_sessions_by_end ON studio_sessions (expires_at);

-- What a service account calls itself, for people: neither is secret. And when a key was last asked about, whether anybody could tell or not.
ALTER TABLE provider_keys ADD COLUMN account_email text, ADD COLUMN account_project text, ADD COLUMN tried_at timestamptz;
UPDATE provider_keys SET tried_at = checked_at;
