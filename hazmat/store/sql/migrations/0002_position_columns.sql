-- Columns of a stored fix, named as hazmat.position.COLUMN_TYPES. The next migration makes the table that the
-- server can divide by day (hypertable or day partitions) from this shape, and drops it.
-- Measured values are double precision: the memory of the rules is folded again from these rows after a
-- restart and has to come out bit by bit as it was. NULL stands for NaN, for load, alarm and status also for
-- -1.

CREATE TABLE position_columns (
    vehicle_id        text COLLATE "C" NOT NULL,
    fix_time          timestamptz NOT NULL, -- whole milliseconds
    received_at       timestamptz NOT NULL,
    lon               double precision,
    lat               double precision,
    speed_kmh         double precision,
    heading_deg       double precision,
    accuracy_m        double precision,
    altitude_m        double precision,
    mileage_km        double precision,
    tank_level_pct    double precision,
    tank_temp_c       double precision,
    tank_pressure_kpa double precision,
    satellites        double precision,
    valve_open        double precision,
    alarm             bigint,
    status            bigint,
    batch_no          bigint NOT NULL,
    row_no            integer NOT NULL, -- within its batch, in order of arrival
    load              smallint,
    has_fix           boolean NOT NULL,
    -- older than the vehicle's last judged fix: stored, not judged at once
    late              boolean NOT NULL,
    known             boolean NOT NULL, -- the vehicle was registered
    PRIMARY KEY (vehicle_id, fix_time)
);
CREATE INDEX ON position_columns USING brin (batch_no) WITH (pages_per_range = 32, autosummarize = on);
