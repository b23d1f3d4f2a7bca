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
RETURNING valid_to, set_at

-- name: cut_by
-- What a change that a person made had cut: the end that the setting before it had.
SELECT detail -> 'cut' ->> 'valid_from', (detail -> 'cut' ->> 'valid_to')::timestamptz
FROM audit_log
WHERE object_kind = 'rule' AND object_id = %(rule_id)s AND action = 'change rule' AND detail ? 'cut'
  AND (detail ->> 'valid_from')::timestamptz = %(valid_from)s
ORDER BY entry_id DESC LIMIT 1

-- name: reach
-- The setting that ended where a withdrawn one began reaches as far as it did before, or as the withdrawn one
-- did if that is the younger.
UPDATE rule_settings
SET valid_to = CASE WHEN set_at > %(set_at)s THEN %(withdrawn_to)s::timestamptz
                    ELSE %(cut_to)s::timestamptz END
WHERE rule_id = %(rule_id)s AND valid_to = %(valid_from)s AND set_at IS NOT NULL
   OR rule_id = %(rule_id)s AND valid_to = %(valid_from)s AND valid_from = %(cut_from)s::timestamptz

-- name: withdrawals
-- Changes of a rule that were taken back: who, when, of which moment, why.
SELECT at, login, detail FROM audit_log
WHERE object_kind = 'rule' AND object_id = %(rule_id)s AND action = 'withdraw rule change'
ORDER BY entry_id DESC
