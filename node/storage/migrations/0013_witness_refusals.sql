-- Why a witness did not cosign the last time that it was asked, and since when; NULL once it cosigns.
ALTER TABLE witnesses ADD COLUMN refused TEXT;
ALTER TABLE witnesses ADD COLUMN refused_at INTEGER;
