-- One statement, so all rows are written or none. An acknowledgement, a fix or a close by hand, with the detail that names
-- who and why, stays until the writer knows of it; of two acknowledgements, the first. Any other end was set by the
-- sensor, which may take it back: a fast clock can end an incident too early.
MERGE INTO {table} AS t
USING (SELECT {row_columns} FROM UNNEST(@rows) AS r) AS r
ON t.incident_id = r.incident_id AND t.check_date BETWEEN @first AND @last
  AND (t.environment = r.environment OR t.environment IS NULL)
WHEN MATCHED THEN UPDATE SET
  check_date = r.check_date,
  due = r.due,
  stage = r.stage,
  status = r.status,
  severity = r.severity,
  found_at = r.found_at,
  told_at = r.told_at,
  acknowledged_at = COALESCE(LEAST(r.acknowledged_at, t.acknowledged_at), r.acknowledged_at, t.acknowledged_at),
  acknowledged_by = CASE
    WHEN t.acknowledged_at < r.acknowledged_at OR r.acknowledged_at IS NULL THEN t.acknowledged_by
    ELSE r.acknowledged_by
  END,
  fix_started_at = COALESCE(GREATEST(r.fix_started_at, t.fix_started_at), r.fix_started_at, t.fix_started_at),
  fix_started_by = CASE
    WHEN t.fix_started_at > r.fix_started_at OR r.fix_started_at IS NULL THEN t.fix_started_by
    ELSE r.fix_started_by
  END,
  ended_at = CASE WHEN t.ended_as = 'closed' AND r.ended_at IS NULL THEN t.ended_at ELSE r.ended_at END,
  ended_as = CASE WHEN t.ended_as = 'closed' AND r.ended_at IS NULL THEN t.ended_as ELSE r.ended_as END,
  first_tip_at = r.first_tip_at,
  covered_at = r.covered_at,
  environment = r.environment,
  detail = CASE
    WHEN t.acknowledged_at < r.acknowledged_at THEN t.detail
    WHEN t.acknowledged_at IS NOT NULL AND r.acknowledged_at IS NULL THEN t.detail
    WHEN t.fix_started_at > r.fix_started_at THEN t.detail
    WHEN t.fix_started_at IS NOT NULL AND r.fix_started_at IS NULL THEN t.detail
    WHEN t.ended_as = 'closed' AND r.ended_at IS NULL THEN t.detail
    ELSE r.detail
  END
WHEN NOT MATCHED THEN INSERT ({columns}) VALUES ({row_columns})
