-- name: set_password
-- A password that its owner has chosen.
UPDATE accounts SET password_hash = %(password_hash)s, must_change_password = false
 WHERE account_id = %(account_id)s

-- name: set_totp
-- The secret of the second step (NULL: none from now on); the code that proved it has counted.
UPDATE accounts SET totp_secret = %(secret)s, totp_last_step = %(step)s WHERE account_id = %(account_id)s

-- name: revoke_sessions
-- All sessions of an account end, but for one (0: none is kept).
UPDATE sessions SET revoked_at = %(at)s
 WHERE account_id = %(account_id)s AND session_id <> %(kept)s AND revoked_at IS NULL

-- name: revoke_tokens
-- All tokens of an account end.
UPDATE api_tokens SET revoked_at = %(at)s WHERE account_id = %(account_id)s AND revoked_at IS NULL

-- name: drop_pending
-- A sign-in that waited for its code waits no more, nor those whose time is over.
DELETE FROM pending_sign_ins WHERE key_hash = %(key_hash)s OR expires_at < %(at)s

-- name: add_pending
-- A sign-in waits for its code.
INSERT INTO pending_sign_ins (key_hash, account_id, expires_at)
VALUES (%(key_hash)s, %(account_id)s, %(expires_at)s)

-- name: pending
-- The account of a sign-in that waits for its code.
SELECT a.account_id, a.login, a.name, a.role, a.carrier_id, a.department, a.language, a.disabled,
       a.must_change_password, a.totp_secret IS NOT NULL AS has_totp, a.password_hash, a.totp_secret
  FROM pending_sign_ins p JOIN accounts a USING (account_id)
 WHERE p.key_hash = %(key_hash)s AND p.expires_at > %(at)s AND NOT a.disabled AND a.totp_secret IS NOT NULL

-- name: end_waiting
-- No sign-in of an account waits for its code any more: its password or second step is another one.
DELETE FROM pending_sign_ins WHERE account_id = %(account_id)s

-- name: end_browsers
-- No browser of an account is known any more.
DELETE FROM known_browsers WHERE account_id = %(account_id)s

-- name: tokens
-- An account's API tokens that have not ended, the newest first.
SELECT token_id, name, scopes, created_at, last_used_at, expires_at FROM api_tokens
 WHERE account_id = %(account_id)s AND revoked_at IS NULL AND expires_at > %(at)s
 ORDER BY token_id DESC

-- name: add_token
-- A new API token.
INSERT INTO api_tokens (account_id, name, key_hash, scopes, created_at, expires_at)
VALUES (%(account_id)s, %(name)s, %(key_hash)s, %(scopes)s, %(at)s, %(expires_at)s)
RETURNING token_id

-- name: revoke_token
-- A token ends; the account must be its own. No row: there is none such.
UPDATE api_tokens SET revoked_at = %(at)s
 WHERE token_id = %(token_id)s AND account_id = %(account_id)s AND revoked_at IS NULL
RETURNING name
