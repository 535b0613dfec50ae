import mqemitter, { type MQEmitter } from 'mqemitter';

/**
 * An emitter that hands a message to its subscribers without waiting for their sockets: a subscriber that does not read
 * must not hold back the gateways that publish. `authorizeForward` bounds the bytes that pile up. Skips matching while
 * no client has a subscription. Subscribing does not wait either: an UNSUBSCRIBE in the same chunk must find the
 * subscription.
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

/** `$SYS` topics carry aedes' own messages; aedes adds their handlers at the start. */
function isSystem(topic: string): boolean {
  return topic.charCodeAt(0) === 0x24;
}
