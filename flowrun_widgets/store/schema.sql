-- The store: Prefect 1's tables in one SQLite file. The JSON column `extra` of each table holds what only Prefect 3 has.
-- Archives (*.flowrun) have exactly this schema.
-- Times are integers, microseconds since 1970 in UTC. Ids are lower-case UUIDs as text. JSON is text. Booleans are 0 and 1.
-- Columns and relations follow Prefect Server's newest schema; `retry_delay` is in microseconds, as an integer.

create table tenant (
  id text primary key not null, created integer not null, updated integer not null,
  name text not null, slug text not null, info text, settings text not null default '{}', extra text
) strict;

create table project (
  id text primary key not null, tenant_id text, created integer not null, updated integer not null,
  name text not null, description text, extra text
) strict;
create index by_project_name on project (name);

create table flow_group (
  id text primary key not null, tenant_id text, created integer not null, updated integer not null,
  name text, description text, labels text, schedule text, settings text not null default '{}',
  default_parameters text not null default '{}', run_config text, extra text
) strict;

create table flow (
  id text primary key not null, tenant_id text, created integer not null, updated integer not null,
  version integer, name text not null, description text, environment text, parameters text default '{}',
  project_id text, flow_group_id text, archived integer not null default 0, version_group_id text, storage text,
  core_version text, settings text not null default '{}', serialized_flow text, schedule text,
  is_schedule_active integer not null default 0, run_config text, extra text
) strict;
create index by_flow_name on flow (name);
create index by_flow_flow_group_id on flow (flow_group_id);
create index by_flow_project_id on flow (project_id);

create table task (
  id text primary key not null, tenant_id text, created integer not null, updated integer not null,
  flow_id text not null, name text, slug text, description text, type text, max_retries integer, retry_delay integer,
  trigger text, mapped integer not null default 0, auto_generated integer not null default 0, cache_key text,
  is_root_task integer not null default 0, is_terminal_task integer not null default 0,
  is_reference_task integer not null default 0, tags text not null default '[]', extra text
) strict;
create index by_task_flow_id_slug on task (flow_id, slug);
create index by_task_slug on task (slug);

create table edge (
  id text primary key not null, tenant_id text, created integer not null, updated integer not null,
  flow_id text not null, upstream_task_id text not null, downstream_task_id text not null, key text,
  mapped integer not null default 0, extra text
) strict;
create index by_edge_flow_id on edge (flow_id);
create index by_edge_upstream_task_id on edge (upstream_task_id);
create index by_edge_downstream_task_id on edge (downstream_task_id);

create table flow_run (
  id text primary key not null, tenant_id text, created integer not null, updated integer not null,
  flow_id text not null, agent_id text, name text, parameters text default '{}', context text,
  labels text not null default '[]', run_config text, idempotency_key text, auto_scheduled integer not null default 0,
  scheduled_start_time integer, heartbeat integer, start_time integer, end_time integer,
  times_resurrected integer default 0, version integer not null default 0,
  state text, state_timestamp integer, state_message text, state_result text, state_start_time integer,
  serialized_state text, extra text
) strict;
create index by_flow_run_flow_id on flow_run (flow_id, scheduled_start_time desc);
create index by_flow_run_state on flow_run (state);
create index by_flow_run_name on flow_run (name);
create index by_flow_run_start_time on flow_run (start_time);
create index by_flow_run_created on flow_run (created);

create table flow_run_state (
  id text primary key not null, tenant_id text, flow_run_id text not null, timestamp integer not null,
  state text not null, message text, result text, start_time integer, serialized_state text not null,
  version integer default 1, created integer not null, updated integer not null, extra text
) strict;
create index by_flow_run_state_flow_run_id on flow_run_state (flow_run_id, timestamp);

create table task_run (
  id text primary key not null, tenant_id text, created integer not null, updated integer not null,
  flow_run_id text not null, task_id text not null, map_index integer not null default -1, name text,
  version integer not null default 0, heartbeat integer, start_time integer, end_time integer, cache_key text,
  state text, state_timestamp integer, state_message text, state_result text, state_start_time integer,
  serialized_state text, extra text
) strict;
create unique index by_task_run_identity on task_run (flow_run_id, task_id, map_index);
create index by_task_run_updated on task_run (flow_run_id, updated);
create index by_task_run_task_id on task_run (task_id);

create table task_run_state (
  id text primary key not null, tenant_id text, task_run_id text not null, timestamp integer not null,
  state text not null, message text, result text, start_time integer, serialized_state text not null,
  version integer default 1, created integer not null, updated integer not null, extra text
) strict;
create index by_task_run_state_task_run_id on task_run_state (task_run_id, timestamp);

-- `seq` is the arrival number. Rows are only added, in one writer's transaction at a time, so `seq` is a cursor without gaps.
create table log (
  seq integer primary key autoincrement, id text not null unique, tenant_id text, flow_run_id text, task_run_id text,
  timestamp integer not null, name text, level text, message text, info text, is_loaded_from_archive integer,
  created integer not null, updated integer not null, extra text
) strict;
create index by_log_flow_run_id_timestamp on log (flow_run_id, timestamp);
create index by_log_flow_run_id_seq on log (flow_run_id, seq);
create index by_log_task_run_id on log (task_run_id);

create table agent (
  id text primary key not null, tenant_id text, created integer not null, updated integer not null,
  agent_config_id text, name text, type text, core_version text, labels text not null default '[]',
  last_queried integer, extra text
) strict;

create table agent_config (
  id text primary key not null, tenant_id text, created integer not null, updated integer not null,
  name text, settings text not null default '{}', extra text
) strict;

create table task_run_artifact (
  id text primary key not null, created integer not null, updated integer not null, tenant_id text,
  task_run_id text not null, kind text not null, data text not null default '{}', extra text
) strict;
create index by_task_run_artifact_task_run_id on task_run_artifact (task_run_id);

create table message (
  id text primary key not null, created integer not null, updated integer not null, tenant_id text,
  read integer not null default 0, type text, text text, content text not null default '{}', extra text
) strict;

create table cloud_hook (
  id text primary key not null, tenant_id text, created integer not null, updated integer not null, name text,
  states text, type text not null, config text not null default '{}', active integer not null default 1,
  version_group_id text, extra text
) strict;
