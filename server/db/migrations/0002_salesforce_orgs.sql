-- Which Salesforce org a connection leads to: facts read from the org itself, and when.
alter table connection
  add column org jsonb,
  add column org_checked_at timestamptz;
-- Connections of one org, and of one host, find each other: a refreshed sandbox concerns them all.
create index connection_by_org on connection ((connection_config ->> 'org_id')) where connection_config ? 'org_id';
create index connection_by_instance on connection ((connection_config ->> 'instance_url')) where connection_config ? 'instance_url';
create index connection_by_org_check on connection (org_checked_at nulls first) where connection_config ? 'org_id';

alter table integration
  -- Where an administrator installs the packaged app.
  add column install_url text,
  -- What happens when an org of another kind than the provider's is connected.
  add column wrong_org_kind text not null default 'refuse' check (wrong_org_kind in ('refuse', 'warn')),
  -- Notes of the move from a connected app to an external client app: {state, announced_at, canary_connection_id, done_at, outcome}.
  add column app_migration jsonb;

-- Kinds of org that nobody may connect in this environment.
alter table environment add column refused_org_kinds text[] not null default '{}';

-- The next credentials of the same app, while both are valid; its grants may be refreshed with either.
alter table oauth_client
  add column succeeds uuid references oauth_client on delete set null,
  add column retired_at timestamptz;
create unique index oauth_client_staged on oauth_client (integration_id) where connection_id is null and state = 'staged';
create index oauth_client_by_predecessor on oauth_client (succeeds) where succeeds is not null;
create index grant_by_client on "grant" (oauth_client_id);

-- The app that a sign-in left with: its code is exchanged with the same one, whatever the integration's is by then. Null: the connection's own.
alter table pending_oauth add column oauth_client_id uuid references oauth_client on delete set null;
create index pending_oauth_by_client on pending_oauth (oauth_client_id) where oauth_client_id is not null;

-- Issues of an environment, the latest first.
create index issue_by_environment on issue (environment_id, opened_at desc);

-- An alert that is being sent, or whose next attempt has its time.
alter table event add column not_before timestamptz;
