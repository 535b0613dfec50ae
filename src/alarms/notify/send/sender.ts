import { type MessageContext, type Notice, textOf, titleOf } from '../../model/notify/message.js';
import type { NotifyBounds } from '../bounds.js';
import type { Channel } from '../channels/channel.js';
import { failureCode, type Outcome } from '../delivery/outcome.js';
import { sendMail } from './mail.js';
import { dingtalkUrl, sendRobot } from './robot.js';
import { sendWebhook } from './webhook.js';

interface SenderOptions extends Pick<MessageContext, 'time' | 'parkName'> {
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly bounds: Pick<NotifyBounds, 'timeoutMs' | 'answerBytes'>;
  readonly mailCa?: string | undefined;
}

/** Makes one attempt to send a notice to a channel. */
export class NoticeSender {
  constructor(private readonly options: SenderOptions) {}

  /** Never throws; `closing` aborts it. */
  async send(channel: Channel, notice: Notice, closing: AbortSignal): Promise<Outcome> {
    const { timeoutMs } = this.options.bounds;
    const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]);
    try {
      return await this.attempt(channel, notice, signal);
    } catch (error) {
      return { kind: 'retry', error: failureCode(error), askedMs: null };
    }
  }

  private attempt({ target, secret, settings }: Channel, notice: Notice, signal: AbortSignal): Promise<Outcome> {
    const { clock, bounds, time, parkName, mailCa } = this.options;
    const { language } = settings;
    const text = textOf(notice, { language, time, parkName });
    if (target.kind === 'email') {
      const mail = { id: notice.id, subject: titleOf(notice, language), text };
      return sendMail(target, secret, mail, { signal, timeoutMs: bounds.timeoutMs, ca: mailCa });
    }
    const now = clock();
    const http = { url: target.url, signal, answerBytes: bounds.answerBytes, now };
    if (target.kind === 'webhook') return sendWebhook(notice, secret ?? '', time, http);
    const url = target.kind === 'dingtalk' ? dingtalkUrl(target.url, secret, now) : target.url;
    const tokens = [...new URL(url).searchParams.values()].filter((value) => value.length > 5);
    return sendRobot(target.kind, text, [secret, ...tokens], { ...http, url });
  }
}
