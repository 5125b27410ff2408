import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type HeapEntry, TimerHeap } from './timer-heap.ts';

interface Entry extends HeapEntry {
  readonly name: string;
}

function entry(dueMs: number, sequence: number): Entry {
  return { dueMs, sequence, position: -1, name: `${dueMs}#${sequence}` };
}

test('An empty heap has no first entry and nothing to take out.', () => {
  const heap = new TimerHeap<Entry>();
  expect(heap.first).toBeUndefined();
  expect(heap.size).toBe(0);
  expect(heap.remove(entry(1, 1))).toBe(false);
});

test('An entry can be taken out once, and then put in again.', () => {
  const heap = new TimerHeap<Entry>();
  const it = entry(5, 0);
  heap.add(it);
  expect([heap.remove(it), heap.remove(it), heap.size]).toEqual([true, false, 0]);
  heap.add(it);
  expect(heap.first).toBe(it);
});

test('The heap agrees with a sorted list under any additions and removals, ties by age.', () => {
  const operations = fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('add' as const), dueMs: fc.integer({ min: 0, max: 50 }) }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('take' as const) }) },
    ),
    { maxLength: 80, size: 'max' },
  );
  fc.assert(
    fc.property(operations, (steps) => {
      const heap = new TimerHeap<Entry>();
      let model: Entry[] = [];
      let sequence = 0;
      for (const step of steps) {
        if (step.kind === 'add') {
          const added = entry(step.dueMs, sequence++);
          heap.add(added);
          model.push(added);
          model.sort((one, other) => one.dueMs - other.dueMs || one.sequence - other.sequence);
        } else {
          const gone = step.kind === 'take' ? model[0] : model[step.which % Math.max(1, model.length)];
          if (gone === undefined) continue;
          expect(heap.remove(gone)).toBe(true);
          model = model.filter((other) => other !== gone);
        }
        expect(`${heap.first?.name} of ${heap.size}`).toBe(`${model[0]?.name} of ${model.length}`);
      }
      for (const next of model) {
        expect(heap.first?.name).toBe(next.name);
        heap.remove(next);
      }
    }),
  );
});
