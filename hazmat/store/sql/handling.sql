-- name: lock
-- Lets one at a time decide about an alert, until its transaction ends; the alert's own row stays free.
SELECT pg_advisory_xact_lock(hashtextextended(%(alert_id)s, 0))

-- name: holder
-- Who holds an alert: the account of its last claim; no row: nobody, or it was released.
SELECT h.account_id, c.name, h.at
  FROM (SELECT account_id, at, kind FROM alert_handlings
         WHERE alert_id = %(alert_id)s AND kind IN ('claim', 'release')
         ORDER BY handling_id DESC LIMIT 1) h
  JOIN accounts c USING (account_id)
 WHERE h.kind = 'claim'

-- name: acknowledged
-- Who acknowledged an alert first.
SELECT h.account_id, c.name, h.at FROM alert_handlings h JOIN accounts c USING (account_id)
 WHERE h.alert_id = %(alert_id)s AND h.kind = 'acknowledge'
 ORDER BY h.handling_id LIMIT 1

-- name: add
-- One deed; no row: its draft was sent before.
INSERT INTO alert_handlings (alert_id, account_id, at, kind, text, draft_key)
VALUES (%(alert_id)s, %(account_id)s, %(at)s, %(kind)s, %(text)s, %(draft_key)s)
ON CONFLICT (draft_key) DO NOTHING
RETURNING handling_id, at

-- name: sent
-- The deed that an account's draft became; no row: the key is another's.
SELECT handling_id, at FROM alert_handlings
 WHERE draft_key = %(draft_key)s AND account_id = %(account_id)s AND alert_id = %(alert_id)s
   AND kind = %(kind)s

-- name: add_photo
-- The content of a photo.
INSERT INTO photos (handling_id, name, width, height, sha256, content, thumbnail)
VALUES (%(handling_id)s, %(name)s, %(width)s, %(height)s, %(sha256)s, %(content)s, %(thumbnail)s)

-- name: history
-- All that people did about an alert, oldest first, with the photo's name where it is one.
SELECT h.handling_id, h.account_id, h.at, h.kind, h.text, c.name, coalesce(c.department, '') AS department,
       p.name AS photo, p.width, p.height
  FROM alert_handlings h
  JOIN accounts c USING (account_id)
  LEFT JOIN photos p USING (handling_id)
 WHERE h.alert_id = %(alert_id)s
 ORDER BY h.handling_id

-- name: photo
-- A photo of an alert, whole or small.
SELECT p.name, p.sha256, CASE WHEN %(small)s THEN p.thumbnail ELSE p.content END AS content
  FROM photos p JOIN alert_handlings h USING (handling_id)
 WHERE h.handling_id = %(handling_id)s AND h.alert_id = %(alert_id)s
