-- What a receipt says of its price: tokens written to a provider's cache, and which of the model's prices was used. Rows from before
-- say nothing of either.
ALTER TABLE usage_attempts
    ADD COLUMN cache_write_tokens    bigint,
    ADD COLUMN cache_write_1h_tokens bigint,
    ADD COLUMN price_tier            text;
