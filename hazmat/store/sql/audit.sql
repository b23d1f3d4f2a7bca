-- name: write
-- One entry of the audit log.
INSERT INTO audit_log (at, account_id, login, role, address, action, object_kind, object_id, outcome, detail)
VALUES (%(at)s, %(account_id)s, %(login)s, %(role)s, %(address)s, %(action)s, %(object_kind)s, %(object_id)s,
        %(outcome)s, %(detail)s)

-- name: search
-- Entries that fit, newest first; a filter that is NULL asks nothing. `before` is the last entry seen.
SELECT entry_id, at, account_id, login, role, address, action, object_kind, object_id, outcome, detail
  FROM audit_log
 WHERE (%(since)s::timestamptz IS NULL OR at >= %(since)s)
   AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
   AND (%(login)s::text IS NULL OR login = %(login)s)
   AND (%(action)s::text IS NULL OR action = %(action)s)
   AND (%(object_id)s::text IS NULL OR object_id = %(object_id)s)
   AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
   AND (%(before_at)s::timestamptz IS NULL OR (at, entry_id) < (%(before_at)s, %(before_id)s))
 ORDER BY at DESC, entry_id DESC LIMIT %(limit)s
