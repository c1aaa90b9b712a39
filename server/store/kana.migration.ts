import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

const small = 'ぁぃぅぇぉっゃゅょゎゕゖ';
const plain = 'あいうえおつやゆよわかけ';
const lettersFrom = (first: number, last: number) =>
  String.fromCharCode(...Array.from({ length: last - first + 1 }, (_, at) => first + at));
const katakana = `${lettersFrom(0x30a1, 0x30f6)}\u30fd`;
const asHiragana = `${lettersFrom(0x3041, 0x3096)}\u309d`;
const asPlain = [...asHiragana].map((kana) => plain[small.indexOf(kana)] ?? kana).join('');

/** Whatever is written in another way than before has one of these in it. */
const marks = `[${katakana}${small}ー]`;
const folded = (text: RawBuilder<unknown>) =>
  sql`regexp_replace(translate(${text}, ${sql.lit(katakana + small)}, ${sql.lit(asPlain + plain)}), '([ぁ-ゖ])ー+', '\\1', 'g')`;
const isOther = (text: RawBuilder<unknown>) => sql`${text} ~ ${sql.lit(marks)}`;
const facet = '\u0001';
const word = '\u0002';
const tables = ['records', 'terms', 'name_grams'];

/**
 * What lists compare, sort and search by has kana of both scripts as one from here on (searchFold in shared/lib/text.ts). A fossil,
 * like every migration (migrations.ts): the rule of that day is written out here.
 */
export const kanaMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const statements = [
      // The owner of the tables is to see the rows of every organisation.
      ...tables.map((table) => sql`alter table ${sql.table(table)} no force row level security`),
      sql`create temporary table written_otherwise on commit drop as select organisation_id, collection, id from records
        where ${isOther(sql`folded::text`)} or ${isOther(sql`name_key`)}`,
      sql`update records r set
          folded = coalesce((select jsonb_object_agg(one.key, ${folded(sql`one.value`)}) from jsonb_each_text(r.folded) one), '{}'),
          name_key = left(${folded(sql`case when r.name_key is null then null
            else coalesce(r.folded ->> 'invoiceItem', r.folded ->> 'lastName', r.folded ->> 'name', r.name_key) end`)}, 300)
        from written_otherwise w where w.organisation_id = r.organisation_id and w.collection = r.collection and w.id = r.id`,
      // Facets are folded where they stand; beginnings of texts were cut, and begin anew from the whole texts.
      sql`insert into terms (organisation_id, collection, term, id, name_key, created_at)
        select organisation_id, collection, ${folded(sql`term`)}, id, name_key, created_at from terms
        where starts_with(term, ${sql.lit(facet)}) and ${isOther(sql`term`)} on conflict do nothing`,
      sql`delete from terms where starts_with(term, ${sql.lit(facet)}) and ${isOther(sql`term`)} and term <> ${folded(sql`term`)}`,
      sql`delete from terms t using written_otherwise w where w.organisation_id = t.organisation_id and w.collection = t.collection
        and w.id = t.id and not starts_with(t.term, ${sql.lit(facet)})`,
      sql`insert into terms (organisation_id, collection, term, id, name_key, created_at)
        select r.organisation_id, r.collection, beginning.term, r.id, r.name_key, r.created_at
        from written_otherwise w join records r using (organisation_id, collection, id) cross join lateral (
          select left(one.value, 60) as term from jsonb_each_text(r.folded) one
            where one.key in ('name', 'email', 'firstName', 'lastName', 'physicalAddress.city', 'invoiceItem', 'itemCode')
          union select left(array_to_string(parts.all_of[at:], ''), 60) from jsonb_each_text(r.folded) one
            cross join lateral (select string_to_array(one.value, ${sql.lit(word)}) as all_of) parts
            cross join lateral generate_series(2, cardinality(parts.all_of)) at
            where one.key like '% words' and parts.all_of[at] ~ '^\\S'
        ) beginning
        where r.deleted_at is null on conflict do nothing`,
      sql`update terms t set name_key = r.name_key from written_otherwise w join records r using (organisation_id, collection, id)
        where t.organisation_id = r.organisation_id and t.collection = r.collection and t.id = r.id
          and t.name_key is distinct from r.name_key`,
      sql`delete from name_grams where ${isOther(sql`gram`)}`,
      sql`insert into name_grams as g (organisation_id, collection, gram, block, members)
        select r.organisation_id, r.collection, substr(r.name_key, at, 3), (r.number / 8192)::integer,
          array_agg(distinct (r.number % 8192)::smallint)
        from written_otherwise w join records r using (organisation_id, collection, id)
          cross join lateral generate_series(1, char_length(r.name_key) - 2) at
        where r.collection = 'clients' and r.deleted_at is null group by 1, 2, 3, 4
        on conflict (organisation_id, collection, gram, block) do update
          set members = array(select distinct unnest(g.members || excluded.members))`,
      ...tables.map((table) => sql`alter table ${sql.table(table)} force row level security`),
    ];
    for (const statement of statements) await statement.execute(db);
  },
};
