-- What the Studio's cookies and antiforgery tokens are sealed with, itself sealed under a master key.
CREATE TABLE data_protection_keys (
    friendly_name text PRIMARY KEY,
    xml           text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now()
);
