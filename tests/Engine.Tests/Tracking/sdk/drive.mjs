// Does with Segment's SDK what a server does with it: node drive.mjs < ORDERS > DELIVERIES. ORDERS: {host, writeKey, settings, calls: [[method, message], …]}.
// All calls are made at once, and then flushed; DELIVERIES says how the SDK was answered, and which calls it says it delivered.
import { readFileSync } from 'node:fs';
import { Analytics } from '@segment/analytics-node';

const { host, writeKey, settings, calls } = JSON.parse(readFileSync(0, 'utf8'));
const analytics = new Analytics({ host, writeKey, ...settings });
const answers = [];
analytics.on('http_response', response => answers.push(response.status));
const delivered = await Promise.all([
  ...calls.map(([method, message]) => new Promise(resolve => analytics[method](message, error => resolve(!error)))),
  analytics.closeAndFlush(),
]);
process.stdout.write(JSON.stringify({ answers, delivered: delivered.slice(0, -1) }));
