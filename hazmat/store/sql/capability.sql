-- name: server
-- Version, preloaded libraries, TimescaleDB's licence (NULL: not loaded), kind of the table of positions (r,
-- p or NULL).
SELECT current_setting('server_version'),
       current_setting('shared_preload_libraries', true),
       current_setting('timescaledb.license', true),
       (SELECT relkind::text FROM pg_class WHERE oid = to_regclass('positions'))

-- name: extensions
-- Extensions that this server has files for: name, version created in this database or NULL, version on
-- offer.
SELECT name::text, installed_version, default_version FROM pg_available_extensions ORDER BY name

-- name: is_hypertable
-- A row if the table of positions is a hypertable.
SELECT 1 FROM timescaledb_information.hypertables
WHERE to_regclass(format('%I.%I', hypertable_schema, hypertable_name)) = to_regclass('positions')
