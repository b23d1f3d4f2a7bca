-- name: save_coverage
-- What was known on the journeys that a batch changed, as it stands after it.
INSERT INTO trip_coverage (journey_id, vehicle_id, gate, day, messages, held)
SELECT journey_id, vehicle_id, gate, day, messages, held
FROM json_to_recordset(%(rows)s::json) AS changed (
    journey_id text, vehicle_id text, gate text, day date, messages integer, held jsonb
)
ON CONFLICT (journey_id) DO UPDATE
SET gate = excluded.gate, messages = excluded.messages, held = excluded.held

-- name: trip_groups
-- Trips that entered on these days, counted by day, gate, and the needs met on at least a share of messages;
-- a journey that a repair withdrew is no trip.
SELECT day, gate, coalesce(f.name, ''), met, count(*)
FROM (SELECT t.day, t.gate,
             ARRAY(SELECT need FROM jsonb_each_text(t.held) AS each (need, messages)
                    WHERE each.messages::integer >= %(share)s * t.messages ORDER BY need) AS met
        FROM trip_coverage t
       WHERE t.day BETWEEN %(first)s AND %(last)s
         AND NOT EXISTS (SELECT FROM journeys j
                          WHERE j.journey_id = t.journey_id AND j.withdrawn_at IS NOT NULL)) trips
LEFT JOIN LATERAL (SELECT name FROM fences
                    WHERE fence_id = trips.gate ORDER BY valid_from DESC LIMIT 1) f ON true
GROUP BY day, gate, f.name, met
ORDER BY day, gate, met

-- name: last_day
-- The latest day on which a trip was seen; NULL if none was.
SELECT max(day) FROM trip_coverage
