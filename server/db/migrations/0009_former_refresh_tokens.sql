-- Whether the grant's refresh token came in by an import or a sign-in: a copy of such a token may lie elsewhere for years. False once a refresh
-- has replaced it.
alter table "grant" add column brought boolean not null default true;

-- Refresh tokens that a grant no longer lives on, by their HMAC. Most providers take the use of one for theft, and end the newer token with it.
create table former_refresh_token (
  grant_id uuid not null references "grant" on delete cascade,
  fingerprint bytea not null,
  -- Of the grant, with whose row this one goes.
  environment_id uuid not null,
  brought boolean not null,
  -- Of an earlier grant of the same connection: a sign-in or an import has put another in its place.
  superseded boolean not null default false,
  replaced_at timestamptz not null default hawser_now(),
  primary key (grant_id, fingerprint)
);
create index former_refresh_token_by_fingerprint on former_refresh_token (environment_id, fingerprint);
