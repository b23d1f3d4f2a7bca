-- name: ensure_day
-- Make the partition of one UTC day, unless it is there; filled in by hazmat.store.days. Attaching locks no
-- reader out.
BEGIN;
SELECT pg_advisory_xact_lock(6853147202);
CREATE TABLE IF NOT EXISTS {partition} (LIKE positions INCLUDING ALL);
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = {name}::regclass) THEN
        ALTER TABLE positions ATTACH PARTITION {partition} FOR VALUES FROM ({start}) TO ({stop});
    END IF;
END $$;
COMMIT

-- name: days
-- Day partitions: name, whether attached, whether a detaching was cut short.
SELECT relname::text, inhparent IS NOT NULL, coalesce(inhdetachpending, false)
FROM pg_class LEFT JOIN pg_inherits ON inhrelid = oid
WHERE relkind = 'r' AND relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'positions'::regclass)
  AND relname ~ '^positions_[0-9]{8}$'
ORDER BY relname

-- name: detach_day
-- Take a day out of the table without locking readers out.
ALTER TABLE positions DETACH PARTITION {partition} CONCURRENTLY

-- name: finish_detaching
-- End a detaching that was cut short.
ALTER TABLE positions DETACH PARTITION {partition} FINALIZE

-- name: drop_day
-- Drop a detached day.
DROP TABLE {partition}

-- name: drop_chunks
-- TimescaleDB: drop the chunks that end before a time; their names.
SELECT drop_chunks('positions', older_than => %s::timestamptz)
