-- Late fixes: the stretch of track around them is judged again, and what stood is set right. Nothing is
-- deleted: an alert or a journey that proves to be none is withdrawn, and what was said before is noted.

ALTER TABLE alerts
    ADD COLUMN named_at      timestamptz(3), -- the opening that the id was made of; NULL: opened_at
    ADD COLUMN retrospective boolean NOT NULL DEFAULT false, -- found so late that it is evidence, no warning
    ADD COLUMN withdrawn_at  timestamptz(3),
    ADD COLUMN note          jsonb, -- what stood before each repair that changed it, oldest first
    DROP CONSTRAINT alerts_state_check,
    DROP CONSTRAINT alerts_check,
    ADD CONSTRAINT alerts_state_check CHECK (state IN ('firing', 'resolved', 'withdrawn')),
    ADD CONSTRAINT alerts_ended_check CHECK ((state = 'firing') = (resolved_at IS NULL)),
    ADD CONSTRAINT alerts_withdrawn_check CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL));
-- What a repair compares with: the alerts of some vehicles that had not ended before a moment.
CREATE INDEX alerts_standing ON alerts (vehicle_id, (coalesce(resolved_at, 'infinity')));

ALTER TABLE journeys ADD COLUMN withdrawn_at timestamptz(3);
