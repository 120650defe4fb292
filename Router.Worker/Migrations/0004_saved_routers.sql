-- The definition as json, not jsonb: it is shown as it was written, and never searched.
CREATE TABLE saved_routers (
    id           uuid PRIMARY KEY,
    workspace_id text NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    name         text NOT NULL,
    revision     int NOT NULL DEFAULT 1,
    definition   json NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (workspace_id, name)
);

CREATE CONSTRAINT TRIGGER saved_routers_bump AFTER INSERT OR UPDATE OR DELETE ON saved_routers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bump_state_version();
