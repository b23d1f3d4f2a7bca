-- name: lock
-- One change of a rule at a time, until the end of the transaction: a rule may have no row to lock.
SELECT pg_advisory_xact_lock(hashtextextended('rule_settings ' || %(rule_id)s, 0))

-- name: all
-- All settings of all rules, ended ones too.
SELECT rule_id, valid_from, valid_to, enabled, limits, hold_s, hold_fixes, clear_s, clear_fixes, gap_s,
       cool_down_s, note, set_by, set_at
FROM rule_settings ORDER BY rule_id, valid_from

-- name: cut
-- End the setting that reaches beyond a moment there, and return what its end was.
UPDATE rule_settings r SET valid_to = %(moment)s
FROM (SELECT rule_id, valid_from, valid_to FROM rule_settings
       WHERE rule_id = %(rule_id)s AND valid_from < %(moment)s
         AND (valid_to IS NULL OR valid_to > %(moment)s)) AS was
WHERE r.rule_id = was.rule_id AND r.valid_from = was.valid_from
RETURNING was.valid_from, was.valid_to

-- name: add
-- A new setting, until the next one begins.
INSERT INTO rule_settings (
    rule_id, valid_from, valid_to, enabled, limits, hold_s, hold_fixes, clear_s, clear_fixes, gap_s,
    cool_down_s, note, set_by, set_at
)
VALUES (
    %(rule_id)s, %(valid_from)s, (SELECT min(valid_from) FROM rule_settings
                                  WHERE rule_id = %(rule_id)s AND valid_from > %(valid_from)s),
    %(enabled)s, %(limits)s, %(hold_s)s, %(hold_fixes)s, %(clear_s)s, %(clear_fixes)s, %(gap_s)s,
    %(cool_down_s)s, %(note)s, %(set_by)s, %(set_at)s
)

-- name: withdraw
-- Take back a setting that has not begun.
DELETE FROM rule_settings
WHERE rule_id = %(rule_id)s AND valid_from = %(valid_from)s AND valid_from > %(at)s
RETURNING valid_from

-- name: reach
-- The setting that ended where a withdrawn one began goes on: until the next one begins, an imported one no
-- longer than it did before people first cut it (one that they never cut ended there by itself).
WITH before AS (
    SELECT valid_from FROM rule_settings WHERE rule_id = %(rule_id)s AND valid_to = %(valid_from)s
), first_cut AS (
    SELECT (detail -> 'cut' ->> 'valid_to')::timestamptz AS ended FROM audit_log, before
    WHERE object_kind = 'rule' AND object_id = %(rule_id)s AND action = 'change rule'
      AND (detail -> 'cut' ->> 'valid_from')::timestamptz = before.valid_from
    ORDER BY entry_id LIMIT 1
)
UPDATE rule_settings r
SET valid_to = nullif(least(
        CASE WHEN r.set_by IS NULL THEN coalesce((SELECT ended FROM first_cut), 'infinity')
             ELSE 'infinity' END,
        coalesce((SELECT min(valid_from) FROM rule_settings l
                   WHERE l.rule_id = r.rule_id AND l.valid_from > r.valid_from), 'infinity')), 'infinity')
FROM before
WHERE r.rule_id = %(rule_id)s AND r.valid_from = before.valid_from
  AND (r.set_by IS NOT NULL OR EXISTS (SELECT FROM first_cut))

-- name: withdrawals
-- Changes of a rule that were taken back: who, when, of which moment, why.
SELECT at, login, detail FROM audit_log
WHERE object_kind = 'rule' AND object_id = %(rule_id)s AND action = 'withdraw rule change'
ORDER BY entry_id DESC
