-- The registry: who may carry what, where and when. Columns are named as the fields of hazmat.documents and
-- hazmat.geofences; times are UTC, valid_to is exclusive. Ids compare byte by byte (COLLATE "C").

CREATE TABLE vehicles (
    vehicle_id     text COLLATE "C" PRIMARY KEY CHECK (vehicle_id <> '' AND octet_length(vehicle_id) <= 32),
    plate          text NOT NULL CHECK (plate <> ''),
    plate_colour   text NOT NULL,
    carrier_id     text COLLATE "C" NOT NULL,
    carrier_name   text NOT NULL,
    vehicle_type   text NOT NULL,
    tank_no        text NOT NULL,
    hazard_classes text[] NOT NULL,
    tank_media     text[] NOT NULL
);
CREATE INDEX vehicles_plate ON vehicles (plate);
CREATE INDEX vehicles_carrier ON vehicles (carrier_id);

CREATE TABLE waybills (
    waybill_no   text COLLATE "C" PRIMARY KEY CHECK (waybill_no <> ''),
    vehicle_id   text COLLATE "C" NOT NULL,
    plate        text NOT NULL,
    plate_colour text NOT NULL,
    carrier_id   text COLLATE "C" NOT NULL,
    driver_id    text COLLATE "C" NOT NULL,
    driver_name  text NOT NULL,
    escort_id    text COLLATE "C" NOT NULL,
    escort_name  text NOT NULL,
    un_no        text NOT NULL,
    goods_name   text NOT NULL,
    hazard_class text NOT NULL,
    quantity_t   double precision NOT NULL CHECK (quantity_t >= 0 AND quantity_t < 10000),
    consignor    text NOT NULL,
    consignee    text NOT NULL,
    origin       text NOT NULL,
    destination  text NOT NULL,
    route_id     text COLLATE "C" NOT NULL,
    valid_from   timestamptz(3) NOT NULL,
    valid_to     timestamptz(3) NOT NULL,
    CHECK (valid_to > valid_from)
);
CREATE INDEX waybills_vehicle ON waybills (vehicle_id, valid_from);
CREATE INDEX waybills_valid_to ON waybills (valid_to);

CREATE TABLE permits (
    permit_no      text COLLATE "C" PRIMARY KEY CHECK (permit_no <> ''),
    vehicle_id     text COLLATE "C" NOT NULL,
    roads          text[] NOT NULL,
    start_minute   integer NOT NULL CHECK (start_minute BETWEEN 0 AND 1439),
    end_minute     integer NOT NULL CHECK (end_minute BETWEEN 0 AND 1440),
    weekdays       integer[] NOT NULL CHECK (weekdays <@ '{1,2,3,4,5,6,7}' AND cardinality(weekdays) > 0),
    hazard_classes text[] NOT NULL,
    valid_from     timestamptz(3) NOT NULL,
    valid_to       timestamptz(3) NOT NULL,
    CHECK (valid_to > valid_from)
);
CREATE INDEX permits_vehicle ON permits (vehicle_id, valid_from);

CREATE TABLE blacklist (
    entry_id   text COLLATE "C" PRIMARY KEY CHECK (entry_id <> ''),
    kind       text NOT NULL CHECK (kind IN ('vehicle', 'driver', 'enterprise')),
    subject_id text COLLATE "C" NOT NULL,
    reason     text NOT NULL,
    valid_from timestamptz(3) NOT NULL,
    valid_to   timestamptz(3) CHECK (valid_to > valid_from)
);
CREATE INDEX blacklist_subject ON blacklist (kind, subject_id);

CREATE TABLE fences (
    fence_id        text COLLATE "C" NOT NULL CHECK (fence_id <> ''),
    kind            text NOT NULL,
    name            text NOT NULL,
    geometry        jsonb NOT NULL CHECK (geometry ? 'type' AND geometry ? 'coordinates'), -- GeoJSON, WGS-84
    valid_from      timestamptz(3) NOT NULL,
    valid_to        timestamptz(3) CHECK (valid_to > valid_from),
    start_minute    integer NOT NULL CHECK (start_minute BETWEEN 0 AND 1439),
    end_minute      integer NOT NULL CHECK (end_minute BETWEEN 0 AND 1440),
    weekdays        integer[] NOT NULL CHECK (weekdays <@ '{1,2,3,4,5,6,7}' AND cardinality(weekdays) > 0),
    hazard_classes  text[] NOT NULL,
    loaded_only     boolean NOT NULL,
    permit_required boolean NOT NULL,
    half_width_m    double precision CHECK (half_width_m > 0 AND half_width_m < 10000),
    lane_count      integer CHECK (lane_count BETWEEN 1 AND 20),
    lane_width_m    double precision CHECK (lane_width_m > 0 AND lane_width_m < 20),
    designated_lane integer CHECK (designated_lane BETWEEN 0 AND lane_count), -- 0: any lane
    direction       text NOT NULL,
    road_class      text NOT NULL,
    speed_limit_kmh double precision CHECK (speed_limit_kmh > 0 AND speed_limit_kmh < 200),
    PRIMARY KEY (fence_id, valid_from),
    CHECK (num_nulls(lane_count, lane_width_m, designated_lane) IN (0, 3))
);

-- Raised by every statement that touches one of the five tables, so that readers see when to load again.
CREATE TABLE registry_version (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version    bigint NOT NULL,
    changed_at timestamptz(3) NOT NULL
);
INSERT INTO registry_version (version, changed_at) VALUES (1, now());

CREATE FUNCTION raise_registry_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry_version SET version = version + 1, changed_at = now();
    RETURN NULL;
END $$;

CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON vehicles
    FOR EACH STATEMENT EXECUTE FUNCTION raise_registry_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON waybills
    FOR EACH STATEMENT EXECUTE FUNCTION raise_registry_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON permits
    FOR EACH STATEMENT EXECUTE FUNCTION raise_registry_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON blacklist
    FOR EACH STATEMENT EXECUTE FUNCTION raise_registry_version();
CREATE TRIGGER raise_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON fences
    FOR EACH STATEMENT EXECUTE FUNCTION raise_registry_version();
