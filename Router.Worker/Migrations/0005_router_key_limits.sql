-- Limits of a router key beside those of its workspace: {"requests_per_second": n, "tokens_per_minute": n}; null is none.
ALTER TABLE router_keys ADD COLUMN limits jsonb;
