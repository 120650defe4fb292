-- No foreign key: what was done to a workspace outlives it.
CREATE TABLE audit_log (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT now(),
    workspace_id text NOT NULL,
    actor        text NOT NULL,
    actor_id     text,
    client_ip    text,
    trace_id     text,
    action       text NOT NULL,
    target       text NOT NULL,
    outcome      text NOT NULL,
    from_status  text,
    to_status    text,
    changes      jsonb
);
CREATE INDEX audit_log_by_workspace ON audit_log (workspace_id, id DESC);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only';
END $$;

CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
