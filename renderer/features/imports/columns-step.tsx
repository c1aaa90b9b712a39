import { Alert, Button, Group, NumberInput, Select, Switch, Table, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import {
  type ColumnMapping,
  encodingNames,
  encodings,
  type FilePreview,
  type ImportPlan,
} from '../../../shared/contracts/transfer.contract.ts';
import { type ImportNoun, importNouns, type ImportTarget, nounLabel } from '../../../shared/nouns/import-target.ts';
import { formatCount, formatRate } from '../../ui/field-text.ts';
import { changeColumn, goTo, nounsAbout, placeColumn, readAgain, startOver, type Step, targetOf, useImportFlow } from './import-flow.ts';
import classes from './import-screen.module.css';
import { rowsOf } from './import-words.ts';
import { MatchingOptions } from './matching-options.tsx';
import { TargetSelect } from './target-select.tsx';
import { say } from '../../../shared/words/say.ts';

const delimiterLabels: Record<string, string> = { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Bar' };
/** Columns shown at first: more of them are a click away, so that a file with hundreds opens at once. */
const SHOWN = 60;

interface ColumnsStepProps {
  preview: FilePreview;
  plan: ImportPlan;
  next: Step;
}

export function ColumnsStep({ preview, plan, next }: ColumnsStepProps) {
  const isLooking = useImportFlow((state) => state.isLooking);
  const isCards = preview.format === 'vcard';
  return (
    <>
      <p className={classes.lead}>
        {rowsOf(preview.rows, isCards)} in {isCards ? 'this file' : `${formatCount(preview.headers.length)} columns`}.{' '}
        {isCards
          ? 'Everything on a card goes to the contact it describes; what has no field of its own goes to the note. An organisation becomes its client.'
          : preview.remembered
            ? 'The places are those of your last import with these columns.'
            : 'Look through the places that were found, and change what is not right.'}
      </p>
      <ReadingOptions preview={preview} plan={plan} />
      {preview.notes.length === 0 ? null : (
        <Alert color="gray" icon={<IconInfoCircle size={18} />} mb="md" title="Good to know">
          <ul className={classes.notes}>
            {preview.notes.map(say).map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Alert>
      )}
      {isCards ? <CardSample preview={preview} /> : <ColumnTable preview={preview} plan={plan} />}
      <MatchingOptions preview={preview} plan={plan} isCards={isCards} />
      <Group className={classes.foot}>
        <Button variant="default" onClick={startOver}>
          Choose another file
        </Button>
        <Button onClick={() => goTo(next)} loading={isLooking} disabled={!isCards && plan.columns.every(({ target }) => target === null)}>
          Next
        </Button>
      </Group>
    </>
  );
}

/** How the file is read; shown where there is something to choose. */
function ReadingOptions({ preview, plan }: { preview: FilePreview; plan: ImportPlan }) {
  const isTable = preview.format !== 'vcard';
  const delimiters = Object.entries(delimiterLabels).map(([value, label]) => ({ value, label }));
  if (plan.delimiter !== null && delimiterLabels[plan.delimiter] === undefined)
    delimiters.push({ value: plan.delimiter, label: plan.delimiter });
  return (
    <Group className={classes.reading}>
      {isTable ? (
        <Select
          size="xs"
          label="A row is about"
          w={170}
          data={importNouns.map((noun) => ({ value: noun, label: nounLabel(noun) }))}
          value={plan.lists ?? preview.lists}
          placeholder="As the columns say"
          allowDeselect={false}
          onChange={(value) => void readAgain({ lists: importNouns.find((noun) => noun === value) ?? null })}
        />
      ) : null}
      {preview.sheets.length > 1 ? (
        <Select
          size="xs"
          label="Sheet"
          w={200}
          data={preview.sheets}
          value={preview.sheet}
          allowDeselect={false}
          onChange={(sheet) => void readAgain({ sheet })}
        />
      ) : null}
      {preview.encoding === null ? null : (
        <Select
          size="xs"
          label="Encoding"
          w={260}
          data={encodings.map((value) => ({ value, label: encodingNames[value] }))}
          value={preview.encoding}
          allowDeselect={false}
          onChange={(value) => void readAgain({ encoding: encodings.find((one) => one === value) ?? null })}
        />
      )}
      {preview.delimiter === null ? null : (
        <Select
          size="xs"
          label="Between the columns"
          w={140}
          data={delimiters}
          value={preview.delimiter}
          allowDeselect={false}
          onChange={(delimiter) => void readAgain({ delimiter })}
        />
      )}
      {isTable ? (
        <Switch
          size="sm"
          withThumbIndicator={false}
          className={classes.headerSwitch}
          label="A row has the names"
          checked={preview.hasHeader}
          onChange={(event) => void readAgain({ hasHeader: event.currentTarget.checked })}
        />
      ) : null}
      {isTable && preview.headerRow !== null ? (
        <NumberInput
          key={preview.headerRow}
          size="xs"
          label="Names are in row"
          w={120}
          min={1}
          max={1000}
          allowDecimal={false}
          defaultValue={preview.headerRow}
          onBlur={(event) => sayHeaderRow(event.currentTarget.value, preview)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') sayHeaderRow(event.currentTarget.value, preview);
          }}
        />
      ) : null}
    </Group>
  );
}

function sayHeaderRow(text: string, { headerRow }: FilePreview): void {
  const row = Number(text);
  if (Number.isInteger(row) && row >= 1 && row !== headerRow) void readAgain({ headerRow: row });
}

function ColumnTable({ preview, plan }: { preview: FilePreview; plan: ImportPlan }) {
  const [shown, setShown] = useState(SHOWN);
  const byColumn = new Map(plan.columns.map((mapping) => [mapping.column, mapping]));
  const nouns = nounsAbout(preview, plan).join(' ');
  const about = useMemo(() => nouns.split(' ') as ImportNoun[], [nouns]);
  const used = new Map<string, number>();
  for (const { target } of plan.columns) if (target !== null) used.set(target, (used.get(target) ?? 0) + 1);
  return (
    <>
      <Table verticalSpacing={6} className={classes.table} aria-label="Where each column goes">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="24%">Column</Table.Th>
            <Table.Th>First values</Table.Th>
            <Table.Th w={310}>Goes to</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.headers.slice(0, shown).map((header, column) => {
            const mapping = byColumn.get(column);
            const target = mapping?.target ?? null;
            const known = target === null ? null : targetOf(preview, target);
            const isTwice =
              target !== null &&
              (used.get(target) ?? 0) > 1 &&
              known?.kind !== 'multiline' &&
              known?.kind !== 'tags' &&
              known?.kind !== 'links';
            return (
              <Table.Tr key={header}>
                <Table.Th scope="row" className={classes.header}>
                  {header}
                </Table.Th>
                <Table.Td className={classes.samples}>{samplesOf(preview, column)}</Table.Td>
                <Table.Td>
                  <TargetSelect
                    label={`Where ${header} goes`}
                    header={header}
                    preview={preview}
                    about={about}
                    value={target}
                    error={isTwice ? 'Another column goes there too' : undefined}
                    onChange={(chosen) => placeColumn(column, chosen)}
                  />
                  {mapping === undefined || known === null ? null : (
                    <ColumnWays header={header} mapping={mapping} target={known} examples={preview.rateExamples[String(column)] ?? []} />
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
      {shown >= preview.headers.length ? null : (
        <Button variant="subtle" size="compact-md" mt="xs" onClick={() => setShown(preview.headers.length)}>
          Show the other {formatCount(preview.headers.length - shown)} columns
        </Button>
      )}
    </>
  );
}

interface ColumnWaysProps {
  header: string;
  mapping: ColumnMapping;
  target: ImportTarget;
  examples: FilePreview['rateExamples'][string];
}

/** How a column is meant, where what stands in it can be read in two ways. */
function ColumnWays({ header, mapping, target, examples }: ColumnWaysProps) {
  const { column, dateOrder, decimalMark = null, isPercent } = mapping;
  const isNumber = target.kind === 'decimal' || target.kind === 'rate' || target.own?.fieldKind === 'number';
  const isDate = target.kind === 'date' || target.kind === 'instant' || target.own?.fieldKind === 'date';
  // Where a rate stands in the column in both ways, the one is taken for the other.
  const share = target.kind === 'rate' ? examples.find(({ text }) => !Object.hasOwn(mapping.values, text)) : undefined;
  return (
    <>
      {decimalMark === null || !isNumber ? null : (
        <Select
          size="xs"
          mt={4}
          aria-label={`How numbers of ${header} are meant`}
          allowDeselect={false}
          data={[
            { value: 'comma', label: '1.250 is twelve hundred and fifty' },
            { value: 'point', label: '1.250 is one and a quarter' },
          ]}
          value={decimalMark}
          onChange={(value) => changeColumn(column, { decimalMark: value === 'comma' ? 'comma' : 'point' })}
        />
      )}
      {share === undefined ? null : (
        <Select
          size="xs"
          mt={4}
          aria-label={`Whether ${header} has percentages or fractions`}
          allowDeselect={false}
          data={[
            { value: 'percent', label: `Percentages: ${share.text} is ${formatRate(share.ifPercent)}` },
            { value: 'fraction', label: `Fractions: ${share.text} is ${formatRate(share.ifFraction)}` },
          ]}
          value={isPercent === true ? 'percent' : 'fraction'}
          onChange={(value) => changeColumn(column, { isPercent: value === 'percent' })}
        />
      )}
      {dateOrder === null || !isDate ? null : (
        <Select
          size="xs"
          mt={4}
          aria-label={`How dates of ${header} are meant`}
          allowDeselect={false}
          data={[
            { value: 'dmy', label: '3/4 is the 3rd of April' },
            { value: 'mdy', label: '3/4 is March 4th' },
          ]}
          value={dateOrder}
          onChange={(value) => changeColumn(column, { dateOrder: value === 'dmy' ? 'dmy' : 'mdy' })}
        />
      )}
    </>
  );
}

function samplesOf(preview: FilePreview, column: number): string {
  const values = preview.sample.map((row) => row[column] ?? '').filter((value) => value.trim() !== '');
  return [...new Set(values)].slice(0, 4).join(' · ') || '(empty)';
}

function CardSample({ preview }: { preview: FilePreview }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached from the keyboard
    <section className={classes.scroll} aria-label="The first cards" tabIndex={0}>
      <Table verticalSpacing={6} className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            {preview.headers.map((header) => (
              <Table.Th key={header}>{header}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.sample.map((row, at) => (
            <Table.Tr key={at}>
              {row.map((value, column) => (
                <Table.Td key={preview.headers[column]} className={classes.samples}>
                  {value}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {preview.rows > preview.sample.length ? (
        <Text size="sm" c="dimmed" mt="xs">
          and {rowsOf(preview.rows - preview.sample.length, true)} more
        </Text>
      ) : null}
    </section>
  );
}
