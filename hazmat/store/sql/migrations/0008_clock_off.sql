-- How far a device's clock is off, in seconds, where its time was not believed: such a row has the time at
-- which it came. NULL stands for NaN.

ALTER TABLE positions ADD COLUMN clock_off_s double precision;
