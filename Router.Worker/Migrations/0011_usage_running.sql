-- What is under way in the APIs, noted once a second by each for its own: what remains of a process that is killed. The receipt is written as the
-- process would have written it then; who finds a row that has been silent for seconds makes a receipt of it.
CREATE TABLE usage_running (
    id       uuid PRIMARY KEY,
    process  uuid NOT NULL,
    receipt  text NOT NULL,
    noted_at timestamptz NOT NULL
) WITH (fillfactor = 50);
