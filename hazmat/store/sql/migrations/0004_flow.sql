-- What a batch leaves behind besides its fixes.

-- One row a vehicle, moved forward in fix_time only. No index on batch_no: rows then stay in their page when
-- updated (HOT), and "changed since batch n" is one scan of some 20,000 rows.
CREATE TABLE last_known (
    vehicle_id  text COLLATE "C" PRIMARY KEY,
    fix_time    timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    lon         double precision,
    lat         double precision,
    speed_kmh   double precision,
    heading_deg double precision,
    accuracy_m  double precision,
    batch_no    bigint NOT NULL,
    load        smallint,
    phase       smallint NOT NULL, -- hazmat.journeys.JourneyPhase
    has_fix     boolean NOT NULL,
    loaded      boolean NOT NULL,
    known       boolean NOT NULL
) WITH (fillfactor = 40, autovacuum_vacuum_scale_factor = 0.5);

-- Never deleted. What stood at the fix that made it fire (evidence, lon, lat, fired_at) is never changed.
CREATE TABLE alerts (
    alert_id         text COLLATE "C" PRIMARY KEY,
    vehicle_id       text COLLATE "C" NOT NULL,
    rule_id          text COLLATE "C" NOT NULL,
    object_id        text COLLATE "C" NOT NULL,
    severity         text NOT NULL CHECK (severity IN ('red', 'orange', 'yellow', 'blue')),
    state            text NOT NULL CHECK (state IN ('firing', 'resolved')),
    opened_at        timestamptz(3) NOT NULL,
    fired_at         timestamptz(3) NOT NULL,
    last_hit_at      timestamptz(3) NOT NULL,
    resolved_at      timestamptz(3),
    end_reason       text,
    fixes            integer NOT NULL CHECK (fixes >= 0), -- 0: a silence rests on no fix
    value            double precision, -- worst so far, in the rule's unit
    lon              double precision,
    lat              double precision,
    evidence         jsonb NOT NULL,
    registry_version bigint NOT NULL,
    batch_no         bigint NOT NULL, -- the last batch that changed it
    changed_at       timestamptz(3) NOT NULL DEFAULT now(),
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL))
);
CREATE INDEX alerts_open ON alerts (opened_at DESC) WHERE state = 'firing';
CREATE INDEX alerts_newest ON alerts (opened_at DESC, alert_id);
CREATE INDEX alerts_vehicle ON alerts (vehicle_id, opened_at DESC);
CREATE INDEX alerts_changed ON alerts (changed_at); -- screens ask each second what changed

CREATE TABLE journeys (
    journey_id text COLLATE "C" PRIMARY KEY,
    vehicle_id text COLLATE "C" NOT NULL,
    entered_at timestamptz(3) NOT NULL,
    exited_at  timestamptz(3),
    phase      smallint NOT NULL
);
CREATE INDEX journeys_vehicle ON journeys (vehicle_id, entered_at DESC);

-- Payloads that are no fix; one that comes again raises "times".
CREATE TABLE rejects (
    reject_id        text COLLATE "C" PRIMARY KEY, -- hash of topic, element and raw
    received_at      timestamptz(3) NOT NULL, -- the first time
    last_received_at timestamptz(3) NOT NULL,
    times            bigint NOT NULL CHECK (times > 0),
    topic            text NOT NULL,
    element          integer NOT NULL, -- row in the array, -1: the whole payload
    reason           text NOT NULL,
    field            text NOT NULL,
    detail           text NOT NULL,
    raw              bytea NOT NULL, -- cut
    raw_size         integer NOT NULL -- octets before the cut
);
CREATE INDEX rejects_newest ON rejects (last_received_at DESC);

-- How far each of the 64 partitions of the feed is stored, and whose it is: a commit compares epoch and
-- batch_no before it sets the new batch_no.
CREATE TABLE progress (
    partition smallint PRIMARY KEY CHECK (partition BETWEEN 0 AND 63),
    epoch     bigint NOT NULL,
    batch_no  bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO progress SELECT partition, 0, 0 FROM generate_series(0, 63) AS partition;

CREATE TABLE checkpoints (
    partition smallint PRIMARY KEY CHECK (partition BETWEEN 0 AND 63),
    batch_no  bigint NOT NULL,
    saved_at  timestamptz(3) NOT NULL DEFAULT now(),
    content   bytea NOT NULL
);

-- Stretches of track to be judged again because a late fix was stored in them.
CREATE TABLE repairs (
    vehicle_id text COLLATE "C" PRIMARY KEY,
    first_late timestamptz NOT NULL, -- fix_time of the earliest one
    asked_at   timestamptz NOT NULL -- received_at of the last one to arrive
);
