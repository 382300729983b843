-- Times in SQL come from here, so that tests can move the clock of one session.
create function hawser_now() returns timestamptz language sql volatile as $$
  select clock_timestamp()
    + make_interval(secs => coalesce(nullif(current_setting('hawser.clock_offset_ms', true), '')::double precision, 0) / 1000)
$$;

-- One row. `epoch` names this copy of the data: a process whose data directory knows another one starts frozen.
-- `key_id` names the key that wraps the environments' keys (it is not the key): a wrong one is named at the start.
create table vault (
  one boolean primary key default true check (one),
  epoch uuid not null,
  key_id text not null,
  created_at timestamptz not null default hawser_now()
);

create table environment (
  id uuid primary key,
  name text not null unique check (name ~ '^[a-z0-9_-]{1,255}$'),
  wrapped_key bytea not null,
  callback_url text,
  webhook_url text,
  webhook_data_key bytea not null,
  webhook_key bytea not null,
  created_at timestamptz not null default hawser_now()
);

create table api_key (
  id uuid primary key,
  environment_id uuid not null references environment on delete cascade,
  display_name text not null,
  hint text not null,
  secret_hash bytea not null unique,
  scopes text[] not null,
  limits jsonb,
  expires_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default hawser_now(),
  unique (environment_id, display_name)
);

create table integration (
  id uuid primary key,
  environment_id uuid not null references environment on delete cascade,
  unique_key text not null,
  provider text not null,
  display_name text not null,
  scopes text,
  forward_webhooks boolean not null default true,
  base_url_override_hosts text[] not null default '{}',
  webhook_data_key bytea,
  webhook_secret bytea,
  created_at timestamptz not null default hawser_now(),
  updated_at timestamptz not null default hawser_now(),
  unique (environment_id, unique_key)
);

create table connection (
  id uuid primary key,
  number bigint generated always as identity unique,
  environment_id uuid not null references environment on delete cascade,
  integration_id uuid not null references integration on delete cascade,
  connection_id text not null,
  grant_id uuid,
  metadata jsonb,
  connection_config jsonb not null default '{}',
  secret_config_data_key bytea,
  secret_config bytea,
  tags jsonb not null default '{}',
  end_user jsonb,
  webhook_url_override text,
  created_at timestamptz not null default hawser_now(),
  updated_at timestamptz not null default hawser_now(),
  last_fetched_at timestamptz,
  unique (integration_id, connection_id)
);
create index connection_by_environment on connection (environment_id, number desc);
create index connection_by_connection_id on connection (environment_id, connection_id);
create index connection_by_end_user on connection (environment_id, (end_user ->> 'id'), number desc);
create index connection_by_organisation on connection (environment_id, (end_user -> 'organization' ->> 'id'), number desc);
create index connection_by_integration on connection (integration_id, number desc);
create index connection_by_grant on connection (grant_id);
create index connection_by_tags on connection using gin (tags jsonb_path_ops);

-- The app (client id and secret) that mints grants: the integration's, or one connection's own.
create table oauth_client (
  id uuid primary key,
  environment_id uuid not null references environment on delete cascade,
  integration_id uuid not null references integration on delete cascade,
  connection_id uuid references connection on delete set null,
  client_id text not null,
  data_key bytea,
  secret bytea,
  state text not null default 'active' check (state in ('active', 'staged', 'retired')),
  created_at timestamptz not null default hawser_now()
);
create unique index oauth_client_of_integration on oauth_client (integration_id) where connection_id is null and state = 'active';
create index oauth_client_of_connection on oauth_client (connection_id);

-- What a provider granted: the tokens, and everything that keeps their renewal safe.
create table "grant" (
  id uuid primary key,
  environment_id uuid not null references environment on delete cascade,
  integration_id uuid not null references integration on delete cascade,
  oauth_client_id uuid references oauth_client on delete set null,
  auth_mode text not null,
  data_key bytea not null,
  credentials bytea not null,
  -- HMAC of the refresh token: two imports of one grant become one row, and so refresh as one.
  fingerprint bytea,
  version integer not null default 1,
  expires_at timestamptz,
  lease_holder uuid,
  lease_until timestamptz,
  fence bigint not null default 0,
  -- Set when a refresh request leaves, cleared when its outcome is known.
  refresh_started_at timestamptz,
  refreshed_at timestamptz not null default hawser_now(),
  last_used_at timestamptz not null default hawser_now(),
  -- The longest time without a call after which the session still worked.
  longest_idle_ms bigint not null default 0,
  failures integer not null default 0,
  cooldown_until timestamptz,
  broken_at timestamptz,
  failure jsonb,
  created_at timestamptz not null default hawser_now()
);
create unique index grant_by_fingerprint on "grant" (environment_id, integration_id, fingerprint) where fingerprint is not null;
create index grant_by_last_use on "grant" (last_used_at) where broken_at is null;
alter table connection add foreign key (grant_id) references "grant" on delete set null;

create table connect_session (
  id uuid primary key,
  environment_id uuid not null references environment on delete cascade,
  token_hash bytea not null unique,
  end_user jsonb,
  tags jsonb not null default '{}',
  allowed_integrations text[],
  data_key bytea not null,
  -- integrations_config_defaults, sealed: they may hold a customer's client secret.
  defaults bytea not null,
  overrides jsonb not null default '{}',
  webhook_url_override text,
  reconnects uuid references connection on delete cascade,
  result jsonb,
  expires_at timestamptz not null,
  created_at timestamptz not null default hawser_now()
);
create index connect_session_by_expiry on connect_session (expires_at);

-- A sign-in that has left for the provider. Taken by `delete … returning`: it can be finished once.
create table pending_oauth (
  state_hash bytea primary key,
  id uuid not null,
  environment_id uuid not null references environment on delete cascade,
  integration_id uuid not null references integration on delete cascade,
  connect_session_id uuid not null references connect_session on delete cascade,
  browser_hash bytea not null,
  data_key bytea not null,
  -- PKCE verifier, redirect URI, form values, client override.
  sealed bytea not null,
  ws_client_id uuid,
  mode text not null default 'popup',
  deadline timestamptz not null,
  created_at timestamptz not null default hawser_now()
);
create index pending_oauth_by_deadline on pending_oauth (deadline);

create table issue (
  id uuid primary key,
  environment_id uuid not null references environment on delete cascade,
  connection_id uuid not null references connection on delete cascade,
  kind text not null,
  diagnosis jsonb,
  count integer not null default 1,
  opened_at timestamptz not null default hawser_now(),
  last_seen_at timestamptz not null default hawser_now(),
  closed_at timestamptz
);
create unique index issue_open on issue (connection_id, kind) where closed_at is null;

-- Outbox: written in the transaction of the change, delivered by a job.
create table event (
  id uuid primary key,
  environment_id uuid not null references environment on delete cascade,
  connection_id uuid,
  type text not null,
  payload jsonb not null,
  url text not null,
  attempts integer not null default 0,
  last_error text,
  delivered_at timestamptz,
  given_up_at timestamptz,
  created_at timestamptz not null default hawser_now()
);
create index event_waiting on event (created_at) where delivered_at is null and given_up_at is null;

-- Who read or used which credential. Rows of one chain hold the hash of the row before: an altered row shows.
create table audit_event (
  chain uuid not null,
  seq bigint not null,
  environment_id uuid not null,
  at timestamptz not null,
  actor jsonb not null,
  action text not null,
  subject jsonb not null,
  count integer not null default 1,
  previous_hash bytea not null,
  hash bytea not null,
  primary key (chain, seq)
);
create index audit_event_by_environment on audit_event (environment_id, at desc);

-- Tells every node's caches what changed. Leases and last uses change too often and are nobody's business.
create function hawser_announce() returns trigger language plpgsql as $$
declare
  row record := case when tg_op = 'DELETE' then old else new end;
begin
  perform pg_notify('hawser_changed', tg_table_name || ':' || row.id);
  return null;
end $$;

create trigger announce after update or delete on environment for each row execute function hawser_announce();
create trigger announce after delete on api_key for each row execute function hawser_announce();
create trigger announce_change after update of scopes, limits, expires_at on api_key for each row execute function hawser_announce();
create trigger announce after update or delete on integration for each row execute function hawser_announce();
create trigger announce after insert or update or delete on oauth_client for each row execute function hawser_announce();
create trigger announce after delete on connection for each row execute function hawser_announce();
create trigger announce_change after update of grant_id, connection_config, secret_config, connection_id, integration_id on connection
  for each row execute function hawser_announce();
create trigger announce after delete on "grant" for each row execute function hawser_announce();
create trigger announce_change after update of version, oauth_client_id, broken_at on "grant" for each row execute function hawser_announce();
