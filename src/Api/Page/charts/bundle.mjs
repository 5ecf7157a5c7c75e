// Makes the page's charts: node bundle.mjs FILE. Fetches the locked packages into a folder of its own beside FILE, and bundles charts.js.
// Builds that run at one time wait for one of them to do it; FILE appears whole or not at all. Where it cannot be made, the reason is printed
// and the exit code is 1; it stands in FILE.failed too, so that builds without a network do not wait for npm again and again.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, renameSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const npmMilliseconds = 120_000;
const lockMilliseconds = npmMilliseconds + 60_000;
const failureMinutes = 60;
const inputs = ['package.json', 'package-lock.json', '.npmrc', 'charts.js', 'bundle.mjs'];

const here = dirname(fileURLToPath(import.meta.url));
const file = resolve(process.argv[2]);
const lock = `${file}.lock`;
const failure = `${file}.failed`;
const inputsAt = Math.max(...inputs.map(input => statSync(join(here, input)).mtimeMs));

function isCurrent() {
  return existsSync(file) && inputsAt <= statSync(file).mtimeMs;
}

// Throws what an earlier build of the same inputs failed with, while that is fresh.
function recallFailure() {
  if (!existsSync(failure)) return;
  const minutes = (Date.now() - statSync(failure).mtimeMs) / 60_000;
  const [at, reason] = readFileSync(failure, 'utf8').split('\n');
  if (Number(at) !== inputsAt || minutes < 0 || minutes >= failureMinutes) return;
  const again = relative(join(here, '../../../..'), failure);
  throw new Error(`${reason}, ${Math.floor(minutes)} min ago; that is tried again after ${failureMinutes} min, or at once when ${again} is deleted`);
}

function takeLock() {
  try {
    const handle = openSync(lock, 'wx');
    writeSync(handle, `${process.pid}`);
    closeSync(handle);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

// A build that was killed leaves its lock behind.
function isLeftBehind() {
  try {
    if (Date.now() - statSync(lock).mtimeMs > lockMilliseconds) return true;
    const holder = Number(readFileSync(lock, 'utf8'));
    if (holder > 0) process.kill(holder, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

function fetchPackages(folder) {
  const windows = process.platform === 'win32';
  const npm = spawnSync(windows ? 'npm.cmd' : 'npm', ['ci', '--loglevel=error'], { cwd: folder, encoding: 'utf8', timeout: npmMilliseconds, shell: windows });
  if (npm.error?.code === 'ENOENT') throw new Error('npm was not found', { cause: npm.error });
  if (npm.error?.code === 'ETIMEDOUT') throw new Error(`npm did not end within ${npmMilliseconds / 1000} seconds`);
  if (npm.error) throw npm.error;
  if (npm.status !== 0) {
    const code = /^npm (?:error|ERR!) code (\S+)/m.exec(npm.stderr)?.[1] ?? `it ended with ${npm.status}`;
    throw new Error(`npm could not fetch the packages (${code})`);
  }
}

async function bundle(folder) {
  const { build } = await import(pathToFileURL(join(folder, 'node_modules/esbuild/lib/main.js')));
  const packages = join(folder, 'node_modules');
  const text = path => readFileSync(join(packages, path), 'utf8').trim();
  const { version } = JSON.parse(text('echarts/package.json'));
  const notices = [
    `Apache ECharts ${version}, under the Apache License, Version 2.0 (https://www.apache.org/licenses/LICENSE-2.0), in part.`,
    text('echarts/NOTICE'), text('echarts/licenses/LICENSE-d3'), 'It contains ZRender:', text('zrender/LICENSE'),
  ];
  await build({
    entryPoints: [join(folder, 'charts.js')],
    outfile: join(folder, 'bundle.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2020',
    legalComments: 'none',
    banner: { js: `/*!\n${notices.join('\n\n').replaceAll('*/', '* /')}\n*/` },
    logLevel: 'silent',
  });
}

async function make() {
  const folder = mkdtempSync(join(dirname(file), 'charts-'));
  try {
    for (const input of inputs) copyFileSync(join(here, input), join(folder, input));
    fetchPackages(folder);
    await bundle(folder);
    renameSync(join(folder, 'bundle.js'), file);
    rmSync(failure, { force: true });
  } catch (error) {
    // That there is no npm is found out again in no time.
    if (error.cause?.code !== 'ENOENT') writeFileSync(failure, `${inputsAt}\n${error.message.split('\n')[0]}\n`);
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  mkdirSync(dirname(file), { recursive: true });
  let made = isCurrent();
  while (!made) {
    if (takeLock()) {
      try {
        if (!isCurrent()) {
          recallFailure();
          await make();
        }
        made = true;
      } finally {
        rmSync(lock, { force: true });
      }
    } else if (isLeftBehind()) {
      rmSync(lock, { force: true });
    } else {
      await pause(200);
    }
  }
} catch (error) {
  const built = existsSync(file) ? 'with the charts of an earlier build' : 'without charts';
  console.log(`The page is built ${built}: ${error.message}. They need Node.js 20 or later with npm, and its registry; then build again.`);
  process.exitCode = 1;
}
