import mqemitter, { type MQEmitter } from 'mqemitter';

/**
 * An emitter that hands a message to its subscribers and does not wait for their sockets: a subscriber that does not
 * read must not hold back the gateways that publish. What it may pile up is bounded where it is forwarded.
 */
export function emitterThatNeverWaits(): MQEmitter {
  const emitter = mqemitter({ concurrency: 0, matchEmptyLevels: true });
  const emit = emitter.emit.bind(emitter);
  emitter.emit = (message, done) => {
    emit(message);
    done?.();
    return emitter;
  };
  return emitter;
}
