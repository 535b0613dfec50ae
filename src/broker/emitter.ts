import mqemitter, { type MQEmitter } from 'mqemitter';

/**
 * An emitter that hands a message to its subscribers and does not wait for their sockets: a subscriber that does not
 * read must not hold back the gateways that publish. What it may pile up is bounded where it is forwarded. While nobody
 * subscribes to anything, matching is spared altogether. Nor does who subscribes wait: what is said of a subscription in
 * the same bytes, such as its end, must find it as it was left.
 */
export function emitterThatNeverWaits(): { readonly emitter: MQEmitter; readonly hasSubscribers: () => boolean } {
  const emitter = mqemitter({ concurrency: 0, matchEmptyLevels: true });
  const emit = emitter.emit.bind(emitter);
  const on = emitter.on.bind(emitter);
  const removeListener = emitter.removeListener.bind(emitter);
  let subscribers = 0;

  emitter.on = (topic, listener, done) => {
    if (!isSystem(topic)) subscribers += 1;
    on(topic, listener);
    done?.();
    return emitter;
  };
  emitter.removeListener = (topic, listener, done) => {
    if (!isSystem(topic)) subscribers -= 1;
    removeListener(topic, listener);
    done?.();
    return emitter;
  };
  emitter.emit = (message, done) => {
    if (subscribers > 0 || isSystem(message.topic)) emit(message);
    done?.();
    return emitter;
  };
  return { emitter, hasSubscribers: () => subscribers > 0 };
}

/** `$SYS` topics carry the broker's own bookkeeping, and its handlers are there from the start. */
function isSystem(topic: string): boolean {
  return topic.charCodeAt(0) === 0x24;
}
