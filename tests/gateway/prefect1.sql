-- The tables of Prefect Server's own database at its newest schema, as far as they were observed: names, types, defaults,
-- constraints, indexes and triggers. Written for these tests.

create extension if not exists pgcrypto;
create extension if not exists pg_trgm;
create schema utility;
create table alembic_version (version_num varchar(32) primary key);
insert into alembic_version values ('ac5747fb571c');

create table tenant (
  id uuid primary key default gen_random_uuid(),
  created timestamptz not null default now(), updated timestamptz not null default now(),
  name varchar not null, slug varchar not null unique, info jsonb, settings jsonb not null default '{}'
);

create table project (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  created timestamptz not null default now(), updated timestamptz not null default now(),
  name varchar not null, description varchar,
  unique (tenant_id, name)
);

create table flow_group (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  created timestamptz not null default now(), updated timestamptz not null default now(),
  name varchar, description varchar, labels jsonb, schedule jsonb, settings jsonb not null default '{}',
  default_parameters jsonb not null default '{}', run_config jsonb
);

create table flow (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  created timestamptz not null default now(), updated timestamptz not null default now(),
  version int4, name varchar not null, description varchar, environment jsonb, parameters jsonb default '{}',
  project_id uuid not null references project on delete cascade,
  flow_group_id uuid not null references flow_group on delete cascade,
  archived bool not null default false, version_group_id varchar, storage jsonb, core_version varchar,
  settings jsonb not null default '{}', serialized_flow jsonb, schedule jsonb,
  is_schedule_active bool not null default false, run_config jsonb
);
create index on flow using gin (name gin_trgm_ops);
create index on flow (flow_group_id);
create index on flow (project_id);
create index on flow (version);
create index on flow (version_group_id);

create table task (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  created timestamptz not null default now(), updated timestamptz not null default now(),
  flow_id uuid not null references flow on delete cascade,
  name varchar, slug varchar, description varchar, type varchar, max_retries int4, retry_delay interval, trigger varchar,
  mapped bool not null default false, auto_generated bool not null default false, cache_key varchar,
  is_root_task bool not null default false, is_terminal_task bool not null default false,
  is_reference_task bool not null default false, tags jsonb not null default '[]',
  unique (flow_id, slug)
);
create index on task using gin (tags);
create index on task using gin (name gin_trgm_ops);

create table edge (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  created timestamptz not null default now(), updated timestamptz not null default now(),
  flow_id uuid not null references flow on delete cascade,
  upstream_task_id uuid not null references task on delete cascade,
  downstream_task_id uuid not null references task on delete cascade,
  key varchar, mapped bool not null default false,
  unique (flow_id, downstream_task_id, upstream_task_id)
);

create table agent_config (
  id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenant on delete cascade,
  created timestamptz not null default now(), updated timestamptz not null default now(),
  name varchar, settings jsonb not null default '{}'
);

create table agent (
  id uuid primary key default gen_random_uuid(), tenant_id uuid not null references tenant on delete cascade,
  created timestamptz not null default now(), updated timestamptz not null default now(),
  agent_config_id uuid references agent_config on delete set null,
  name varchar, type varchar, core_version varchar, labels jsonb not null default '[]', last_queried timestamptz default now()
);

create table flow_run (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  created timestamptz not null default now(), updated timestamptz not null default now(),
  flow_id uuid not null references flow on delete cascade, agent_id uuid references agent on delete set null,
  name varchar, parameters jsonb default '{}', context jsonb, labels jsonb not null default '[]', run_config jsonb,
  idempotency_key varchar, auto_scheduled bool not null default false,
  scheduled_start_time timestamptz not null default clock_timestamp(),
  heartbeat timestamptz, start_time timestamptz, end_time timestamptz,
  times_resurrected int4 default 0, version int4 not null default 0,
  state varchar, state_timestamp timestamptz, state_message varchar, state_result jsonb, state_start_time timestamptz,
  serialized_state jsonb,
  unique (idempotency_key, flow_id)
);
create index on flow_run (flow_id);
create index on flow_run (flow_id, scheduled_start_time desc);
create index on flow_run (state);
create index on flow_run (start_time);
create index on flow_run (scheduled_start_time);
create index on flow_run (updated);
create index on flow_run (heartbeat);
create index on flow_run (agent_id);
create index on flow_run using gin (name gin_trgm_ops);

create table flow_run_state (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  flow_run_id uuid not null references flow_run on delete cascade,
  timestamp timestamptz not null default clock_timestamp(), state varchar not null, message varchar, result jsonb,
  start_time timestamptz, serialized_state jsonb not null, version int4 default 1,
  created timestamptz not null default now(), updated timestamptz not null default now()
);
create index on flow_run_state (flow_run_id);
create index on flow_run_state (state);
create index on flow_run_state (timestamp);
create index on flow_run_state (updated);

create table task_run (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  created timestamptz not null default now(), updated timestamptz not null default now(),
  flow_run_id uuid not null references flow_run on delete cascade, task_id uuid not null references task on delete cascade,
  map_index int4 not null default -1, name varchar, version int4 not null default 0,
  heartbeat timestamptz, start_time timestamptz, end_time timestamptz, cache_key varchar,
  state varchar, state_timestamp timestamptz, state_message varchar, state_result jsonb, state_start_time timestamptz,
  serialized_state jsonb,
  unique (flow_run_id, task_id, map_index)
);
create index on task_run (flow_run_id);
create index on task_run (task_id);
create index on task_run (state);
create index on task_run (cache_key);
create index on task_run (updated);
create index on task_run using gin (name gin_trgm_ops) where name is not null;

create table task_run_state (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  task_run_id uuid not null references task_run on delete cascade,
  timestamp timestamptz not null default clock_timestamp(), state varchar not null, message varchar, result jsonb,
  start_time timestamptz, serialized_state jsonb not null, version int4 default 1,
  created timestamptz not null default now(), updated timestamptz not null default now()
);
create index on task_run_state (task_run_id);
create index on task_run_state (state);
create index on task_run_state (timestamp);
create index on task_run_state (updated);

create table log (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  flow_run_id uuid references flow_run on delete cascade, task_run_id uuid references task_run on delete cascade,
  timestamp timestamptz not null default now(), name varchar, level varchar, message varchar, info jsonb,
  is_loaded_from_archive bool,
  created timestamptz not null default now(), updated timestamptz not null default now()
);
create index on log (flow_run_id);
create index on log (task_run_id);
create index on log (updated);

create table task_run_artifact (
  id uuid primary key default gen_random_uuid(), created timestamptz not null default now(),
  updated timestamptz not null default now(), tenant_id uuid not null references tenant on delete cascade,
  task_run_id uuid not null references task_run on delete cascade, kind varchar not null, data jsonb not null default '{}'
);

create table message (
  id uuid primary key default gen_random_uuid(), created timestamptz not null default now(),
  updated timestamptz not null default now(), tenant_id uuid not null references tenant on delete cascade,
  read bool not null default false, type varchar, text varchar, content jsonb not null default '{}'
);

create table cloud_hook (
  id uuid primary key default gen_random_uuid(), tenant_id uuid references tenant on delete cascade,
  created timestamptz not null default now(), updated timestamptz not null default now(),
  name varchar, states jsonb, type varchar not null, config jsonb not null default '{}', active bool not null default true,
  version_group_id varchar
);

create table utility.traversal (tenant_id uuid, task_id uuid, depth int);

-- What the server leaves to its database.

create function update_timestamp() returns trigger language plpgsql as $$
begin
  new.updated = now();
  return new;
end $$;

do $$
declare name text;
begin
  foreach name in array array[
    'tenant', 'project', 'flow_group', 'flow', 'task', 'edge', 'flow_run', 'flow_run_state', 'task_run', 'task_run_state',
    'log', 'agent', 'agent_config', 'task_run_artifact', 'message', 'cloud_hook'
  ] loop
    execute format('create trigger update_timestamp before update on %I for each row execute function update_timestamp()', name);
  end loop;
end $$;

create function insert_task_runs() returns trigger language plpgsql as $$
begin
  with made as (
    insert into task_run (tenant_id, flow_run_id, task_id, map_index)
    select new.tenant_id, new.id, task.id, -1 from task where task.flow_id = new.flow_id
    returning id, tenant_id
  )
  insert into task_run_state (tenant_id, task_run_id, state, message, serialized_state)
  select tenant_id, id, 'Pending', 'Task run created', '{"type": "Pending", "message": "Task run created"}' from made;
  return new;
end $$;
create trigger insert_task_runs_after_flow_run_insert after insert on flow_run
  for each row execute function insert_task_runs();

create function update_run_details() returns trigger language plpgsql as $$
declare
  run text := left(tg_table_name, -length('_state'));
begin
  execute format(
    'update %I run set version = $1.version, state = $1.state, serialized_state = $1.serialized_state, '
    'state_start_time = $1.start_time, state_timestamp = $1.timestamp, state_message = $1.message, '
    'state_result = $1.result, '
    'start_time = case when $1.state = ''Running'' then least(run.start_time, $1.timestamp) else run.start_time end, '
    'end_time = case when $1.state in (''Success'', ''Failed'', ''Cached'', ''TimedOut'', ''Looped'', ''Cancelled'') '
    'then greatest(run.end_time, $1.timestamp) else run.end_time end '
    'where run.id = $1.%I and $1.version >= coalesce(run.version, 0)',
    run, run || '_id'
  ) using new;
  return new;
end $$;
create trigger update_flow_run_details_on_state_insert after insert on flow_run_state
  for each row execute function update_run_details();
create trigger update_task_run_details_on_state_insert after insert on task_run_state
  for each row execute function update_run_details();
