-- name: write
-- One entry of the audit log.
INSERT INTO audit_log (at, account_id, login, role, address, action, object_kind, object_id, outcome, detail)
VALUES (%(at)s, %(account_id)s, %(login)s, %(role)s, %(address)s, %(action)s, %(object_kind)s, %(object_id)s,
        %(outcome)s, %(detail)s)
