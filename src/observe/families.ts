import type { Family } from '../model/metric-family.js';
import type { Components } from './components.js';
import { door, http, sockets } from './families/faces.js';
import { broker, registry } from './families/gateways.js';
import { history } from './families/history.js';
import { intake, storage } from './families/storage.js';

/** The service's own metrics; capabilities bring theirs. */
export function familiesOf(components: Components): readonly Family[] {
  return [
    ...storage(components),
    ...intake(components),
    ...history(components),
    ...registry(components),
    ...broker(components),
    ...sockets(components),
    ...http(components),
    ...door(components),
  ];
}
