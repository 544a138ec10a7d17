/** Whether a key has just come, and the person has not said that they read so. */
import type { Phase } from '../bindings/wire';

/** From these a key comes by signing in; from others it was there before. */
const SIGNING_IN: Phase['kind'][] = ['disconnected', 'connecting', 'chooseSeal'];

export class Arrival {
  shown = $state(false);
  private key = '';
  private signingIn = false;

  /** Looks at each phase, in order. */
  see(phase: Phase): void {
    if (phase.kind === 'connected') {
      const { maskedKey } = phase.account;
      // After a sign-in that was cancelled it is the same key again.
      if (this.signingIn && maskedKey !== this.key) this.shown = true;
      this.key = maskedKey;
    } else {
      this.shown = false;
      if (phase.kind === 'disconnected') this.key = '';
    }
    this.signingIn = SIGNING_IN.includes(phase.kind);
  }

  dismiss(): void {
    this.shown = false;
  }
}
