import { seededRandom } from '@cryo/resilience/testing';
import { describe, expect, it } from 'vitest';
import { serviceTimes } from './service-time.ts';
import { Wire, WireFault } from './wire.ts';

const forever = () => 1_000_000;

describe('a wire', () => {
  it('lets a request across a sound connection', async () => {
    const wire = new Wire(() => 0);
    const connection = {};
    wire.opened(connection);
    await expect(wire.cross(connection)).resolves.toBeUndefined();
  });

  it('fails the request on the way, tells the owner and refuses later use when it is killed', async () => {
    const wire = new Wire(forever);
    const connection = {};
    const told: unknown[] = [];
    wire.opened(connection);
    wire.watch(connection, (error) => told.push(error));
    const crossing = wire.cross(connection);
    expect(wire.kill()).toBe(1);
    await expect(crossing).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(wire.cross(connection)).rejects.toBeInstanceOf(WireFault);
    expect(told).toHaveLength(1);
  });

  it('tells nobody who has stopped watching', () => {
    const wire = new Wire(() => 0);
    const connection = {};
    const told: unknown[] = [];
    wire.opened(connection);
    wire.watch(connection, (error) => told.push(error))();
    wire.kill();
    expect(told).toEqual([]);
  });

  it('refuses dials while afflicted so, and lets them through once healed', () => {
    const wire = new Wire(() => 0);
    wire.afflict(['dial-failures']);
    expect(() => wire.dial()).toThrow(WireFault);
    wire.heal();
    expect(() => wire.dial()).not.toThrow();
  });

  it('fails the request on the way when our end hangs up', async () => {
    const wire = new Wire(forever);
    const connection = {};
    wire.opened(connection);
    const crossing = wire.cross(connection);
    wire.closed(connection);
    await expect(crossing).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  it('does not kill what was closed before', () => {
    const wire = new Wire(() => 0);
    const connection = {};
    wire.opened(connection);
    wire.closed(connection);
    expect(wire.kill()).toBe(0);
  });
});

describe('the service time', () => {
  it('has the median asked for, a tail, and repeats by seed', () => {
    const draw = serviceTimes(8, seededRandom(7));
    const times = Array.from({ length: 20_001 }, draw).sort((one, other) => one - other);
    expect(times[10_000]).toBeCloseTo(8, 0);
    expect(times[19_800]).toBeGreaterThan(20);
    expect(times[0]).toBeGreaterThan(0);
    expect(serviceTimes(8, seededRandom(7))()).toBe(serviceTimes(8, seededRandom(7))());
  });

  it('is nothing when nothing is asked for', () => {
    expect(serviceTimes(0, seededRandom(1))()).toBe(0);
  });
});
