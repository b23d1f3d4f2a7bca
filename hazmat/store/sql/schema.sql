-- name: lock
-- One process at a time migrates a database; the lock ends with the session.
SELECT pg_advisory_lock(6853147201)

-- name: create_timescaledb
-- Create the extension where the server has it preloaded.
CREATE EXTENSION IF NOT EXISTS timescaledb

-- name: create_migrations
-- The table of landed migrations.
CREATE TABLE IF NOT EXISTS schema_migrations (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz(3) NOT NULL DEFAULT now()
)

-- name: landed
-- Landed migrations in order.
SELECT number, name, checksum FROM schema_migrations ORDER BY number

-- name: record
-- A migration has landed.
INSERT INTO schema_migrations (number, name, checksum) VALUES (%s, %s, %s)
