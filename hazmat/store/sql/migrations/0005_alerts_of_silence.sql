-- A silence rests on no fix: its alert counts none.
ALTER TABLE alerts DROP CONSTRAINT alerts_fixes_check, ADD CONSTRAINT alerts_fixes_check CHECK (fixes >= 0);
