import { bottlecrm } from '../../../../shared/dialects/bottlecrm.ts';
import { casework } from '../../../../shared/dialects/casework.ts';
import type { Dialect, Resource } from '../../../../shared/dialects/dialect.ts';
import { programs } from '../../../../shared/dialects/programs.ts';
import type { Shape } from '../../../../shared/dialects/shape.ts';
import { skhokho } from '../../../../shared/dialects/skhokho.ts';
import { summit } from '../../../../shared/dialects/summit.ts';

export const dialects: readonly Dialect[] = [skhokho, programs, summit, casework, bottlecrm];

export const resources: readonly (readonly [string, Dialect, Resource])[] = dialects.flatMap((dialect) =>
  dialect.resources.map((resource) => [`${dialect.name} ${resource.name}`, dialect, resource] as const),
);

/** Whether a shape says what another one says already, with less of it required. */
export const isPartOfAnother = (name: string): boolean =>
  name.endsWith('(change)') && shapes.some(([other]) => other === name.replace('(change)', '(create)'));

/** Every shape of every resource: its answer, and what creating and updating say. */
export const shapes: readonly (readonly [string, Shape])[] = resources.flatMap(([name, , resource]) =>
  (['answer', 'create', 'change'] as const).flatMap((use) => {
    const shape = resource[use];
    return shape === null ? [] : [[`${name} (${use})`, shape] as const];
  }),
);
