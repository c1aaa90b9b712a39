import { Button, Group, Select, Table } from '@mantine/core';
import type { FilePreview, ImportPlan } from '../../../shared/contracts/transfer.contract.ts';
import { targetLabel } from '../../../shared/nouns/import-target.ts';
import { changeColumn, goTo, meaningOf, type ValueColumn, valueColumns } from './import-flow.ts';
import classes from './import-screen.module.css';

/** Not a value of the book: the person wants the text as it is, or nothing at all. */
const KEEP = '(keep)';
const EMPTY = '(empty)';

/** What the words of the file mean in the book. */
export function ValuesStep({ preview, plan }: { preview: FilePreview; plan: ImportPlan }) {
  const columns = valueColumns(preview, plan);
  return (
    <>
      <p className={classes.lead}>These columns hold words of which the book has its own. Say what each of them means.</p>
      {columns.map((column) => (
        <ColumnValues
          key={column.column}
          column={column}
          mapped={plan.columns.find((mapping) => mapping.column === column.column)?.values ?? {}}
        />
      ))}
      <Group className={classes.foot}>
        <Button variant="default" onClick={() => goTo('columns')}>
          Back
        </Button>
        <Button onClick={() => goTo('check')}>Next</Button>
      </Group>
    </>
  );
}

function ColumnValues({
  column: { column, header, target, values },
  mapped,
}: {
  column: ValueColumn;
  mapped: Readonly<Record<string, string>>;
}) {
  const isOpen = target.kind === 'openChoice';
  const choices = target.kind === 'boolean' ? { yes: 'Yes', no: 'No' } : (target.choices ?? {});
  const data = [
    ...(isOpen ? [{ value: KEEP, label: 'Keep the word' }] : []),
    ...Object.entries(choices).map(([value, label]) => ({ value, label })),
    { value: EMPTY, label: 'Leave empty' },
  ];
  const chosenFor = (text: string): string | null => {
    const value = mapped[text];
    if (value === '') return EMPTY;
    if (value !== undefined) return value in choices ? value : KEEP;
    return meaningOf(target, text) ?? (isOpen ? KEEP : null);
  };
  const choose = (text: string, value: string | null) => {
    if (value === null) return;
    changeColumn(column, { values: { ...mapped, [text]: value === KEEP ? text : value === EMPTY ? '' : value } });
  };
  return (
    <section className={classes.valueColumn} aria-label={`Values of ${header}`}>
      <h2 className={classes.subtitle}>
        {header} <span className={classes.goesTo}>to {targetLabel(target)}</span>
      </h2>
      <Table verticalSpacing={4} className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>In the file</Table.Th>
            <Table.Th w={340}>In the book</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {values.map((text) => {
            const chosen = chosenFor(text);
            return (
              <Table.Tr key={text}>
                <Table.Th scope="row" className={classes.header}>
                  {text}
                </Table.Th>
                <Table.Td>
                  <Select
                    size="xs"
                    aria-label={`What ${text} means`}
                    data={data}
                    value={chosen}
                    searchable
                    allowDeselect={false}
                    placeholder="Choose what it means"
                    error={chosen === null ? 'Rows with this word cannot be imported yet' : undefined}
                    onChange={(value) => choose(text, value)}
                  />
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </section>
  );
}
