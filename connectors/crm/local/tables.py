"""The tables of the local register, and the triggers that note what anybody else than Offswitch changes in them."""

from __future__ import annotations

_NOW = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '+00:00'"
_PERSON = "json_object('name', {0}.name, 'stage', {0}.stage, 'language', {0}.language, 'fields', json({0}.fields))"
_TAGS = "(select json_group_array(tag) from (select tag from tags where person = {0}.person order by tag))"
_OTHERS = "when not exists (select 1 from ours)"  # a row stands there while we write, and no other connection ever sees it
_CHANGED = " or ".join(f"old.{name} is not new.{name}" for name in ("email", "name", "stage", "language", "fields"))

TABLES = f"""
create table if not exists people (
    id integer primary key, email text not null unique, name text not null default '', stage text not null default '',
    language text not null default '', fields text not null default '{{}}', updated_at text not null
) strict;
create table if not exists tags (person integer not null references people, tag text not null, primary key (person, tag)) strict;
create table if not exists notes (
    external_id text primary key, person integer not null references people, text text not null, at text not null
) strict;
create table if not exists tasks (
    external_id text primary key, person integer not null references people, title text not null, due text not null default '',
    details text not null default '{{}}', done integer not null default 0
) strict;
create table if not exists writes (external_id text primary key, at text not null) strict;

create table if not exists file (id text primary key) strict;
insert into file select lower(hex(randomblob(8))) where not exists (select 1 from file);
create table if not exists ours (writing integer primary key) strict;
create table if not exists said (
    person integer not null references people, field text not null, at text not null, primary key (person, field)
) strict;
create table if not exists edits (
    id integer primary key autoincrement, email text not null, before text not null, after text not null, at text not null
) strict;
create index if not exists edits_of_person on edits (email, at);
create trigger if not exists person_edited after update on people {_OTHERS} and ({_CHANGED}) begin
    insert into edits (email, before, after, at) values (
        new.email, iif(old.email is new.email, {_PERSON.format("old")}, '{{}}'), {_PERSON.format("new")}, {_NOW});
end;
create trigger if not exists person_added after insert on people {_OTHERS} begin
    insert into edits (email, before, after, at) values (new.email, '{{}}', {_PERSON.format("new")}, {_NOW});
end;
create trigger if not exists tag_added after insert on tags {_OTHERS} begin
    insert into edits (email, before, after, at)
    select email, '{{}}', json_object('tags', {_TAGS.format("new")}), {_NOW} from people where id = new.person;
end;
create trigger if not exists tag_removed after delete on tags {_OTHERS} begin
    insert into edits (email, before, after, at)
    select email, json_object('gone', old.tag), json_object('tags', {_TAGS.format("old")}), {_NOW} from people where id = old.person;
end;
"""  # noqa: S608 - made of nothing but the constants above
