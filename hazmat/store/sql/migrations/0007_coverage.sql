-- What was known on each trip through the district: of how many of its messages each need of the rules was met
-- (held, by rules.rule.Need). Whether a rule checked the trip is reckoned from it when asked.

CREATE TABLE trip_coverage (
    journey_id text COLLATE "C" PRIMARY KEY,
    vehicle_id text COLLATE "C" NOT NULL,
    gate       text COLLATE "C" NOT NULL, -- fence of the road on which it entered, '' if none was near
    day        date NOT NULL, -- of the entry, Asia/Shanghai
    messages   integer NOT NULL CHECK (messages >= 0),
    held       jsonb NOT NULL
);
CREATE INDEX trip_coverage_day ON trip_coverage (day);
