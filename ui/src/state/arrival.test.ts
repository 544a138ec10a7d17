import { describe, expect, it } from 'vitest';
import type { Account, Attempt, Phase } from '../bindings/wire';
import { Arrival } from './arrival.svelte';

const connected = (maskedKey: string): Phase => ({ kind: 'connected', account: { maskedKey } as Account });
const disconnected: Phase = { kind: 'disconnected', ended: null };
const connecting: Phase = { kind: 'connecting', attempt: {} as Attempt };

function after(...phases: Phase[]): boolean {
  const arrival = new Arrival();
  phases.forEach((phase) => arrival.see(phase));
  return arrival.shown;
}

describe('the arrival of a key', () => {
  it('is told after a sign-in, in the browser or with a key', () => {
    expect(after(disconnected, connecting, connected('a'))).toBe(true);
    expect(after(disconnected, connected('a'))).toBe(true);
    expect(after(connected('a'), connecting, connected('b'))).toBe(true);
    // It stays until it is read.
    expect(after(disconnected, connected('a'), connected('a'))).toBe(true);
  });

  it('is not told when the key was there before', () => {
    expect(after({ kind: 'opening' }, connected('a'))).toBe(false);
    expect(after({ kind: 'locked', passphrase: true, problem: null }, connected('a'))).toBe(false);
    expect(after(connected('a'), connecting, connected('a'))).toBe(false);
    expect(after(connected('a'), connected('b'))).toBe(false);
  });

  it('is told again when the same key comes after disconnecting, and not twice', () => {
    expect(after(connected('a'), disconnected, connected('a'))).toBe(true);
    const arrival = new Arrival();
    [disconnected, connected('a')].forEach((phase) => arrival.see(phase));
    arrival.dismiss();
    arrival.see(connected('a'));
    expect(arrival.shown).toBe(false);
  });
});
