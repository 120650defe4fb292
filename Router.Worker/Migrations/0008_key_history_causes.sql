-- Why a key's state was looked at, by whom, and in which trace. Null in lines from before.
ALTER TABLE provider_key_history
    ADD COLUMN cause text,
    ADD COLUMN actor text,
    ADD COLUMN actor_id text,
    ADD COLUMN trace_id text;
