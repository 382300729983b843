-- Tokens for one connection, of which only the hash is here. They end with the connection and with the key that made them.
create table connection_token (
  id uuid primary key,
  environment_id uuid not null references environment on delete cascade,
  connection_id uuid not null references connection on delete cascade,
  api_key_id uuid not null references api_key on delete cascade,
  token_hash bytea not null unique,
  -- Methods and paths; what the key may do holds besides, as it is when the token is used.
  limits jsonb,
  expires_at timestamptz not null,
  created_at timestamptz not null default hawser_now()
);
create index connection_token_by_connection on connection_token (connection_id);
create index connection_token_by_key on connection_token (api_key_id);
create index connection_token_by_expiry on connection_token (expires_at);

-- Public keys whose signatures are accepted on tokens.
create table signing_key (
  id uuid primary key,
  environment_id uuid not null references environment on delete cascade,
  display_name text not null,
  algorithm text not null check (algorithm in ('RS256', 'ES256', 'EdDSA')),
  public_key text not null,
  thumbprint text not null,
  limits jsonb,
  expires_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default hawser_now(),
  unique (environment_id, display_name)
);

-- Tokens that are over anyway concern no cache.
create trigger announce after delete on connection_token for each row
  when (old.expires_at > hawser_now()) execute function hawser_announce();
create trigger announce after delete on signing_key for each row execute function hawser_announce();
create trigger announce_change after update of limits, expires_at on signing_key for each row execute function hawser_announce();

-- Keys may be limited to connections by their tags: a change of them must reach every node's cache.
drop trigger announce_change on connection;
create trigger announce_change after update of grant_id, connection_config, secret_config, connection_id, integration_id, tags on connection
  for each row execute function hawser_announce();
