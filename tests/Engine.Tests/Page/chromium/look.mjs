// Looks at pages as people would: node look.mjs CHROMIUM < VISITS > FINDINGS. A visit has a name, a url, width, height and dark, a file for its
// screenshot, and what to do there: nothing, "open" (whatever can be opened), "carriers" (have influencers looked for), "recompute", "unread" (the same while a table's job runs, and nothing can be read once it is started), or
// "key" with the key to type after one that none can be.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const patience = 60_000;
const visits = JSON.parse(readFileSync(0, 'utf8'));
const profile = mkdtempSync(join(tmpdir(), 'auie-chromium-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.argv[2],
  headless: true,
  viewport: null,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

try {
  const findings = [];
  for (const visit of visits) findings.push(await look(visit));
  process.stdout.write(JSON.stringify(findings));
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}

async function look(visit) {
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const errors = [];
  const requests = [];
  const phases = new Set();
  page.on('console', message => ['error', 'warning'].includes(message.type()) && errors.push(message.text()));
  page.on('pageerror', error => errors.push(error.message));
  page.on('request', request => requests.push(request.url()));
  await page.setViewportSize({ width: visit.width, height: visit.height });
  await page.emulateMedia({ colorScheme: visit.dark ? 'dark' : 'light' });
  if (visit.do === 'unread') {
    const jobs = [{ id: 'table', state: 'running', phase: 'k-means', progress: .5, createdAt: new Date(), request: { table: 'somebodys', kMin: 2, kMax: 3 } }];
    await page.route('**/api/jobs', route => (route.request().method() === 'GET' ? route.fulfill({ json: { jobs } }) : route.continue()));
  }

  await page.goto(visit.url);
  let ended = '';
  let refused = '';
  if (visit.do === 'key') {
    await page.fill('#key', 'auie_schlüssel');
    await page.press('#key', 'Enter');
    refused = await page.textContent('#failure');
    await page.fill('#key', visit.key);
    await page.press('#key', 'Enter');
  }

  await page.waitForSelector('#content section');
  if (visit.do === 'recompute' || visit.do === 'unread') {
    await page.exposeFunction('phaseSeen', phase => phases.add(phase));
    await page.evaluate(() => new MutationObserver(() => phaseSeen(document.getElementById('phase').textContent))
      .observe(document.getElementById('phase'), { childList: true, characterData: true, subtree: true }));
    await page.fill('#kmin', '2');
    await page.fill('#kmax', '4');
    if (visit.do === 'unread') await page.route('**/api/overview', route => route.abort());
    await page.focus('#start');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.getElementById('ended').textContent !== '');
    ended = await page.textContent('#ended');
  }

  if (visit.do === 'carriers') {
    await page.click('#carriers');
    await page.waitForSelector('#influencers .cardwise');
  }

  if (visit.do === 'open') await page.evaluate(() => document.querySelectorAll('details').forEach(details => { details.open = true; }));

  const seen = await page.evaluate(inspect);
  await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
  await page.screenshot({ path: visit.screenshot, fullPage: true });
  // What stands in details is read, too.
  seen.text = await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
    return document.body.innerText;
  });
  await page.close();
  return { name: visit.name, errors, requests, phases: [...phases], ended, refused, ...seen };
}

// Runs in the page.
function inspect() {
  const edge = document.documentElement.clientWidth;
  const name = element => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}.${element.getAttribute('class') ?? ''} ${element.textContent.trim().slice(0, 40)}`;
  const scrolls = element => element && (['auto', 'scroll', 'hidden'].includes(getComputedStyle(element).overflowX) && element !== document.body || scrolls(element.parentElement));
  const beyond = [...document.body.querySelectorAll('*')].filter(element => {
    const { width, height, left, right } = element.getBoundingClientRect();
    return width > 0 && height > 0 && right > 0 && (right > edge + 1 || left < -1) && !scrolls(element.parentElement);
  });
  const boxes = [...document.querySelectorAll('.chart')];
  // A text of a chart that leaves its box is cut; one that touches another one cannot be read.
  const texts = boxes.flatMap(box => {
    const outer = box.getBoundingClientRect();
    return [...box.querySelectorAll('text')].filter(text => {
      const inner = text.getBoundingClientRect();
      return inner.left < outer.left - 2 || inner.right > outer.right + 2 || inner.top < outer.top - 2 || inner.bottom > outer.bottom + 2;
    }).map(text => `${box.getAttribute('aria-label').slice(0, 40)}: ${text.textContent}`);
  });
  return {
    wide: document.documentElement.scrollWidth > innerWidth,
    cut: [...beyond.map(name), ...texts],
    charts: boxes.length,
    drawn: boxes.filter(box => box.querySelectorAll('svg path').length > 2 && box.querySelectorAll('svg text').length > 0).length,
    unlabelled: [...document.querySelectorAll('[role=img], input, select, progress')].filter(element =>
      !element.getAttribute('aria-label') && !(element.labels?.length > 0)).map(name),
    headings: [...document.querySelectorAll('h1, h2, h3')].filter(heading => heading.offsetParent).map(heading => heading.textContent),
    background: getComputedStyle(document.body).backgroundColor,
  };
}
