-- What happened, a row for each call, sign-in, refresh, delivery and change. Ids are UUIDs version 7: their first 48 bits are the time in ms, so
-- that a range of ids is a range of time. A partition for each day (server/activity/partitions.ts), dropped whole; no references, which a dropped
-- partition would have to answer to, and which would cost each call a look-up.
create table activity (
  id uuid not null,
  environment_id uuid not null,
  kind text not null,
  action text not null,
  failed boolean not null,
  status smallint,
  duration_ms integer,
  integration_key text,
  connection_uuid uuid,
  connection_name text,
  end_user_id text,
  actor_kind text not null,
  actor_id text,
  method text,
  host text,
  path text,
  error_code text,
  error_title text,
  detail jsonb
) partition by range (id);
create index activity_by_environment on activity (environment_id, id);
create index activity_by_connection on activity (connection_uuid, id) where connection_uuid is not null;
create index activity_failures on activity (environment_id, id) where failed;
-- Calls are nearly everything; the rest is found without them.
create index activity_without_calls on activity (environment_id, id) where kind <> 'call';
-- Days for which nobody made a partition in time.
create table activity_rest partition of activity default;

-- Counts of a minute (later of an hour). `latency`: how many calls took up to the limit of each class of server/activity/latency-classes.ts.
create table call_count (
  environment_id uuid not null references environment on delete cascade,
  minutes smallint not null,
  at timestamptz not null,
  -- Empty: the sum of all, those of none included.
  integration_key text not null,
  calls bigint not null,
  client_errors bigint not null,
  server_errors bigint not null,
  no_answer bigint not null,
  refreshes bigint not null,
  refresh_failures bigint not null,
  dropped bigint not null,
  latency bigint[] not null check (cardinality(latency) = 16),
  primary key (environment_id, integration_key, at, minutes)
);
create index call_count_by_age on call_count (minutes, at);

-- The operation that an issue was last seen in.
alter table issue add column operation_id uuid;

-- What became of each attempt, the last 20: [{at, status, duration_ms, error: {code, title}, answer}].
alter table event
  add column tries jsonb not null default '[]',
  add column replayed_at timestamptz,
  add column next_attempt_at timestamptz;
create index event_by_environment on event (environment_id, id) where type <> 'alert';
create index event_by_connection on event (connection_id, id) where connection_id is not null;

-- What a connection is searched by, in lower case.
alter table connection add column search_text text generated always as (lower(
  connection_id || ' ' || coalesce(end_user ->> 'id', '') || ' ' || coalesce(end_user ->> 'email', '') || ' '
  || coalesce(end_user ->> 'display_name', '') || ' ' || coalesce(end_user -> 'organization' ->> 'id', '') || ' '
  || coalesce(end_user -> 'organization' ->> 'display_name', '') || ' ' || coalesce(connection_config ->> 'org_id', ''))) stored;
create index grant_broken on "grant" (environment_id, id) where broken_at is not null;
-- Parts of words are found by index where PostgreSQL has the extension and the account may use it; else the text is read row by row.
do $$ begin
  create extension if not exists pg_trgm;
  create index connection_by_search_text on connection using gin (search_text gin_trgm_ops);
exception when others then
  raise notice 'connections are searched without an index: %', sqlerrm;
end $$;
