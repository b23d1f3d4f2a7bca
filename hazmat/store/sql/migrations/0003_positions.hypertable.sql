-- TimescaleDB, either edition: a hypertable with one chunk a UTC day.

CREATE TABLE positions (LIKE position_columns INCLUDING ALL);
DROP TABLE position_columns;
SELECT create_hypertable('positions', by_range('fix_time', INTERVAL '1 day'),
    create_default_indexes => false);
