-- Whose turn it is to change a provider key. A save is checked with the provider first, which may be slow, so that saves may end in
-- another order than they began. Each takes a number when it begins; settled is the number of the latest save or delete that took
-- effect, and what began before it takes effect no more. A delete leaves its number here, as it leaves no key.
CREATE SEQUENCE provider_key_turn;

CREATE TABLE provider_key_turns (
    workspace_id text NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    provider text NOT NULL,
    settled bigint NOT NULL,
    PRIMARY KEY (workspace_id, provider)
);
